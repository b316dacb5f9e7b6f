// VMs that other hosts may send here: room made for each, and a permit that lets it in once. Only a hash of the token is kept,
// in memory. What was made is written down, so that whatever ends on the way (this agent too) leaves either the VM or nothing.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import { UUID, vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Reply } from '../../src/lib/protocol/schema.ts';
import type { ArrivalState, Coming, Made, Migration, StreamKind } from '../drivers/migration.ts';
import { syncDirectory, writeDurably } from '../durable.ts';
import { Fields } from '../fields.ts';
import type { Log } from '../log.ts';

export type ArrivalsOptions = {
  /** Where what was made is written down, a file for each VM. */
  readonly directory: string;
  /** Null: this host's driver cannot take VMs. */
  readonly migration: Migration | null;
  readonly now: () => number;
  readonly log: Log;
};

export type Permit = NonNullable<Reply['permit']>;
/** The VM somebody may bring. */
export type Visitor = { readonly id: VmId; readonly name: string };

/** ms in which the source has to come. */
export const PERMIT_LIFETIME = 300_000;
/** ms in which whoever has brought a VM may ask what has become of it. */
const ASK_LIFETIME = 600_000;
const MAX_WAITING = 16;
const LOOK_EVERY = 1_000;
/** ms an incoming VM without its sender gets to become either; libvirt ends it by itself when it sees that the other is gone. */
const LET_GO = 30_000;

type Arrival = {
  readonly vm: VmId;
  readonly name: string;
  readonly made: readonly Made[];
  readonly hash: Buffer;
  readonly expires: number;
  /** Who has come with the token; a second one is refused. */
  claimedBy: object | null;
  streams: number;
  over: Promise<ArrivalState> | null;
  timer: NodeJS.Timeout | null;
};

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const unable = (reason: string): Outcome<never> =>
  refused('unsupported', { what: 'moving a VM here', reason, instead: '' });

export class Arrivals {
  readonly #o: ArrivalsOptions;
  readonly #arrivals = new Map<VmId, Arrival>();
  /** The way back, where to be reached: known once the agent listens. */
  #reach: { readonly url: string; readonly pin: string } | null = null;
  #closed = false;

  constructor(options: ArrivalsOptions) {
    this.#o = options;
  }

  /** The sockets' directory that source and target must agree on; empty where nothing can come. */
  get sockets(): string {
    return this.#o.migration?.sockets ?? '';
  }

  reachedAt(url: string, pin: string): void {
    this.#reach = { url, pin };
  }

