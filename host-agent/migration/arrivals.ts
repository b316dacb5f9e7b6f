// VMs that other hosts may send here: room made for each, and a permit that lets it in once. Of the token only a hash is kept.
// What was made is written down, so that whatever ends on the way (this agent too) leaves either the VM or nothing; and what has
// become of it, for the source may ask late.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { CommandId, VmId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Reply } from '../../src/lib/protocol/schema.ts';
import type { ArrivalState, Coming, Made, Migration, StreamKind, Unmoved, Visitor } from '../drivers/migration.ts';
import { syncDirectory, writeDurably } from '../files/durable.ts';
import type { Log } from '../log.ts';
import type { ArrivalRecord, By } from './arrival-record.ts';
import { isArrivalFile, parseArrival, printArrival } from './arrival-file.ts';
import type { WrittenArrival } from './arrival-file.ts';
import { Outcomes } from './outcomes.ts';
import type { End } from './outcomes.ts';
import { hashOf, sameHash } from './token.ts';

export type ArrivalsOptions = {
  /** Where what was made is written down, a file for each VM. */
  readonly directory: string;
  /** Null: this host's driver cannot take VMs. */
  readonly migration: Migration | null;
  /** Why not, where the driver says. */
  readonly unmoved?: Unmoved | null;
  readonly now: () => number;
  readonly log: Log;
  /** Where it is told that a VM came, or did not. */
  readonly record?: ArrivalRecord;
};

export type Permit = NonNullable<Reply['permit']>;

/** ms in which the source has to come. */
export const PERMIT_LIFETIME = 300_000;
const MAX_WAITING = 16;
const LOOK_EVERY = 1_000;
/** ms an incoming VM without its sender gets to become either; libvirt ends it by itself when it sees that the other is gone. */
const LET_GO = 30_000;
/** ms in which a hypervisor that is there says what it has of a VM. */
const ANSWERS = 5_000;

type Arrival = {
  readonly vm: VmId;
  readonly name: string;
  readonly made: readonly Made[];
  /** Pin of the host that has it, and no other may bring it. */
  readonly from: string;
  /** Once it has arrived, it starts with this host. */
  readonly autostart: boolean;
  /** SHA-256 of the token. */
  readonly hash: string;
  /** Who has had room made; null: another run of the agent knew. */
  readonly by: By | null;
  /** In the journal, of its coming; null: not yet. */
  entry: CommandId | null;
  /** Resolves when that is written down. Never rejects. */
  noted: Promise<void>;
  readonly expires: number;
  /** Who has come with the token; a second one is refused. */
  claimedBy: object | null;
  readonly streams: Set<Duplex>;
  over: Promise<ArrivalState> | null;
  /** Where it came from it goes on, by the word of an operator: nothing of it may be here. */
  stays: boolean;
  /** It has been found to be here for good. */
  arrived: boolean;
  timer: NodeJS.Timeout | null;
};

/** Of the run of the agent before this one. */
const EARLIER = {};
const unable = (reason: string, instead: string): Outcome<never> =>
  refused('unsupported', { what: 'moving a VM here', reason, instead });

export class Arrivals {
  readonly #o: ArrivalsOptions;
  readonly #arrivals = new Map<VmId, Arrival>();
  readonly #outcomes: Outcomes;
  /** The way back, where to be reached: known once the agent listens. */
  #reach: { readonly url: string; readonly pin: string } | null = null;
  #closed = false;

  constructor(options: ArrivalsOptions) {
    this.#o = options;
    this.#outcomes = new Outcomes(join(options.directory, 'ended.json'), options.now);
  }

  /** The sockets' directory that source and target must agree on; empty where nothing can come. */
  get sockets(): string {
    return this.#o.migration?.sockets ?? '';
  }

  reachedAt(url: string, pin: string): void {
    this.#reach = { url, pin };
  }

