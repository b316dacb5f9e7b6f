// Commands that change something: carried out exactly once, whatever the network does. Known ids are answered from the
// journal, running ones joined; the rest is checked, journalled, carried out, journalled again, and only then answered.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect, Progress, Vm } from '../../src/lib/model/fleet.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { CommandId, HostId, VmId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import { emptyReply, faultToWire } from '../../src/lib/protocol/codec.ts';
import type { Args, Command, Reply } from '../../src/lib/protocol/schema.ts';
import { administer, isAdminCommand, ticketOf, unknownOp } from './administer.ts';
import type { Administration, Sender } from './administer.ts';
import { checkArguments, normalise } from './arguments.ts';
import { authorise, checkExpected } from './authorise.ts';
import { digestOf } from './digest.ts';
import type { Driver } from '../drivers/driver.ts';
import { canStop, drive, ending, isVmCommand, makesVm, subjectOf, vmOf } from './execute.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { activityOf } from '../journal/journal.ts';
import type { Entry, Journal } from '../journal/journal.ts';
import type { Ending, Started } from '../journal/line.ts';
import { Lanes } from './lanes.ts';
import type { Maintenance } from '../maintenance.ts';
import { Ongoing } from './ongoing.ts';
import type { Arrivals, Permit } from '../migration/arrivals.ts';
import type { Departures } from '../migration/departures.ts';
import { admit, isMigrationCommand } from '../migration/migration-command.ts';
import type { UnderWay } from './reconcile.ts';
import { summarise } from '../journal/summary.ts';
import type { AboutVm } from '../journal/summary.ts';

export type ChangesOptions = Administration & {
  readonly host: HostId;
  readonly driver: Driver;
  readonly journal: Journal;
  readonly inventory: Inventory;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  readonly maintenance: Maintenance;
};

/** Whether the sender's link is still only good for enrolling: asked at the moment it matters. */
export type Standing = { readonly pairing: () => boolean };

/** In the journal, not ended. */
type Begun = Omit<Entry, 'ended'>;
type Running = { readonly digest: string; readonly ongoing: Ongoing; readonly reply: Promise<Reply> };

export class Changes {
  readonly #o: ChangesOptions;
  readonly #lanes = new Lanes();
  readonly #running = new Map<CommandId, Running>();
  #stopping = false;

  constructor(options: ChangesOptions) {
    this.#o = options;
  }

  /** Answers a changing command. Never throws: what breaks is in the reply. */
  async answer(sender: Sender & Standing, command: Command): Promise<Reply> {
    const digest = digestOf(sender.operator, command);
    const running = this.#running.get(command.id);
    if (running !== undefined) {
      return running.digest === digest ? running.reply : refusal(command.id, reused(command.id));
    }
    const tell = (progress: Progress): void => this.#o.inventory.post({ progress: [progress] });
    const ongoing = new Ongoing(normalise(command), sender.operator, tell, this.#o.now);
    return this.#run(ongoing, digest, this.#once(sender, ongoing, digest));
  }

  /** Goes on with moves that an earlier run of the agent began, before any command is answered. */
  resume(underWay: readonly UnderWay[]): void {
    const { host, departures, inventory, now } = this.#o;
    for (const { entry, departure } of underWay) {
      const { id, operator, digest, summary, note } = entry.started;
      const { args } = departure;
      const command: Command = { id, op: 'vm.migrate', host, notAfter: millis(0), expect: null, note, args };
      const ongoing = new Ongoing(command, operator, (progress) => inventory.post({ progress: [progress] }), now);
      ongoing.summary = summary;
      const goOn = async (): Promise<Reply> => {
        ongoing.waiting = false;
        const outcome = await ending(() => departures.resume(departure, ongoing));
        return this.#finish(command, entry, outcome, args.vm);
      };
      void this.#run(ongoing, digest, this.#lanes.run(lanesOf(command), summary, goOn));
    }
  }

  /** Until it is answered, the same command again gets the same answer. Never rejects. */
  #run(ongoing: Ongoing, digest: string, work: Promise<Reply>): Promise<Reply> {
    const { id, op } = ongoing.command;
    const reply = work
      .catch((thrown: unknown): Reply => {
        const fault = Fault.from(thrown);
        if (fault.code === 'busy') return refusal(id, fault);
        this.#o.log('error', 'command-broke', { op, reason: fault.message });
        return { ...emptyReply(id, 'failed'), fault: faultToWire(fault) };
      })
      .finally(() => this.#running.delete(id));
    this.#running.set(id, { digest, ongoing, reply });
    return reply;
  }

  /** How far those are that run and have told it. */
  progress(): readonly Progress[] {
    return [...this.#running.values()].flatMap(({ ongoing }) => ongoing.last ?? []);
  }

  /** Begins nothing any more, not even what waits its turn. Resolves when nothing runs, or after `ms`. */
  async stop(ms: number): Promise<void> {
    this.#stopping = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([Promise.all([...this.#running.values()].map(({ reply }) => reply)), late]);
    clearTimeout(timer);
  }

  async #once(sender: Sender & Standing, ongoing: Ongoing, digest: string): Promise<Reply> {
    const { command } = ongoing;
    const recorded = await this.#o.journal.find(command.id);
    if (recorded !== null) {
      return recorded.started.digest === digest ? this.#again(recorded) : refusal(command.id, reused(command.id));
    }
    const denied = this.#denied(sender, command);
    if (denied !== null) return refusal(command.id, denied);
    const vm = this.#seen(subjectOf(command));
    ongoing.summary = this.#summary(command, vm);
    const leaving = this.#leaving(subjectOf(command));
    if (leaving !== null) return refusal(command.id, new Fault('busy', { what: vm?.name ?? 'the VM', by: leaving }));
    try {
      return await this.#lanes.run(
        lanesOf(command),
        ongoing.summary,
        () => this.#o.inventory.during(() => this.#perform(sender, ongoing, digest)),
        ongoing.signal
      );
    } catch (thrown) {
      const fault = Fault.from(thrown);
      if (!ongoing.waiting || fault.code !== 'cancelled') throw fault;
      // Written down, or its sender, who may not have heard, could send it once more.
      const begun = await this.#begin(this.#started(sender, command, digest, subjectOf(command), vm));
      const ended = await this.#end(begun, { status: 'refused', fault, effects: [], code: null });
      return this.#reply(command.id, begun.number, ended, vm && (await this.#vmNow(vm.id)));
    }
  }

