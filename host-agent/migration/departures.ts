// VMs that leave this host. Before one begins to, it is written down where it goes and with which token, so that whatever ends on
// the way (this agent too) the target can be asked what it has: until that is known the VM stands still here, and the command
// that moves it goes on. Two running copies would be worse than none: only an operator's own word stands in for the target's.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import type { CommandId, VmId } from '../../src/lib/model/ids.ts';
import type { Args } from '../../src/lib/protocol/schema.ts';
import { cancelledBy } from '../drivers/control.ts';
import type { Control } from '../drivers/control.ts';
import { UNCERTAIN } from '../drivers/driver.ts';
import type { ArrivalState, Leaving, Migration, Unmoved } from '../drivers/migration.ts';
import { syncDirectory, writeDurably } from '../files/durable.ts';
import type { Log } from '../log.ts';
import { isDepartureFile, parseDeparture, printDeparture } from './departure-file.ts';
import { askOutcome, openPassage } from './passage.ts';

export type DeparturesOptions = {
  /** Where they are written down, a file for each command; its tokens are secrets. */
  readonly directory: string;
  /** Null: this host's driver cannot send VMs. */
  readonly migration: Migration | null;
  /** Why not, where the driver says. */
  readonly unmoved?: Unmoved | null;
  readonly log: Log;
  /** PEM: by this key the target knows this host. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** ms from one question to the next, at first and at most. */
  readonly every?: { readonly first: number; readonly longest: number };
};

export type Departure = {
  readonly command: CommandId;
  readonly args: Args<'vm.migrate'>;
  readonly leaving: Leaving;
};

/** Where the VM runs, by the word of an operator: their label. */
type Decision = { readonly runs: 'here' | 'there'; readonly by: string };

/** While one VM leaves: what operators say of where it runs, and whether anybody may. */
class Undecided {
  readonly #said = new AbortController();
  readonly #over = Promise.withResolvers<undefined>();
  #decision: Decision | null = null;

  /** The last word; null: none. */
  get decision(): Decision | null {
    return this.#decision;
  }
  /** Aborted with the first word. */
  get decided(): AbortSignal {
    return this.#said.signal;
  }
  /** Where it runs is known. */
  get over(): Promise<unknown> {
    return this.#over.promise;
  }

  decide(decision: Decision): void {
    this.#decision = decision;
    this.#said.abort();
  }
  end(): void {
    this.#over.resolve(undefined);
  }
}

const EVERY = { first: 1_000, longest: 30_000 };
const WHAT = 'moving the VM';
const HERE = 'it goes on here';
const FINDING_OUT = 'where the VM runs is being found out';

export class Departures {
  readonly #o: DeparturesOptions;
  readonly #undecided = new Map<VmId, Undecided>();
  readonly #closing = new AbortController();

  constructor(options: DeparturesOptions) {
    this.#o = options;
  }

  /** What earlier runs of the agent have left, by command. @throws Fault `corrupt-state` */
  async recover(): Promise<ReadonlyMap<CommandId, Departure>> {
    const { directory } = this.#o;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const found = new Map<CommandId, Departure>();
    for (const file of await readdir(directory)) {
      if (!isDepartureFile(file)) continue;
      const departure = parseDeparture(join(directory, file), await readFile(join(directory, file), 'utf8'));
      found.set(departure.command, departure);
    }
    return found;
  }