  /** Makes room, and a permit. One that was given for the same VM before, and has not been used, is void. */
  async prepare(coming: Coming): Promise<Outcome<Permit>> {
    const { migration, now, log } = this.#o;
    if (migration === null || this.#reach === null) return unable('this host cannot take running VMs of other hosts');
    const before = this.#arrivals.get(coming.vm);
    if (before !== undefined) {
      if (before.claimedBy !== null && before.over === null) {
        return refused('busy', { what: coming.name, by: 'moving here already' });
      }
      await this.#conclude(before);
    }
    if ([...this.#arrivals.values()].filter(({ over }) => over === null).length >= MAX_WAITING)
      return refused('busy', { what: 'the host', by: 'other VMs that move here' });
    const outcome = await migration.prepare(coming);
    if (outcome.status === 'refused') return outcome;
    const token = randomBytes(32).toString('base64url');
    const expires = now() + PERMIT_LIFETIME;
    const arrival: Arrival = {
      vm: coming.vm,
      name: coming.name,
      made: outcome.value,
      hash: hashOf(token),
      expires,
      claimedBy: null,
      streams: 0,
      over: null,
      timer: null
    };
    this.#arrivals.set(coming.vm, arrival);
    arrival.timer = setTimeout(() => void this.#conclude(arrival), PERMIT_LIFETIME).unref();
    try {
      await this.#write(arrival);
    } catch (thrown) {
      // What is not written down would outlive a restart of the agent.
      await this.#conclude(arrival);
      throw thrown;
    }
    log('info', 'arrival-prepared', { vm: coming.vm, volumes: outcome.value.length });
    return done({ ...this.#reach, token, expires: millis(expires) });
  }

  /** Takes the permit back, and the room. A VM that has arrived stays. */
  async release(vm: VmId): Promise<Outcome<ArrivalState>> {
    const arrival = this.#arrivals.get(vm);
    if (arrival === undefined) return refused('not-found', { kind: 'preparation for VM', id: vm });
    return done(await this.#conclude(arrival));
  }

  /** Lets the bearer in; null: unknown, expired or used. Nothing else is said, and it takes the same time. */
  claim(token: string, by: object): VmId | null {
    const arrival = this.#find(token);
    if (arrival?.claimedBy !== null || arrival.over !== null || arrival.expires < this.#o.now()) return null;
    arrival.claimedBy = by;
    if (arrival.timer !== null) clearTimeout(arrival.timer);
    this.#o.log('info', 'arrival-begun', { vm: arrival.vm });
    return arrival.vm;
  }

  /** The VM whose permit this peer has used; null: none. */
  visitor(token: string, by: object): Visitor | null {
    const arrival = this.#find(token);
    return arrival?.claimedBy === by && arrival.over === null ? { id: arrival.vm, name: arrival.name } : null;
  }

  /** A stream for the VM whose permit the same peer has used; null: not that one. */
  connect(token: string, by: object, kind: StreamKind): Duplex | null {
    const arrival = this.#find(token);
    if (arrival?.claimedBy !== by || arrival.over !== null || this.#o.migration === null) return null;
    if (arrival.streams >= MAX_STREAMS) return null;
    arrival.streams++;
    return this.#o.migration.connect(arrival.vm, kind).once('close', () => arrival.streams--);
  }

  /** What has become of the VM, for the bearer; null: unknown. It asks when it is done, so the VM that is here is shown now. */
  async outcome(token: string): Promise<ArrivalState | null> {
    const arrival = this.#find(token);
    if (arrival === null || arrival.claimedBy === null) return null;
    if (arrival.over !== null) return arrival.over;
    return this.#conclude(arrival);
  }

  /** The connection of this peer has ended. */
  left(by: object): void {
    for (const arrival of this.#arrivals.values()) {
      if (arrival.claimedBy === by && arrival.over === null) void this.#conclude(arrival);
    }
  }

  /** Settles what an earlier run of the agent has left. */
  async recover(): Promise<void> {
    const { directory, migration, log } = this.#o;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const file of await readdir(directory)) {
      const id = file.replace(/\.json$/, '');
      if (!UUID.test(id)) continue;
      const made = parse(join(directory, file), await readFile(join(directory, file), 'utf8'));
      if (migration === null) continue;
      log('warn', 'arrival-interrupted', { vm: id });
      void this.#conclude({
        vm: vmId(id),
        name: id,
        made,
        hash: randomBytes(32),
        expires: 0,
        claimedBy: null,
        streams: 0,
        over: null,
        timer: null
      });
    }
  }

  /** What is under way is settled at the next start. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#arrivals.values()) if (timer !== null) clearTimeout(timer);
  }

  #find(token: string): Arrival | null {
    const hash = hashOf(token);
    let found: Arrival | null = null;
    for (const arrival of this.#arrivals.values()) if (timingSafeEqual(arrival.hash, hash)) found = arrival;
    return found;
  }

  /** The VM is here for good, or nothing of it: whichever, it is so when this resolves. Never rejects. */
  #conclude(arrival: Arrival): Promise<ArrivalState> {
    arrival.over ??= this.#settle(arrival).then(async (state) => {
      this.#o.log('info', 'arrival-over', { vm: arrival.vm, state });
      if (arrival.timer !== null) clearTimeout(arrival.timer);
      if (state === 'arriving') return state;
      await rm(this.#file(arrival.vm), { force: true });
      const forget = (): void => {
        if (this.#arrivals.get(arrival.vm) === arrival) this.#arrivals.delete(arrival.vm);
      };
      // Its bearer may yet have to ask.
      if (arrival.claimedBy === null) forget();
      else arrival.timer = setTimeout(forget, ASK_LIFETIME).unref();
      return state;
    });
    return arrival.over;
  }

  async #settle({ vm, made }: Arrival): Promise<ArrivalState> {
    const { migration, now, log } = this.#o;
    if (migration === null) return 'absent';
    for (const until = now() + LET_GO; !this.#closed;) {
      try {
        const state = await migration.look(vm);
        if (state === 'arrived') {
          migration.welcome(vm);
          return state;
        }
        if (state === 'absent' || now() >= until) return await migration.release(vm, made);
      } catch (thrown) {
        log('warn', 'arrival-unsettled', { vm, reason: Fault.from(thrown).message });
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY).unref());
    }
    return 'arriving';
  }

  #file(vm: VmId): string {
    return join(this.#o.directory, `${vm}.json`);
  }

  async #write({ vm, made }: Arrival): Promise<void> {
    await mkdir(this.#o.directory, { recursive: true, mode: 0o700 });
    await writeDurably(this.#file(vm), `${JSON.stringify({ version: 1, made })}\n`);
    await syncDirectory(this.#o.directory);
  }
}

/** Connections of hypervisors for one VM: one or two each for control and memory, one per disk. */
const MAX_STREAMS = 64;

function parse(file: string, text: string): readonly Made[] {
  const fields = Fields.parse(file, text);
  fields.whole('version', 1, 1);
  const made = fields.list('made', (item) => ({ pool: item.text('pool'), volume: item.text('volume') }));
  fields.end();
  return made;
}
