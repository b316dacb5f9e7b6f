// One host as a client keeps up with it: links, watches, asks again after a gap, sends unanswered commands once more
// after a loss. States: connecting -> online -> offline -> (by itself) online; refused is left only on request.
import { Fault } from '../model/fault.ts';
import type { FaultCode } from '../model/fault.ts';
import type { JournalHead, LinkState } from '../model/fleet.ts';
import type { CommandId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import type { Millis } from '../model/units.ts';
import { decodeFromAgent, encodeCommand, faultFromWire } from '../protocol/codec.ts';
import type { Args, Command, Event, Op, Reply } from '../protocol/schema.ts';
import { backoff } from './backoff.ts';
import type { RunOptions } from './client.ts';
import type { Clock } from './clock.ts';
import type { FleetUpdate } from './fold.ts';
import { Gate } from './gate.ts';
import { advanceJournal, followJournal } from './journal-head.ts';
import { ANY_TIME, newCommand, WITHIN } from './new-command.ts';
import { Outstanding } from './outstanding.ts';
import { changedPairing } from './pairing.ts';
import type { Pairing } from './pairing.ts';
import { keepAlive } from './session-link.ts';
import type { LinkEvents, SessionLink } from './session-link.ts';

export type HostSessionOptions = {
  readonly pairing: Pairing;
  /** Opens a link; rejects, in bounded time, with the fault why there is none. Called for one link at a time. */
  readonly dial: (pairing: Pairing, events: LinkEvents, signal: AbortSignal) => Promise<SessionLink>;
  readonly onUpdate: (update: FleetUpdate) => void;
  /** The pairing as it is now: called on every change. */
  readonly onPairing: (pairing: Pairing) => void;
  /** How far apart loads may come; null (the default): as often as the host measures them. `repace` when it is another. */
  readonly loadEvery?: () => Millis | null;
  readonly clock: Clock;
  /** 0 <= x < 1 */
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
};

/** After these the host is not asked again by itself: it answered, and would not have us. */
const REFUSALS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'handshake',
  'rollback',
  'unknown-operator',
  'forbidden',
  'pairing-refused'
]);
const WATCH_TIME = 15_000;
/** A link that lasted this long was a good one: the next waits begin small again. */
const GOOD_LINK = 5_000;
/** Commands sent and not answered; an agent refuses more than 64 on a link, and a repeated one must never meet that. */
const WINDOW = 48;

/** What a session does now; each with what ends it. */
type Doing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'waiting'; readonly cancel: () => void }
  | { readonly kind: 'dialling'; readonly cancel: () => void }
  | { readonly kind: 'linked'; readonly link: SessionLink; readonly since: number; readonly stopPings: () => void };

export class HostSession {
  readonly #options: HostSessionOptions;
  readonly #clock: Clock;
  readonly #outstanding: Outstanding;
  readonly #window = new Gate(WINDOW);
  #pairing: Pairing;
  #doing: Doing = { kind: 'nothing' };
  /** Grows with every link and every loss: what an earlier link still says is not listened to. */
  #turn = 0;
  #attempt = 0;
  #state: LinkState = 'offline';
  #fault: Fault | null = null;
  #heardAt: Millis;
  /** What the host was asked for last. */
  #loadEvery: Millis | null = null;
  #watch: { readonly id: CommandId; readonly kept: JournalHead | null; readonly stop: () => void } | null = null;
  #sequence = 0;
  /** By how many milliseconds the host's clock is before ours: a command's deadline is by the host's. */
  #ahead = 0;
  #freshWatch = false;
  #closed = false;

  constructor(options: HostSessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#pairing = options.pairing;
    this.#outstanding = new Outstanding(options.pairing.host, options.clock);
    this.#heardAt = options.clock.now();
  }

  get pairing(): Pairing {
    return this.#pairing;
  }

  /** Why the host is not online; null while it is, or is being linked to for the first time. */
  get fault(): Fault | null {
    return this.#fault;
  }

  get online(): boolean {
    return this.#state === 'online';
  }