  /** Its turn has come: nothing else changes the same VM until this returns. */
  async #perform(sender: Sender & Standing, ongoing: Ongoing, digest: string): Promise<Reply> {
    const { driver, inventory } = this.#o;
    const { command } = ongoing;
    ongoing.waiting = false;
    // It may have waited: role, deadline and VM count as they are now.
    const denied = this.#denied(sender, command);
    if (denied !== null) return refusal(command.id, denied);
    const created = vmId(randomUUID());
    const id = vmOf(command, created);
    const subject = subjectOf(command);
    const vm = subject === null ? null : await driver.get(subject);
    if (subject !== null && vm === null) {
      return refusal(command.id, new Fault('not-found', { kind: 'VM', id: subject }));
    }
    const wrong =
      (vm && checkExpected(command, vm)) ??
      checkArguments(command, vm, inventory.facts) ??
      this.#o.maintenance.refuses(command);
    // The VM as it is, so that the operator can decide anew.
    if (wrong !== null) return { ...refusal(command.id, wrong), vm: vm && inventory.tell(vm.id, vm) };

    const begun = await this.#begin(this.#started(sender, command, digest, id, vm));
    let permit: Permit | null = null;
    const outcome = await this.#carryOut(sender, ongoing, created, (given) => (permit = given));
    // Told once: of its token only a hash is kept. Whoever has lost it prepares anew.
    return { ...(await this.#finish(command, begun, outcome, id)), permit };
  }

  async #finish(command: Command, begun: Begun, outcome: Ending, vm: VmId | null): Promise<Reply> {
    // How the VM is now shows by itself; only the outcome must be on disk before it is told.
    const made = outcome.status === 'done' && makesVm(command.op);
    const now = vm === null ? null : this.#vmNow(vm, made ? LOOKS_AT_NEW : 1);
    const ended = await this.#end(begun, outcome);
    if (isVmCommand(command) || isMigrationCommand(command)) this.#o.inventory.touchRest();
    return this.#reply(command.id, begun.number, ended, await now);
  }

