// Who looks into which guest: opens consoles for operators, as their role is at that moment, writes down that it did, and
// closes them when the guest, the link, the operator or the role is gone.
import type { Duplex } from 'node:stream';
import { Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import { roleAllows } from '../../src/lib/model/fleet.ts';
import type { ConsoleKind, Vm, VmState } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { emptyReply, faultToWire } from '../../src/lib/protocol/codec.ts';
import type { Command, Reply } from '../../src/lib/protocol/schema.ts';
import { refusal } from '../commands/changes.ts';
import { digestOf } from '../commands/digest.ts';
import { wordsOf } from '../drivers/console-kind.ts';
import type { Driver } from '../drivers/driver.ts';
import { ending } from '../commands/execute.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { activityOf } from '../journal/journal.ts';
import type { Entry, Journal } from '../journal/journal.ts';
import type { Ending } from '../journal/line.ts';
import type { Log } from '../log.ts';
import type { Operators } from '../access/operators.ts';
import type { Link } from '../commands/receive.ts';
import { summarise } from '../journal/summary.ts';
import { Console } from './console.ts';
import type { ConsoleAbout } from './console.ts';

export type ConsolesOptions = {
  readonly driver: Driver;
  readonly operators: Operators;
  readonly journal: Journal;
  readonly inventory: Inventory;
  readonly now: () => number;
  readonly log: Log;
};

export const MAX_OF_LINK = 16;
export const MAX_OF_HOST = 64;

/** Within it one entry of the journal stands for all pictures that one operator takes of one VM, ms. */
const TOLD_FOR = 3_600_000;
/** A picture has been taken by then, ms: nobody watches by it. */
export const PICTURE_TIME = 15_000;

/** It has no guest to look into. */
const OFF: ReadonlySet<VmState> = new Set<VmState>(['off', 'crashed', 'saved']);

export class Consoles {
  readonly #o: ConsolesOptions;
  readonly #open = new Set<Console>();
  /** When pictures were last journalled, by operator and VM. */
  readonly #pictures = new Map<string, number>();
  #closed = false;

  constructor(options: ConsolesOptions) {
    this.#o = options;
  }

  /** Of an operator whose role allows it; the channel is open when this returns, so that a CLOSE on its heels is heard. Never throws. */
  async open(link: Link, command: Command<'console.open'>): Promise<Reply> {
    const { vm, kind, channel, purpose } = command.args;
    let console: Console;
    try {
      const crowd = this.#crowd(link);
      if (crowd !== null) return refusal(command.id, crowd);
      const role = this.#o.operators.get(link.operator)?.role ?? 'viewer';
      if (purpose === 'picture' && kind !== 'screen')
        throw new Fault('bad-argument', { name: 'purpose', value: purpose, reason: 'is for screens' });
      const about = { link, vm, kind, readOnly: purpose === 'picture' || !roleAllows(role, 'operator') };
      console = new Console(about, channel, () => this.#open.delete(console), this.#o.log);
    } catch (thrown) {
      return refusal(command.id, Fault.from(thrown));
    }
    this.#open.add(console);
    const reply = await this.#begin(console, command).catch((thrown: unknown): Reply => ({
      ...emptyReply(command.id, 'failed'),
      fault: faultToWire(Fault.from(thrown))
    }));
    if (reply.status !== 'done') console.close(null);
    return reply;
  }

  /** Ends the consoles of operators who may no longer have what they were given. */
  closeForbidden(): void {
    for (const console of this.#open) this.#demandRole(console);
  }

  /** Ends all. */
  close(): void {
    this.#closed = true;
    for (const console of this.#open) console.close(new Fault('busy', { what: 'the agent', by: 'stopping' }));
  }

  /** Why there can be no more; null when there can. */
  #crowd(link: Link): Fault | null {
    const all = [...this.#open];
    const busy = (what: string, count: number): Fault => new Fault('busy', { what, by: `${count} consoles` });
    if (all.filter((each) => each.about.link === link).length >= MAX_OF_LINK) return busy('this link', MAX_OF_LINK);
    return all.length >= MAX_OF_HOST ? busy('the host', MAX_OF_HOST) : null;
  }

  async #begin(console: Console, command: Command<'console.open'>): Promise<Reply> {
    const { driver, journal } = this.#o;
    const { args, id } = command;
    if ((await journal.find(id)) !== null) return refusal(id, new Fault('id-reused', { id }));
    const vm = await driver.get(args.vm);
    if (vm === null) return refusal(id, new Fault('not-found', { kind: 'VM', id: args.vm }));
    const wrong = this.#wrong(console, vm, args);
    if (wrong !== null) return refusal(id, wrong);
    const begun = this.#isTold(console, command) ? null : await this.#journalled(console, command, vm);
    const stream = { opened: null as Duplex | null };
    const ended = await ending(async () => {
      const outcome = await this.#connect(console, args);
      if (outcome.status === 'refused') return outcome;
      stream.opened = outcome.value;
      return { status: 'done', value: [] };
    });
    if (begun !== null) {
      await this.#end(begun, ended).catch((thrown: unknown) => {
        // Nobody is told of it: it would be open for nobody, and a serial line taken.
        stream.opened?.destroy();
        throw thrown;
      });
    }
    const reply = {
      ...emptyReply(id, ended.status),
      journal: begun?.number ?? null,
      head: { ...journal.head, keptHash: null }
    };
    if (stream.opened === null) return { ...reply, fault: ended.fault && faultToWire(ended.fault) };
    console.pump(stream.opened, () => this.#demandRole(console));
    if (args.purpose === 'picture') this.#limit(console, begun !== null);
    return { ...reply, console: { channel: args.channel, readOnly: console.about.readOnly } };
  }

  /** An entry of the journal stands for this one too. */
  #isTold({ about }: Console, { args }: Command<'console.open'>): boolean {
    const since = this.#o.now() - (this.#pictures.get(pictured(about)) ?? -Infinity);
    return args.purpose === 'picture' && since >= 0 && since < TOLD_FOR;
  }

  /** @param told whether this picture is the one that was journalled */
  #limit(console: Console, told: boolean): void {
    const now = this.#o.now();
    for (const [key, at] of this.#pictures) if (now - at >= TOLD_FOR) this.#pictures.delete(key);
    if (told) this.#pictures.set(pictured(console.about), now);
    const late = setTimeout(() => {
      console.close(new Fault('timeout', { what: 'the picture', after: `${PICTURE_TIME / 1000} s` }));
    }, PICTURE_TIME).unref();
    void console.ended.then(() => clearTimeout(late));
  }

  #wrong(console: Console, vm: Vm, { kind, takeOver }: Command<'console.open'>['args']): Fault | null {
    if (!vm.consoles.includes(kind)) {
      return new Fault('unsupported', { what: vm.name, reason: `it has no ${wordsOf(kind)}`, instead: '' });
    }
    if (OFF.has(vm.state)) return new Fault('wrong-state', { state: vm.state, needs: 'running' });
    const other = this.#holder(console);
    if (other === null) return null;
    const theirs = this.#o.operators.get(other.about.link.operator)?.label ?? 'another operator';
    if (!takeOver) return new Fault('busy', { what: `the serial line of ${vm.name}`, by: `the console of ${theirs}` });
    // Whoever only looks on does not cut off one who works.
    return console.about.readOnly && !other.about.readOnly && other.about.link.operator !== console.about.link.operator
      ? new Fault('forbidden', { role: 'viewer', needs: 'operator', op: `take over the console of ${theirs}` })
      : null;
  }

  /** Whose the serial line is; null: nobody's, or it is a screen. */
  #holder(console: Console): Console | null {
    if (console.about.kind !== 'serial') return null;
    const same = (each: Console): boolean =>
      each !== console && each.about.kind === 'serial' && each.about.vm === console.about.vm;
    return [...this.#open].find((each) => same(each) && each.holds) ?? null;
  }

  async #connect(console: Console, { vm, kind }: { vm: VmId; kind: ConsoleKind }): Promise<Outcome<Duplex>> {
    const other = this.#holder(console);
    // From here on it is this one's: who comes while the driver opens it finds it taken.
    console.holds = true;
    if (other !== null) {
      const by = this.#o.operators.get(console.about.link.operator)?.label ?? 'another operator';
      other.close(new Fault('busy', { what: 'the serial line', by: `the console of ${by}, who took it over` }));
      await other.ended;
    }
    const outcome = await this.#o.driver.console(vm, kind);
    if (outcome.status === 'done' && (console.over || this.#closed)) {
      outcome.value.destroy();
      return refused('cancelled', { by: 'whoever asked for it', left: '' });
    }
    return outcome;
  }

  /** Closes it when the operator may no longer have it as it is. */
  #demandRole(console: Console): boolean {
    const role = this.#o.operators.get(console.about.link.operator)?.role ?? null;
    const needs = console.about.readOnly ? 'viewer' : 'operator';
    if (role !== null && roleAllows(role, needs)) return true;
    console.close(new Fault('forbidden', { role: role ?? 'stranger', needs, op: 'type into a console' }));
    return false;
  }

  async #journalled(console: Console, command: Command<'console.open'>, vm: Vm): Promise<Omit<Entry, 'ended'>> {
    const { journal, operators, now } = this.#o;
    const { operator } = console.about.link;
    const watched = console.about.readOnly && command.args.purpose === null;
    const summary = `${summarise(command, vm, null)}${watched ? ', read-only' : ''}`;
    const started = {
      kind: 'started',
      id: command.id,
      operator,
      label: operators.get(operator)?.label ?? 'unknown',
      op: command.op,
      vm: vm.id,
      digest: digestOf(operator, command),
      summary,
      note: command.note
    } as const;
    const begun = { number: await journal.begin(started), at: now(), started };
    this.#tell({ ...begun, ended: null });
    return begun;
  }

  /** @throws Fault when it cannot be written down */
  async #end(begun: Omit<Entry, 'ended'>, ending: Ending): Promise<void> {
    const { journal, now } = this.#o;
    const tell = (told: Ending): void =>
      this.#tell({ ...begun, ended: { kind: 'ended', of: begun.number, ...told, at: now() } });
    try {
      await journal.finish(begun.started.id, begun.number, ending);
    } catch (thrown) {
      tell({ status: 'unknown', fault: Fault.from(thrown), effects: [], code: null });
      throw thrown;
    }
    tell(ending);
  }

  #tell(entry: Entry): void {
    this.#o.inventory.post({ head: this.#o.journal.head, activities: [activityOf(entry)] });
  }
}

const pictured = ({ link, vm }: ConsoleAbout): string => `${link.operator} ${vm}`;
