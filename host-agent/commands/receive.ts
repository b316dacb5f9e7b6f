// The receiving line from a link's XML to its reply: decode -> authorise -> journal -> execute. One malformed message is
// refused if it names itself, and ends the link if it does not.
import { Fault } from '../../src/lib/model/fault.ts';
import { commandId, UUID } from '../../src/lib/model/ids.ts';
import type { CommandId, HostId, OperatorKey } from '../../src/lib/model/ids.ts';
import type { Xml } from '../../src/lib/model/stages.ts';
import { decodeCommand, emptyReply, encodeEvent, encodeReply, faultToWire } from '../../src/lib/protocol/codec.ts';
import { ops } from '../../src/lib/protocol/schema.ts';
import type { Command, Event, Reply } from '../../src/lib/protocol/schema.ts';
import { readXml } from '../../src/lib/protocol/xml.ts';
import type { ByteChannel, ByteHandlers } from '../../src/lib/session/byte-channel.ts';
import { authorise } from './authorise.ts';
import { refusal, STOPPING } from './changes.ts';
import type { Changes } from './changes.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Journal } from '../journal/journal.ts';
import type { LoadHistory } from '../load/history.ts';
import type { Log } from '../log.ts';
import { Mailbox } from '../inventory/mailbox.ts';
import type { Operators } from '../access/operators.ts';

/** An operator's sealed link, as `serve` makes them and tests do in memory. */
export type Link = {
  readonly operator: OperatorKey;
  /** Hex id of the pairing code it was made with; null for an ordinary link. */
  readonly codeId: string | null;
  readonly checkNumber: string;
  /** Resolves when there is room for more, rejects when the link is gone. */
  send(xml: Xml): Promise<void>;
  /** See `Channels.openBytes`. */
  openBytes(channel: number, handlers: ByteHandlers): ByteChannel;
  close(fault: Fault): void;
};

export type ReceiverOptions = {
  readonly host: HostId;
  readonly operators: Operators;
  readonly journal: Journal;
  readonly inventory: Inventory;
  readonly changes: Changes;
  readonly loads: LoadHistory;
  /** Answers whoever wants to look into a VM. */
  readonly consoles: { open(link: Link, command: Command<'console.open'>): Promise<Reply> };
  /** Every established link, also those that have said nothing yet. */
  readonly links: () => Iterable<Link>;
  readonly now: () => number;
  readonly log: Log;
};

/** Commands of one link that have not been answered yet. */
export const MAX_UNANSWERED = 64;
/** Activities told with the inventory, so that a client need not ask. */
const FIRST_ACTIVITIES = 100;

type Correspondent = {
  /** Until it has enrolled, a link made by pairing is good for nothing else. */
  pairing: boolean;
  mailbox: Mailbox | null;
  unanswered: number;
  closed: boolean;
};

export class Receiver {
  readonly #o: ReceiverOptions;
  readonly #known = new WeakMap<Link, Correspondent>();
  #stopping = false;

  constructor(options: ReceiverOptions) {
    this.#o = options;
  }

  /** One message from a link. Never throws; the reply goes to the same link. */
  onXml(link: Link, xml: Xml): void {
    const from = this.#correspondent(link);
    if (from.closed) return;
    // Refusals are answers too: a link that takes none of them must not pile them up.
    if (from.unanswered >= 2 * MAX_UNANSWERED) {
      link.close(new Fault('busy', { what: 'this link', by: 'answers that nobody takes' }));
      return;
    }
    from.unanswered++;
    this.#take(link, from, xml)
      .catch((thrown: unknown) => {
        this.#o.log('error', 'answer-broke', { reason: Fault.from(thrown).message });
      })
      .finally(() => from.unanswered--);
  }

  /** The link is gone. Commands it sent go on; nobody is told of them here. */
  onClosed(link: Link): void {
    const from = this.#correspondent(link);
    from.closed = true;
    if (from.mailbox !== null) this.#o.inventory.unwatch(from.mailbox);
  }

  /** From now on every command is refused: what runs is being finished. */
  stop(): void {
    this.#stopping = true;
  }