  /** A VM that moves takes no other command: here it would be lost with it. Says who moves it; null: it does not. */
  #leaving(vm: VmId | null): string | null {
    for (const { ongoing } of this.#running.values()) {
      const { command, operator, waiting, summary } = ongoing;
      if (vm === null || command.op !== 'vm.migrate' || command.args.vm !== vm || waiting) continue;
      return `“${summary}” of ${this.#o.operators.get(operator)?.label ?? 'an operator'}`;
    }
    return null;
  }

  #started(sender: Sender, command: Command, digest: string, about: VmId | null, vm: Vm | null): Started {
    const label = this.#o.operators.get(sender.operator)?.label;
    return {
      kind: 'started',
      id: command.id,
      operator: sender.operator,
      label: label ?? (command.op === 'host.enroll' ? command.args.label : 'unknown'),
      op: command.op,
      vm: about,
      digest,
      summary: this.#summary(command, vm),
      note: command.note
    };
  }

  #carryOut(sender: Sender, ongoing: Ongoing, created: VmId, give: (permit: Permit) => void): Promise<Ending> {
    const { command } = ongoing;
    if (isMigrationCommand(command)) {
      const by = { operator: sender.operator, label: this.#labelOf(sender) };
      return ending(() => admit(this.#o, command, by, give));
    }
    if (command.op === 'command.cancel') return ending(() => this.#cancel(sender, command.args.command));
    if (command.op === 'host.set-maintenance') return ending(() => this.#maintain(sender, command.args));
    if (isVmCommand(command)) return ending(() => drive(this.#o, command, created, ongoing));
    if (!isAdminCommand(command)) throw unknownOp(command.op);
    return administer(this.#o, sender, command).catch((thrown: unknown) =>
      ending(() => Promise.reject(Fault.from(thrown)))
    );
  }

  #labelOf({ operator }: Sender): string {
    return this.#o.operators.get(operator)?.label ?? 'an operator';
  }

  async #maintain(sender: Sender, { on, reason }: Args<'host.set-maintenance'>): Promise<Outcome<readonly Effect[]>> {
    const { maintenance, operators, inventory, now } = this.#o;
    if (on) await maintenance.enter(operators.get(sender.operator)?.label ?? 'unknown', reason, now());
    else await maintenance.leave();
    inventory.tellFacts();
    return done([]);
  }

  /** Keeps another command from being carried out, or from going on: its own reply then says `cancelled`. */
  async #cancel(sender: Sender, id: CommandId): Promise<Outcome<readonly Effect[]>> {
    const { journal, operators } = this.#o;
    const running = this.#running.get(id);
    if (running === undefined) {
      const recorded = await journal.find(id);
      if (recorded === null) return refused('not-found', { kind: 'command', id });
      const { started, ended } = recorded;
      return refused('not-cancellable', tooLate(started.summary, ended?.status ?? 'unknown'));
    }
    const { ongoing, reply } = running;
    const who = operators.get(sender.operator);
    if (ongoing.operator !== sender.operator && who?.role !== 'admin') {
      return refused('forbidden', { role: who?.role ?? 'viewer', needs: 'admin', op: 'cancel what others have sent' });
    }
    if (!ongoing.waiting && !canStop(ongoing.command.op)) {
      return refused('not-cancellable', { what: `“${ongoing.summary}”`, reason: 'it cannot stop half-way' });
    }
    const undecided = refused('not-cancellable', { what: `“${ongoing.summary}”`, reason: UNDECIDED });
    if (ongoing.undecided) return undecided;
    ongoing.cancel(who?.label ?? 'an operator');
    // What has been stopped may have to be asked about as well, but not for long.
    const late = ongoing.becomesUndecided
      .then(() => pause(ASKING, undefined, { ref: false }))
      .then(() => (ongoing.undecided ? null : reply));
    const ended = await Promise.race([reply, late]);
    if (ended === null) return undecided;
    const { status, fault } = ended;
    return fault?.code === 'cancelled' ? done([]) : refused('not-cancellable', tooLate(ongoing.summary, status));
  }

  /** Journals that it is about to be carried out, and tells all watchers. @throws Fault when it cannot be written down */
  async #begin(started: Started): Promise<Begun> {
    const number = await this.#o.journal.begin(started);
    const begun = { number, at: this.#o.now(), started };
    this.#tell({ ...begun, ended: null });
    return begun;
  }

  /** Writes the outcome down; what cannot be written down is not told, or a restart would contradict it. */
  async #end(begun: Begun, outcome: Ending): Promise<Ending> {
    const { number, at, started } = begun;
    let ended = outcome;
    try {
      await this.#o.journal.finish(started.id, number, outcome);
      if (started.op === 'vm.migrate') await this.#o.departures.forget(started.id);
    } catch (thrown) {
      ended = { status: 'unknown', fault: Fault.from(thrown), effects: [], code: null };
    }
    this.#tell({ ...begun, ended: { kind: 'ended', of: number, ...ended, at: this.#o.now() } });
    this.#o.log('info', 'command', {
      number,
      op: started.op,
      vm: started.vm,
      operator: started.operator,
      status: ended.status,
      fault: ended.fault?.code ?? null,
      ms: Math.round(this.#o.now() - at)
    });
    return ended;
  }

  /** The recorded outcome once more, with the VM as it is now. */
  async #again({ number, started, ended }: Entry): Promise<Reply> {
    const lost = new Fault('interrupted', { what: `“${started.summary}”` });
    const known: Ending = ended ?? { status: 'unknown', fault: lost, effects: [], code: null };
    return this.#reply(started.id, number, known, started.vm === null ? null : await this.#vmNow(started.vm));
  }

  async #reply(id: CommandId, number: number, { status, fault, effects, code }: Ending, vm: Vm | null): Promise<Reply> {
    const { codes, journal } = this.#o;
    const invitation = code === null ? null : await codes.find(code);
    return {
      ...emptyReply(id, status),
      journal: number,
      fault: fault && faultToWire(fault),
      effects,
      vm,
      head: { ...journal.head, keptHash: null },
      ticket: invitation && ticketOf(this.#o, invitation)
    };
  }

  /** @param looks how often, where it cannot be looked at. The outcome stands in any case. */
  async #vmNow(id: VmId, looks = 1): Promise<Vm | null> {
    for (let look = 1; look <= looks; look++) {
      try {
        return this.#o.inventory.tell(id, await this.#o.driver.get(id));
      } catch (thrown) {
        this.#o.log('debug', 'vm-unreadable', { vm: id, look, reason: Fault.from(thrown).message });
      }
    }
    return null;
  }

  #denied(sender: Sender & Standing, command: Command): Fault | null {
    if (this.#stopping) return STOPPING;
    const { host, operators, now } = this.#o;
    const role = operators.get(sender.operator)?.role ?? null;
    return authorise(command, { host, role, pairing: sender.pairing(), now: now() });
  }

  #seen(vm: VmId | null): Vm | null {
    return vm === null ? null : this.#o.inventory.seen(vm);
  }

  #summary(command: Command, vm: Vm | null): string {
    const about = command.op === 'operator.set-role' || command.op === 'operator.revoke' ? command.args.key : null;
    const moving = isMigrationCommand(command) ? this.#between(command.args.vm) : null;
    return summarise(command, vm ?? moving, about === null ? null : this.#o.operators.get(about));
  }

  /** A VM on its way from here, or to here. */
  #between(vm: VmId): AboutVm | null {
    const coming = this.#o.arrivals.nameOf(vm);
    return this.#seen(vm) ?? (coming === null ? null : { name: coming, state: null });
  }

  #tell(entry: Entry): void {
    this.#o.inventory.post({ head: this.#o.journal.head, activities: [activityOf(entry)] });
  }
}