  /** Makes room, and a permit. One that was given for the same VM before, and has not been used, is void. */
  async prepare(coming: Coming, by: By | null = null): Promise<Outcome<Permit>> {
    const { migration, now, log } = this.#o;
    if (migration === null || this.#reach === null) {
      const { reason = 'this host cannot take VMs of other hosts', instead = '' } = this.#o.unmoved ?? {};
      return unable(reason, instead);
    }
    const before = this.#arrivals.get(coming.vm);
    if (before !== undefined) {
      const busy = refused('busy', { what: coming.name, by: 'moving here already' });
      if (before.claimedBy !== null && before.over === null) return busy;
      // What is written of it is needed until it is settled.
      if ((await this.#conclude(before)) === 'arriving') return busy;
    }
    if ([...this.#arrivals.values()].filter(({ over }) => over === null).length >= MAX_WAITING)
      return refused('busy', { what: 'the host', by: 'other VMs that move here' });
    const token = randomBytes(32).toString('base64url');
    const { vm, name, from, autostart } = coming;
    const written = { vm, name, from, autostart: autostart ?? false, hash: hashOf(token), stays: false, entry: null };
    let outcome: Outcome<readonly Made[]>;
    try {
      // What is not written down before it is made would outlive the end of this agent.
      outcome = await migration.prepare(coming, (made) => this.#write({ ...written, made }));
    } catch (thrown) {
      await rm(this.#file(vm), { force: true });
      throw thrown;
    }
    if (outcome.status === 'refused') {
      await rm(this.#file(vm), { force: true });
      return outcome;
    }
    const expires = now() + PERMIT_LIFETIME;
    const arrival: Arrival = {
      ...written,
      made: outcome.value,
      by,
      noted: Promise.resolve(),
      expires,
      claimedBy: null,
      streams: new Set(),
      over: null,
      arrived: false,
      timer: null
    };
    this.#arrivals.set(vm, arrival);
    arrival.timer = setTimeout(() => void this.#conclude(arrival), PERMIT_LIFETIME).unref();
    log('info', 'arrival-prepared', { vm, volumes: outcome.value.length });
    return done({ ...this.#reach, token, expires: millis(expires) });
  }

  /** What a VM that may come, or is coming, is called; null: none such. */
  nameOf(vm: VmId): string | null {
    return this.#arrivals.get(vm)?.name ?? null;
  }

  /** Takes the permit back, and the room. A VM that has arrived stays. */
  async release(vm: VmId): Promise<Outcome<ArrivalState>> {
    const arrival = this.#arrivals.get(vm);
    if (arrival === undefined) return refused('not-found', { kind: 'preparation for VM', id: vm });
    return done(await this.#conclude(arrival));
  }

  /** Lets the bearer in; null: unknown, expired, used or another host's. Nothing else is said, and it takes the same time. */
  claim(token: string, by: object, pin: string | null): VmId | null {
    const arrival = this.#find(token, pin);
    if (arrival?.claimedBy !== null || arrival.over !== null || arrival.expires < this.#o.now()) return null;
    arrival.claimedBy = by;
    if (arrival.timer !== null) clearTimeout(arrival.timer);
    this.#o.log('info', 'arrival-begun', { vm: arrival.vm });
    arrival.noted = this.#note(arrival, true);
    return arrival.vm;
  }

  /** The VM whose permit this peer has used; null: none. */
  visitor(token: string, by: object, pin: string | null): Visitor | null {
    const arrival = this.#find(token, pin);
    return arrival?.claimedBy === by && arrival.over === null ? { id: arrival.vm, name: arrival.name } : null;
  }

  /** A stream for the VM whose permit the same peer has used; null: not that one. */
  connect(token: string, by: object, pin: string | null, kind: StreamKind): Duplex | null {
    const arrival = this.#find(token, pin);
    if (arrival?.claimedBy !== by || arrival.over !== null || this.#o.migration === null) return null;
    if (arrival.streams.size >= MAX_STREAMS) return null;
    const stream = this.#o.migration.connect(arrival.vm, kind);
    arrival.streams.add(stream);
    return stream.once('close', () => arrival.streams.delete(stream));
  }

  /** What has become of the VM, for the bearer; null: unknown. It asks when it is done, so the VM that is here is shown now. */
  async outcome(token: string, pin: string | null): Promise<ArrivalState | null> {
    const arrival = this.#find(token, pin);
    if (arrival === null) return pin === null ? null : this.#outcomes.of(hashOf(token), pin);
    return arrival.claimedBy === null ? null : this.#conclude(arrival);
  }

  /**
   * The VM goes on where it came from, by the word of an operator. `absent`: it does not run here, or will be ended as soon as the
   * hypervisor answers. `arrived`: too late. Null: unknown, or that cannot be done here.
   */
  async stays(token: string, pin: string | null): Promise<End | null> {
    const arrival = this.#find(token, pin);
    if (arrival === null) return pin === null ? null : this.#outcomes.of(hashOf(token), pin);
    if (arrival.claimedBy === null || (this.#o.migration?.evict ?? null) === null) return null;
    const over = this.#conclude(arrival);
    const state = await within(ANSWERS, over);
    if (arrival.arrived || (state !== null && state !== 'arriving')) {
      const end = await over;
      return end === 'arriving' ? null : end;
    }
    arrival.stays = true;
    await this.#write(arrival);
    this.#o.log('warn', 'arrival-given-up', { vm: arrival.vm });
    void this.#conclude(arrival);
    return 'absent';
  }

  /** The connection of this peer has ended. */
  left(by: object): void {
    for (const arrival of this.#arrivals.values()) {
      if (arrival.claimedBy === by && arrival.over === null) void this.#conclude(arrival);
    }
  }

  /** Settles what an earlier run of the agent has left. @returns what the journal's entries of it are called */
  async recover(): Promise<ReadonlySet<CommandId>> {
    const { directory, migration, log } = this.#o;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await this.#outcomes.read();
    const entries = new Set<CommandId>();
    for (const file of await readdir(directory)) {
      if (!isArrivalFile(file)) continue;
      const written = parseArrival(join(directory, file), await readFile(join(directory, file), 'utf8'));
      if (migration === null) continue;
      log('warn', 'arrival-interrupted', { vm: written.vm });
      const arrival = {
        ...written,
        by: null,
        noted: Promise.resolve(),
        expires: 0,
        claimedBy: EARLIER,
        streams: new Set<Duplex>(),
        over: null,
        arrived: false,
        timer: null
      };
      this.#arrivals.set(arrival.vm, arrival);
      if (arrival.entry !== null) entries.add(arrival.entry);
      void this.#conclude(arrival);
    }
    return entries;
  }

  /** What is under way is settled at the next start. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#arrivals.values()) if (timer !== null) clearTimeout(timer);
  }

  #find(token: string, pin: string | null): Arrival | null {
    const hash = hashOf(token);
    let found: Arrival | null = null;
    for (const arrival of this.#arrivals.values()) {
      if (sameHash(arrival.hash, hash) && arrival.from === pin) found = arrival;
    }
    return found;
  }

  /** The VM is here for good, or nothing of it: whichever, it is so when this resolves. Never rejects. */
  #conclude(arrival: Arrival): Promise<ArrivalState> {
    arrival.over ??= this.#settle(arrival)
      .then((state) => this.#ended(arrival, state))
      .catch((thrown: unknown): ArrivalState => {
        this.#o.log('error', 'arrival-not-concluded', { vm: arrival.vm, reason: Fault.from(thrown).message });
        return 'arriving';
      })
      .then((state) => {
        // Whoever asks again makes it be tried again.
        if (state === 'arriving') arrival.over = null;
        return state;
      });
    return arrival.over;
  }

  async #ended(arrival: Arrival, state: ArrivalState): Promise<ArrivalState> {
    const { vm, from, hash } = arrival;
    this.#o.log('info', 'arrival-over', { vm, state });
    if (arrival.timer !== null) clearTimeout(arrival.timer);
    if (state === 'arriving') return state;
    // First what the source will ask for: without it, it would have to leave the VM still.
    if (arrival.claimedBy !== null) await this.#outcomes.add({ hash, from, state });
    await arrival.noted;
    if (arrival.claimedBy === null && this.#o.now() >= arrival.expires) await this.#note(arrival, false);
    const came = arrival.claimedBy === null ? 'unused' : state === 'absent' && arrival.stays ? 'stays' : state;
    if (arrival.entry !== null) await this.#o.record?.end(arrival.entry, came).catch(this.#unnoted(vm));
    await rm(this.#file(vm), { force: true });
    if (this.#arrivals.get(vm) === arrival) this.#arrivals.delete(vm);
    return state;
  }

  /** Its entry in the journal. What cannot be written keeps no VM away. Never rejects. */
  async #note(arrival: Arrival, kept: boolean): Promise<void> {
    const { vm, name, by } = arrival;
    if (by === null || this.#o.record === undefined) return;
    try {
      arrival.entry = await this.#o.record.begin(vm, name, by);
      if (kept) await this.#write(arrival);
    } catch (thrown) {
      this.#unnoted(vm)(thrown);
    }
  }

  #unnoted(vm: VmId): (thrown: unknown) => void {
    return (thrown) => this.#o.log('error', 'arrival-not-noted', { vm, reason: Fault.from(thrown).message });
  }

  async #settle(arrival: Arrival): Promise<ArrivalState> {
    const { vm, made, autostart, streams } = arrival;
    const { migration, now, log } = this.#o;
    if (migration === null) return 'absent';
    // Nothing more of it comes in: libvirt ends what it has not been told to run.
    for (const stream of streams) stream.destroy();
    for (const until = now() + LET_GO; !this.#closed;) {
      try {
        const looked = await migration.look(vm);
        if (staysThere(arrival)) {
          await migration.evict?.(vm, made);
          if ((await migration.release(vm, made)) === 'absent') return 'absent';
        } else {
          const over = looked !== 'arriving' || now() >= until;
          const state = over && looked !== 'arrived' ? await migration.release(vm, made) : looked;
          if (state === 'arrived' && !staysThere(arrival)) {
            arrival.arrived = true;
            if (autostart) await this.#startWithHost(migration, vm);
            migration.welcome(vm);
          }
          if (over && !staysThere(arrival)) return state;
        }
      } catch (thrown) {
        log('warn', 'arrival-unsettled', { vm, reason: Fault.from(thrown).message });
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY).unref());
    }
    return 'arriving';
  }

  /** A hypervisor that will not have it so keeps no VM from arriving. @throws Fault when it cannot be asked */
  async #startWithHost(migration: Migration, vm: VmId): Promise<void> {
    try {
      await migration.setAutostart(vm, true);
    } catch (thrown) {
      const fault = Fault.from(thrown);
      if (fault.code === 'hypervisor-down' || fault.code === 'timeout') throw fault;
      this.#o.log('error', 'arrival-without-autostart', { vm, reason: fault.message });
    }
  }

  #file(vm: VmId): string {
    return join(this.#o.directory, `${vm}.json`);
  }

  async #write(arrival: WrittenArrival): Promise<void> {
    await mkdir(this.#o.directory, { recursive: true, mode: 0o700 });
    await writeDurably(this.#file(arrival.vm), printArrival(arrival));
    await syncDirectory(this.#o.directory);
  }
}

/** Asked anew each time: it may be said while the hypervisor answers. */
const staysThere = ({ stays }: Arrival): boolean => stays;

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Connections of hypervisors for one VM: one or two each for control and memory, one per disk. */
const MAX_STREAMS = 64;