  /** Ends every link of operators who are no longer known. `but`: the link that still gets its reply. */
  closeUnknown(but: Link | null = null): void {
    for (const link of [...this.#o.links()]) {
      if (link === but || this.#correspondent(link).pairing || this.#o.operators.get(link.operator) !== null) continue;
      this.#o.log('info', 'link-closed', { reason: 'unknown operator', operator: link.operator });
      link.close(new Fault('unknown-operator', { host: this.#o.host }));
    }
  }

  #correspondent(link: Link): Correspondent {
    let from = this.#known.get(link);
    if (from === undefined) {
      from = { pairing: link.codeId !== null, mailbox: null, unanswered: 0, closed: false };
      this.#known.set(link, from);
    }
    return from;
  }

  async #take(link: Link, from: Correspondent, xml: Xml): Promise<void> {
    let command: Command;
    try {
      command = decodeCommand(xml);
    } catch (thrown) {
      await this.#malformed(link, xml, Fault.from(thrown));
      return;
    }
    try {
      if (this.#stopping) await this.#send(link, refusal(command.id, STOPPING));
      else if (from.unanswered > MAX_UNANSWERED) {
        const fault = new Fault('busy', { what: 'this link', by: `${MAX_UNANSWERED} unanswered commands` });
        await this.#send(link, refusal(command.id, fault));
      } else await this.#answer(link, from, command);
    } catch (thrown) {
      const fault = Fault.from(thrown);
      if (fault.code === 'internal') this.#o.log('error', 'answer-broke', { op: command.op, reason: fault.message });
      await this.#send(link, { ...emptyReply(command.id, 'failed'), fault: faultToWire(fault) });
    }
  }

  async #answer(link: Link, from: Correspondent, command: Command): Promise<void> {
    if (ops[command.op].changes) {
      const { operator, codeId, checkNumber } = link;
      const pairing = (): boolean => from.pairing;
      const reply = await this.#o.changes.answer({ operator, codeId, checkNumber, pairing }, command);
      if (command.op === 'host.enroll' && reply.status === 'done') from.pairing = false;
      if (command.op === 'operator.revoke') this.closeUnknown(link);
      await this.#send(link, reply);
      if (command.op === 'operator.revoke') this.closeUnknown();
      return;
    }
    const { host, operators, now } = this.#o;
    const role = operators.get(link.operator)?.role ?? null;
    const denied = authorise(command, { host, role, pairing: from.pairing, now: now() });
    if (denied !== null) {
      await this.#send(link, refusal(command.id, denied));
      if (denied.code === 'unknown-operator' && !from.pairing) link.close(denied);
      return;
    }
    switch (command.op) {
      case 'host.watch':
        return this.#watch(link, from, command);
      case 'activity.list': {
        const activities = await this.#o.journal.activities(command.args);
        return this.#send(link, { ...emptyReply(command.id, 'done'), activities });
      }
      case 'load.history':
        return this.#send(link, this.#history(command));
      case 'console.open':
        return this.#send(link, await this.#o.consoles.open(link, command));
      case 'operator.list':
        return this.#send(link, { ...emptyReply(command.id, 'done'), operators: operators.list() });
      default:
        throw new Fault('internal', { reason: `${command.op} is answered by nobody` });
    }
  }

  #history(command: Command<'load.history'>): Reply {
    const { inventory, loads, now } = this.#o;
    const { vm, from, to } = command.args;
    if (from >= to) {
      return refusal(
        command.id,
        new Fault('bad-argument', { name: 'to-ms', value: `${to}`, reason: 'is not after from-ms' })
      );
    }
    if (vm !== null && inventory.seen(vm) === null && !loads.vms.has(vm)) {
      return refusal(command.id, new Fault('not-found', { kind: 'VM', id: vm }));
    }
    return { ...emptyReply(command.id, 'done'), history: loads.read(command.args, now()) };
  }

  /** Everything as it is now in the reply, then news as events, counted from 1 on this link. */
  async #watch(link: Link, from: Correspondent, command: Command<'host.watch'>): Promise<void> {
    const { inventory, journal, now } = this.#o;
    const { keptNumber, loadEvery } = command.args;
    const mailbox = (from.mailbox ??= new Mailbox((event) => this.#sendEvent(link, event), now));
    mailbox.hold();
    mailbox.pace(loadEvery ?? 0);
    const everything = await inventory.watch(mailbox);
    mailbox.post({ progress: this.#o.changes.progress() });
    const { head } = journal;
    const keptHash = keptNumber === null ? null : await journal.hashAt(keptNumber);
    const activities = await journal.activities({ limit: FIRST_ACTIVITIES, before: head.number + 1, vm: null });
    if (from.closed) {
      inventory.unwatch(mailbox);
      return;
    }
    await this.#send(link, {
      ...emptyReply(command.id, 'done'),
      inventory: everything,
      head: { ...head, keptHash },
      activities
    });
    mailbox.start();
  }

  /**
   * Journal head and VM are those of the moment of sending, in replies and events alike: on no link does anything go
   * back to what it was before.
   * @returns when the link has room for more; never rejects
   */
  async #send(link: Link, reply: Reply): Promise<void> {
    const { operators, inventory, journal } = this.#o;
    const role = operators.get(link.operator)?.role ?? null;
    const head = reply.head && { ...journal.head, keptHash: reply.head.keptHash };
    const vm = reply.vm && (inventory.seen(reply.vm.id) ?? reply.vm);
    let xml: Xml;
    try {
      xml = encodeReply({ ...reply, role, head, vm });
    } catch (thrown) {
      const fault = Fault.from(thrown);
      this.#o.log('error', 'reply-not-encodable', { reason: fault.message });
      xml = encodeReply({ ...emptyReply(reply.to, 'failed'), role, journal: reply.journal, fault: faultToWire(fault) });
    }
    await link.send(xml).catch(() => undefined);
  }

  #sendEvent(link: Link, event: Event): Promise<void> {
    const head = event.head && { ...this.#o.journal.head, keptHash: null };
    return link.send(encodeEvent({ ...event, head }));
  }

  async #malformed(link: Link, xml: Xml, fault: Fault): Promise<void> {
    const id = idOf(xml);
    this.#o.log('warn', 'malformed', { operator: link.operator, reason: fault.message, answered: id !== null });
    if (id === null) link.close(fault);
    else await this.#send(link, refusal(id, fault));
  }
}

/** The id of a command that is well-formed XML, but not one this agent understands. */
function idOf(xml: Xml): CommandId | null {
  try {
    const { name, attributes } = readXml(xml);
    const id = attributes.get('id');
    return name === 'command' && id !== undefined && UUID.test(id) ? commandId(id) : null;
  } catch {
    return null;
  }
}