  /** How the command ended is in the journal: what was written down for it is of no use any more. Never rejects. */
  async forget(command: CommandId): Promise<void> {
    await rm(this.#file(command), { force: true }).catch((thrown: unknown) => {
      this.#o.log('warn', 'departure-not-removed', { command, reason: Fault.from(thrown).message });
    });
  }

  /** Moves the VM; however it ends, where it runs is known then. @throws Fault what broke, when it is certain that it has not left */
  async depart(command: CommandId, args: Args<'vm.migrate'>, control: Control): Promise<Outcome<readonly Effect[]>> {
    const { migration } = this.#o;
    const { vm, bandwidth, autoConverge, downtime, ...way } = args;
    if (migration === null) {
      const { reason = 'this host cannot move VMs', instead = '' } = this.#o.unmoved ?? {};
      return refused('unsupported', { what: WHAT, reason, instead });
    }
    control.progress('checking');
    const passage = await openPassage({ ...way, tls: this.#o.tls });
    const undecided = new Undecided();
    try {
      if (passage.sockets !== migration.sockets) {
        const reason = `the hypervisors’ sockets are at ${migration.sockets} here and at ${passage.sockets} on ${way.to}`;
        return refused('unsupported', {
          what: WHAT,
          reason,
          instead: 'set `sockets` in agent.json alike on both hosts'
        });
      }
      const noted: Departure[] = [];
      const note = async (leaving: Leaving): Promise<void> => {
        const departure = { command, args, leaving };
        noted.push(departure);
        await this.#write(departure);
        // A host that boots anew must not start what runs elsewhere by then.
        if (leaving.autostart) await migration.setAutostart(vm, false);
      };
      const stays = async (): Promise<void> => {
        const [begun] = noted;
        if (begun === undefined) return;
        await keptHere(migration, begun).catch((thrown: unknown) => {
          this.#o.log('error', 'departure-without-autostart', { vm, reason: Fault.from(thrown).message });
        });
      };
      const unanswered = (): void => {
        this.#o.log('warn', 'departure-unanswered', { vm, to: way.to });
        this.#undecided.set(vm, undecided);
        control.progress('finding-out');
      };
      const options = { bandwidth, autoConverge, downtime };
      const watch = { note, unanswered, decided: undecided.decided };
      const outcome = await migration.depart(vm, passage, options, control, watch).catch(async (thrown: unknown) => {
        const broke = Fault.from(thrown);
        if (!UNCERTAIN.has(broke.code)) {
          await stays();
          throw broke;
        }
        // A hypervisor that was not asked for anything yet can have done nothing of it.
        if (noted.length === 0) throw stayed(broke, way.to, HERE);
        return done(broke);
      });
      if (outcome.status === 'refused') {
        await stays();
        return outcome;
      }
      const [departure] = noted;
      if (departure === undefined)
        throw new Fault('internal', { reason: 'a VM left of which nothing is written down' });
      if (outcome.value !== null) {
        const broke = brokenAt(way.to, passage.lost(), undecided, outcome.value);
        // What the target does not run by now, it must not begin to.
        passage.close();
        return await this.#findOut(migration, departure, control, broke, undecided);
      }
      // The target shows the VM from now on; that it cannot be told changes nothing.
      await passage.look().catch(() => null);
      control.progress('cleaning-up');
      try {
        const left = await this.#settle(migration, departure, 'arrived');
        return done([arrived(way.to, migration.witness, notes(departure.leaving.stays, left) || null)]);
      } catch (thrown) {
        return await this.#findOut(migration, departure, control, Fault.from(thrown), undecided);
      }
    } finally {
      this.#over(vm, undecided);
      passage.close();
    }
  }

  /** Goes on with what an earlier run of the agent did not see the end of. @throws as `depart` */
  resume(departure: Departure, control: Control): Promise<Outcome<readonly Effect[]>> {
    const { migration } = this.#o;
    const broke = new Fault('move-interrupted', { by: 'the agent of this host ended meanwhile', left: FINDING_OUT });
    if (migration === null) return Promise.reject(broke);
    const undecided = new Undecided();
    return this.#findOut(migration, departure, control, broke, undecided).finally(() =>
      this.#over(departure.args.vm, undecided)
    );
  }

  /** An operator says where a VM runs whose target cannot be asked; resolves when that is so. */
  async decide(vm: VmId, runs: Decision['runs'], by: string): Promise<Outcome<readonly Effect[]>> {
    const undecided = this.#undecided.get(vm);
    if (undecided === undefined) return refused('not-found', { kind: 'undecided departure of VM', id: vm });
    undecided.decide({ runs, by });
    await undecided.over;
    return done([]);
  }

  /** What is under way is found out by the next run of the agent. */
  close(): void {
    this.#closing.abort();
  }

  async #findOut(
    migration: Migration,
    departure: Departure,
    control: Control,
    broke: Fault,
    undecided: Undecided
  ): Promise<Outcome<readonly Effect[]>> {
    const { vm, to } = departure.args;
    this.#o.log('warn', 'departure-undecided', { vm, to, reason: broke.message });
    this.#undecided.set(vm, undecided);
    const { first, longest } = this.#o.every ?? EVERY;
    for (let wait = first; ; wait = Math.min(longest, 2 * wait)) {
      const ended = await this.#tryToEnd(migration, departure, control, broke, undecided.decision).catch(
        (thrown: unknown) => {
          this.#o.log('info', 'departure-still-undecided', { vm, to, reason: Fault.from(thrown).message });
          control.progress('finding-out');
          return null;
        }
      );
      if (ended !== null) {
        this.#o.log('info', 'departure-decided', { vm, to, ...ended });
        if (ended.runs === 'there')
          return done([arrived(to, ended.by === null ? migration.witness : null, ended.note)]);
        if (control.signal.aborted) return refused('cancelled', cancelledBy(control.signal, ''));
        throw stayed(broke, to, ended.note);
      }
      await this.#pause(wait, undecided.decided);
    }
  }

  #over(vm: VmId, undecided: Undecided): void {
    if (this.#undecided.get(vm) === undecided) this.#undecided.delete(vm);
    undecided.end();
  }

  /** Null while it cannot be known. @throws Fault likewise */
  async #tryToEnd(
    migration: Migration,
    departure: Departure,
    control: Control,
    broke: Fault,
    decision: Decision | null
  ): Promise<{ readonly runs: Decision['runs']; readonly by: string | null; readonly note: string } | null> {
    const { args } = departure;
    const remains = await migration.remains(args.vm);
    const here = (note: string, by: string | null = null) => ({ runs: 'here', by, note }) as const;
    // Nobody but the hypervisor lets it go on, and that only when it has not left.
    if (remains === 'running') {
      await keptHere(migration, departure);
      return here(HERE);
    }
    control.progress('finding-out');
    if (remains === 'changing') return null;
    const { state: there, by } = await this.#where(args, decision);
    const word = by === null ? null : `by the word of ${by}`;
    if (there === 'arriving') return null;
    if (there === 'arrived') {
      control.progress('cleaning-up');
      const left = await this.#settle(migration, departure, 'arrived');
      const note = notes(`it was interrupted: ${causeOf(broke)}`, word, departure.leaving.stays, left);
      return { runs: 'there', by, note };
    }
    if (remains === 'gone') return here(`it is neither here nor on ${args.to}; its disks here are kept`, by);
    const stays = (await this.#settle(migration, departure, 'absent')) ?? HERE;
    await keptHere(migration, departure);
    return here(word === null ? stays : `${stays} ${word}`, by);
  }

  /**
   * What the target knows counts, and else the word of an operator, which it is told so that it does not begin to run the VM.
   * @throws Fault when there is neither
   */
  async #where(
    args: Departure['args'],
    decision: Decision | null
  ): Promise<{ readonly state: ArrivalState; readonly by: string | null }> {
    const asked = { ...args, tls: this.#o.tls };
    if (decision === null) return { state: await askOutcome(asked), by: null };
    if (decision.runs === 'there') return { state: 'arrived', by: decision.by };
    // A target that is gone for good cannot be told.
    const state = await askOutcome(asked, 'stays').catch(() => null);
    return state === 'arrived' ? { state, by: null } : { state: 'absent', by: decision.by };
  }

  #settle(migration: Migration, { args, leaving }: Departure, there: 'arrived' | 'absent'): Promise<string | null> {
    return migration.settle(args.vm, leaving, there);
  }

  /** Waits, less long when an operator decides meanwhile; for ever when the agent ends. */
  async #pause(ms: number, sooner: AbortSignal): Promise<void> {
    const closing = this.#closing.signal;
    const ends = sooner.aborted ? [closing] : [closing, sooner];
    await pause(ms, undefined, { signal: AbortSignal.any(ends) }).catch(() => undefined);
    if (closing.aborted) await new Promise(() => undefined);
  }

  async #write(departure: Departure): Promise<void> {
    await mkdir(this.#o.directory, { recursive: true, mode: 0o700 });
    await writeDurably(this.#file(departure.command), printDeparture(departure));
    await syncDirectory(this.#o.directory);
  }

  #file(command: CommandId): string {
    return join(this.#o.directory, `${command}.json`);
  }
}

/** It starts with this host again if it did. */
async function keptHere(migration: Migration, { args, leaving }: Departure): Promise<void> {
  if (leaving.autostart) await migration.setAutostart(args.vm, true);
}

const notes = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join('; ');

/** Of a passage that was lost the hypervisor only knows that it could not write, and of an operator's word nothing. */
function brokenAt(host: string, lost: boolean, { decision }: Undecided, cause: Fault): Fault {
  if (decision !== null) {
    return new Fault('move-interrupted', { by: `host ${host} did not answer`, left: FINDING_OUT }, { cause });
  }
  return lost ? new Fault('passage-lost', { host, left: FINDING_OUT }, { cause }) : cause;
}

const causeOf = (broke: Fault): string =>
  broke.code === 'move-interrupted' ? (broke as Fault<'move-interrupted'>).detail.by : broke.message;

/** It is certain now that it has not left, whatever `broke` itself leaves open. */
const stayed = (broke: Fault, host: string, left: string): Fault => {
  if (broke.code === 'passage-lost') return new Fault('passage-lost', { host, left }, { cause: broke });
  if (broke.code === 'move-interrupted')
    return new Fault('move-interrupted', { by: causeOf(broke), left }, { cause: broke });
  if (broke.code === 'no-space') {
    const { need } = (broke as Fault<'no-space'>).detail;
    return new Fault('move-no-space', { host, need, left }, { cause: broke });
  }
  const reason = broke.code === 'hypervisor' ? broke.message.replace(/^.*?: /, '') : broke.message;
  return new Fault('hypervisor', { operation: 'migrate', reason: `${reason}; ${left}` }, { cause: broke });
};

const arrived = (to: string, by: Effect['by'], note: string | null): Effect => ({
  resource: 'existence',
  asked: `on ${to}`,
  seen: `on ${to}`,
  by,
  when: 'now',
  note
});