  /** Links now. Nothing when linked already. A first call starts the session; later ones are the operator's wish. */
  connect(): void {
    if (this.#closed || this.#doing.kind === 'linked' || this.#doing.kind === 'dialling') return;
    this.#attempt = 0;
    this.#show('connecting', null);
    this.#dial();
  }

  /** The way there is open again, it seems: a session that waits for its next attempt makes it now. */
  hasten(): void {
    if (this.#doing.kind === 'waiting') this.#dial();
  }

  /** Loads may be wanted more or less often now: the host is asked anew if so. */
  repace(): void {
    if (this.#state === 'online' && !this.#watch && this.#wanted() !== this.#loadEvery) this.#startWatch();
  }

  /** See Client.acceptJournal. */
  acceptJournal(): void {
    this.#keep({ head: null });
    if (this.#fault?.code === 'rollback') this.connect();
  }

  /** See Client.run. */
  run<O extends Op>(op: O, args: Args<O>, options: RunOptions): Promise<Reply> {
    return this.#window.run(async () => {
      this.link();
      const command = this.#command(op, args, options);
      const xml = encodeCommand(command);
      const until = (this.#clock.now() + (options.within ?? WITHIN)) as Millis;
      const answer = this.#outstanding.add(command, xml, until, options.signal);
      this.#send(xml);
      return await answer;
    }, options.signal);
  }

  /** The link commands go by now. @throws Fault `offline` */
  link(): SessionLink {
    if (this.#state === 'online' && this.#doing.kind === 'linked') return this.#doing.link;
    throw new Fault('offline', { host: this.#pairing.host, since: new Date(this.#heardAt).toISOString() });
  }

  /** Ends the link and every wait; commands without an answer reject with `unanswered`. Final. */
  close(): void {
    this.#closed = true;
    this.#end();
    this.#outstanding.close();
  }

  #command<O extends Op>(op: O, args: Args<O>, options: RunOptions): Command {
    const { randomBytes } = this.#options;
    const now = Math.max(0, this.#clock.now() + this.#ahead) as Millis;
    return newCommand({ host: this.#pairing.host, now, randomBytes }, op, args, options);
  }

  #dial(): void {
    this.#end();
    const turn = this.#turn;
    const abort = new AbortController();
    const current = (): boolean => turn === this.#turn;
    this.#doing = {
      kind: 'dialling',
      cancel: () => {
        abort.abort(new Fault('unreachable', { host: this.#pairing.host, reason: 'no longer wanted' }));
      }
    };
    const events: LinkEvents = {
      onXml: (xml) => {
        if (current()) this.#receive(xml);
      },
      onClosed: (reason) => {
        if (current()) this.#lost(reason);
      }
    };
    this.#options
      .dial(this.#pairing, events, abort.signal)
      .then((link) => {
        if (current()) this.#linked(link);
        else link.close();
      })
      .catch((thrown: unknown) => {
        if (current()) this.#lost(Fault.from(thrown));
      });
  }

  #linked(link: SessionLink): void {
    const { host, suite } = this.#pairing;
    const stopPings = keepAlive(link, host, this.#clock, (fault) => {
      this.#lost(fault);
    });
    this.#doing = { kind: 'linked', link, since: this.#clock.now(), stopPings };
    this.#sequence = 0;
    if (link.secure.suite < suite) {
      this.#lost(new Fault('handshake', { host, reason: `it offers suite ${link.secure.suite}, it had ${suite}` }));
      return;
    }
    this.#keep({ suite: link.secure.suite });
    this.#startWatch();
  }

  #wanted(): Millis | null {
    return this.#options.loadEvery?.() ?? null;
  }

  /** Asks for everything the host has, and for news of it from then on. */
  #startWatch(): void {
    const kept = this.#pairing.head;
    this.#loadEvery = this.#wanted();
    const args = { keptNumber: kept?.number ?? null, loadEvery: this.#loadEvery };
    const command = this.#command('host.watch', args, { within: ANY_TIME });
    const stop = this.#clock.after(WATCH_TIME, () => {
      const reason = `it did not describe itself within ${WATCH_TIME / 1000} s`;
      this.#lost(new Fault('unreachable', { host: this.#pairing.host, reason }));
    });
    this.#watch = { id: command.id, kept, stop };
    this.#send(encodeCommand(command));
  }

  #receive(xml: Xml): void {
    try {
      const said = decodeFromAgent(xml);
      this.#heardAt = this.#clock.now();
      if (said.kind === 'event') this.#event(said.event);
      else if (said.reply.to === this.#watch?.id) this.#watching(said.reply);
      else this.#answered(said.reply);
    } catch (thrown) {
      this.#lost(Fault.from(thrown));
    }
  }

  #watching(reply: Reply): void {
    const { host } = this.#pairing;
    const kept = this.#watch?.kept ?? null;
    this.#watch?.stop();
    this.#watch = null;
    if (reply.status !== 'done') {
      throw reply.fault
        ? faultFromWire(reply.fault)
        : new Fault('unreachable', { host, reason: 'it refused to be watched' });
    }
    if (!reply.inventory || !reply.head) {
      throw new Fault('malformed', { where: 'the reply to host.watch', reason: 'no inventory or journal head in it' });
    }
    const { inventory, role } = reply;
    if (inventory.host.id !== host) {
      throw new Fault('handshake', { host, reason: `it calls itself ${inventory.host.id}` });
    }
    const head = advanceJournal(host, this.#pairing.head, followJournal(host, kept, reply.head, reply.head.keptHash));
    const { name, site } = inventory.host;
    this.#keep({ head, name, site, role: role ?? this.#pairing.role });
    this.#freshWatch = true;
    const at = this.#heardAt;
    this.#options.onUpdate({ kind: 'inventory', host, inventory, role, at });
    this.#options.onUpdate({ kind: 'activities', host, activities: reply.activities, replace: kept === null, at });
    if (this.#state !== 'online') {
      this.#show('online', null);
      for (const xml of this.#outstanding.takeUnanswered()) this.#send(xml);
    }
    this.repace();
  }

  #answered(reply: Reply): void {
    const { host } = this.#pairing;
    if (reply.head) this.#advance(reply.head);
    if (reply.vm) this.#options.onUpdate({ kind: 'vm', host, vm: reply.vm, at: this.#heardAt });
    this.#outstanding.answer(reply);
  }

  #event(event: Event): void {
    if (this.#state !== 'online') return;
    const missed = event.seq !== this.#sequence + 1 && !(this.#freshWatch && event.seq === 1);
    this.#sequence = event.seq;
    this.#ahead = event.at - this.#clock.now();
    this.#freshWatch = false;
    if (event.head) this.#advance(event.head);
    this.#options.onUpdate({ kind: 'event', host: this.#pairing.host, event, at: this.#heardAt });
    if (missed && !this.#watch) this.#startWatch();
  }

  #advance(offered: JournalHead): void {
    this.#keep({ head: advanceJournal(this.#pairing.host, this.#pairing.head, offered) });
  }

  #keep(changes: Partial<Pairing>): void {
    const pairing = changedPairing(this.#pairing, changes);
    if (pairing === this.#pairing) return;
    this.#pairing = pairing;
    this.#options.onPairing(pairing);
  }

  #send(xml: Xml): void {
    if (this.#doing.kind !== 'linked') return;
    const turn = this.#turn;
    this.#doing.link.sendXml(xml).catch((thrown: unknown) => {
      if (turn === this.#turn) this.#lost(Fault.from(thrown));
    });
  }

  /** Leaves whatever is going on: link, attempt or wait. Nothing an earlier link says is heard after this. */
  #end(reason?: Fault): void {
    const doing = this.#doing;
    this.#turn++;
    this.#doing = { kind: 'nothing' };
    this.#watch?.stop();
    this.#watch = null;
    if (doing.kind === 'linked') {
      doing.stopPings();
      doing.link.close(reason);
    } else if (doing.kind !== 'nothing') doing.cancel();
  }

  #lost(fault: Fault): void {
    const doing = this.#doing;
    this.#end(fault);
    if (doing.kind === 'linked' && this.#clock.now() - doing.since >= GOOD_LINK) this.#attempt = 0;
    if (this.#state === 'online') this.#outstanding.linkLost();
    if (REFUSALS.has(fault.code)) {
      this.#show('refused', fault);
      return;
    }
    this.#show('offline', fault);
    const cancel = this.#clock.after(backoff(this.#attempt++, this.#options.random()), () => {
      this.#dial();
    });
    this.#doing = { kind: 'waiting', cancel };
  }

  #show(link: LinkState, fault: Fault | null): void {
    this.#state = link;
    this.#fault = fault;
    const reason = fault && `${fault.message}. ${fault.advice}`;
    this.#options.onUpdate({ kind: 'link', host: this.#pairing.host, link, reason });
  }
}