/**
 * What was made is told with its creation, whose sender knows no other name of it: a host too busy to say how it is, is asked again. One
 * that does not answer takes 15 s for it.
 */
const LOOKS_AT_NEW = 3;

/** ms in which a target that can be asked has said where a VM runs whose move was stopped. */
const ASKING = 3_000;
const UNDECIDED = 'whether it has left already is being found out';

/** Told to whoever asks while the agent is on its way out. */
export const STOPPING = new Fault('busy', { what: 'the agent', by: 'stopping' });

const tooLate = (summary: string, status: string): { what: string; reason: string } => ({
  what: `“${summary}”`,
  reason: `it had gone too far and ended as ${status}`
});

const reused = (id: CommandId): Fault => new Fault('id-reused', { id });

/** Refused before it was journalled: nothing was done, and the same command may be sent again. */
export const refusal = (id: CommandId, fault: Fault): Reply => ({
  ...emptyReply(id, 'refused'),
  fault: faultToWire(fault)
});

/** What a command changes, and so must not be changed by another one meanwhile. */
function lanesOf(command: Command): readonly string[] {
  switch (command.op) {
    case 'vm.create':
      return [`name ${command.args.name}`];
    case 'command.cancel':
      return [`cancel ${command.args.command}`];
    case 'vm.clone':
    case 'vm.rename':
      return [`vm ${command.args.vm}`, `name ${command.args.name}`];
    case 'volume.delete':
      return [`volume ${command.args.pool}/${command.args.volume}`];
    case 'vm.attach-disk': {
      const { vm, pool, volume } = command.args;
      return volume === null ? [`vm ${vm}`] : [`vm ${vm}`, `volume ${pool}/${volume}`];
    }
    case 'migration.decide':
      return [`decide ${command.args.vm}`];
    case 'migration.prepare':
      return [`vm ${command.args.vm}`, `name ${command.args.name}`];
    case 'host.enroll':
    case 'operator.invite':
    case 'operator.set-role':
    case 'operator.revoke':
      return ['operators'];
    default:
      return ['vm' in command.args ? `vm ${String(command.args.vm)}` : command.op];
  }
}
