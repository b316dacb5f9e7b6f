// All that one operator manages, over any number of gateways and hosts: the one object the tab and the command line
// build on. It keeps one link per host, folds what the hosts say into one immutable fleet, and runs commands.
import { Fault } from '../model/fault.ts';
import type { ConsoleKind, Fleet } from '../model/fleet.ts';
import type { HostId, VmId } from '../model/ids.ts';
import type { Millis } from '../model/units.ts';
import type { Args, Op, Reply } from '../protocol/schema.ts';
import { decodeBase64url, encodeBase64url } from '../seal/base64url.ts';
import type { CryptoProvider, KeyPair } from '../seal/provider.ts';
import type { Ticket } from '../seal/ticket.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { openConsole } from './console.ts';
import type { ConsoleChannel, ConsoleOptions } from './console.ts';
import { enroll } from './enroll.ts';
import { FleetStore } from './fleet-store.ts';
import { Gate } from './gate.ts';
import { Gateway } from './gateway.ts';
import { HostSession } from './host-session.ts';
import { PairingSaver } from './pairing-saver.ts';
import type { SavePairing } from './pairing-saver.ts';
import type { CommandOptions } from './new-command.ts';
import type { Pairing } from './pairing.ts';
import type { Transport } from './transport.ts';

export type ClientOptions = {
  readonly provider: CryptoProvider;
  /** The operator's own key; its public half is what hosts know the operator by. */
  readonly identity: KeyPair;
  /** What was saved before; every host in it is linked to at once. */
  readonly pairings: readonly Pairing[];
  /** Makes the transport to one gateway; called once per gateway URL. */
  readonly transport: (gateway: string) => Transport;
  /** Called when a pairing is new or changed (name, site, role, suite, journal head): at most once a second per host. */
  readonly savePairing: SavePairing;
  readonly removePairing: (host: HostId) => void | Promise<void>;
  /** A save that failed is told here; the client goes on. Default: nothing. */
  readonly onSaveFailed?: (thrown: unknown) => void;
  /** Default: the machine's clock and timers. */
  readonly clock?: Clock;
  /** 0 <= x < 1, for jitter. Default: Math.random. */
  readonly random?: () => number;
};

export type RunOptions = CommandOptions & {
  /** Stops waiting (rejects with the signal's reason). What was sent may still be carried out. */
  readonly signal?: AbortSignal;
};

export type Paired = {
  readonly pairing: Pairing;
  /** `1234 5678`: the operator compares it with what the host shows. */
  readonly checkNumber: string;
};

/** Handshakes under way at once, over all gateways. */
const HANDSHAKES = 64;
/** Hosts nobody looks at closely: together they tell loads so often a second. Below the usual interval it is not worth asking. */
const LOADS = 100;
const USUAL = 2_000;
const SELDOM = 60_000;

export class Client {
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #store: FleetStore;
  readonly #saver: PairingSaver;
  readonly #gate = new Gate(HANDSHAKES);
  readonly #gateways = new Map<string, Gateway>();
  readonly #sessions = new Map<HostId, HostSession>();
  #closely: ReadonlySet<HostId> = new Set();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#store = new FleetStore(this.#clock);
    this.#saver = new PairingSaver(this.#clock, options.savePairing, options.onSaveFailed);
    for (const pairing of options.pairings) this.#start(pairing);
  }

  /** Everything known now. Immutable: a new object after every change, unchanged parts are the same objects. */
  get fleet(): Fleet {
    return this.#store.fleet;
  }

  /**
   * Calls `listener` with the new fleet after changes: many changes within about 16 ms are one call. Not called at once.
   * @returns ends it
   */
  onFleet(listener: (fleet: Fleet) => void): () => void {
    return this.#store.listen(listener);
  }

  /**
   * Enrols this operator at the ticket's host under `label` (a NAME), saves the pairing, and then links to the host as
   * usual. Pairing again with a known host replaces its pairing.
   * @param gateway WebSocket URL, see `gatewayUrl`
   * @throws Fault `pairing-refused`, `unreachable`, `gateway-lost`, `handshake`, `bad-argument`, `timeout`
   */
  async pair(gateway: string, ticket: Ticket, label: string): Promise<Paired> {
    const { provider } = this.#options;
    const { host, hostKey } = ticket;
    const { role, checkNumber } = await enroll({
      host,
      label,
      provider,
      clock: this.#clock,
      open: (withCode, events, signal) => {
        const pairing = withCode ? { code: ticket.code } : null;
        return this.#gateway(gateway).open({ host, hostKey, atLeast: 1, pairing }, events, signal);
      }
    });
    const key = encodeBase64url(hostKey);
    // With the same key it is the same host: what was seen of it before still binds it.
    const before = this.#sessions.get(host)?.pairing;
    const known = before?.hostKey === key ? before : null;
    const pairing: Pairing = {
      host,
      gateway,
      hostKey: key,
      suite: known?.suite ?? 1,
      name: known?.name ?? host,
      site: known?.site ?? '',
      role,
      head: known?.head ?? null,
      pairedAt: this.#clock.now()
    };
    await this.#saver.now(pairing);
    this.#start(pairing);
    return { pairing, checkNumber };
  }

  /**
   * Removes the host from the fleet and its pairing from the store. The host still knows this operator's key. Rejects with what the
   * store says when it cannot: then the host stays.
   */
  async forget(host: HostId): Promise<void> {
    const session = this.#session(host);
    // First, or what it hears until then would be saved behind the removal.
    session.close();
    this.#saver.drop(host);
    try {
      await this.#options.removePairing(host);
    } catch (thrown) {
      this.#start(session.pairing);
      throw thrown;
    }
    const before = this.#pace;
    this.#sessions.delete(host);
    this.#repace(before);
    this.#store.add({ kind: 'forgotten', host });
  }

  /** Of very many hosts, these alone tell their loads as often as they measure them. */
  lookAt(hosts: ReadonlySet<HostId>): void {
    const before = this.#closely;
    this.#closely = hosts;
    for (const host of hosts) if (!before.has(host)) this.#sessions.get(host)?.repace();
    for (const host of before) if (!hosts.has(host)) this.#sessions.get(host)?.repace();
  }

  /** Tries to link now to a host that is offline or refused; nothing for one that is online or unknown. */
  retry(host: HostId): void {
    const session = this.#sessions.get(host);
    if (!session) return;
    this.#gateway(session.pairing.gateway).believe();
    session.connect();
  }

  /** After a `rollback`: forgets the kept journal head, so that the host's journal is believed as it is now; links again. */
  async acceptJournal(host: HostId): Promise<void> {
    const session = this.#session(host);
    session.acceptJournal();
    await this.#saver.now(session.pairing);
  }

  /** Why a host is not online, as a typed fault: with `rollback`, `acceptJournal` is what helps. Null while all is well. */
  faultOf(host: HostId): Fault | null {
    return this.#sessions.get(host)?.fault ?? null;
  }

  /**
   * Runs one operation. Resolves with the host's reply whatever its status: `refused` and `failed` are data. If the link
   * is lost before the reply came, the command is sent again under its id on the next one; the host never carries it out
   * twice.
   * @throws Fault `offline` (nothing was sent), `not-found` (no such host), `bad-argument` (cannot be encoded),
   * `id-reused` (that id is under way), `unanswered` (it was sent, the link was lost, and no other came in time)
   */
  run<O extends Op>(host: HostId, op: O, args: Args<O>, options: RunOptions = {}): Promise<Reply> {
    const session = this.#sessions.get(host);
    if (!session) return Promise.reject(new Fault('not-found', { kind: 'host', id: host }));
    return session.run(op, args, options);
  }

  /**
   * Looks into a running VM: its screen (RFB 3.8 without a password) or its serial line. Not opened again after a lost link:
   * the channel then says so, and whoever wants to goes on with a new one.
   * @throws Fault why there is none: what the host refused it with (`busy`: the serial line is somebody else's, `takeOver`
   * closes theirs; `wrong-state`, `unsupported`, `forbidden`, …), `offline`, `not-found`, or what ended the link
   */
  async openConsole(host: HostId, vm: VmId, kind: ConsoleKind, options: ConsoleOptions = {}): Promise<ConsoleChannel> {
    return openConsole(this.#session(host), vm, kind, options);
  }

  /** Closes every link and begins to save what was not saved yet. Commands under way reject with `unanswered`. Final. */
  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
    this.#store.close();
    this.#saver.close();
    for (const gateway of this.#gateways.values()) gateway.close();
  }

  /** How far apart loads come of hosts nobody looks at closely; null: as often as they are measured. */
  get #pace(): Millis | null {
    const every = Math.min(SELDOM, 1000 * Math.ceil(this.#sessions.size / LOADS));
    return every <= USUAL ? null : (every as Millis);
  }

  /** The fleet is another size now: hosts are told when the pace is another too. @param before the pace until then */
  #repace(before: Millis | null): void {
    if (this.#pace !== before) for (const session of this.#sessions.values()) session.repace();
  }

  #session(host: HostId): HostSession {
    const session = this.#sessions.get(host);
    if (!session) throw new Fault('not-found', { kind: 'host', id: host });
    return session;
  }

  #gateway(url: string): Gateway {
    let gateway = this.#gateways.get(url);
    if (!gateway) {
      const { provider, identity, transport } = this.#options;
      gateway = new Gateway({
        transport: transport(url),
        provider,
        identity,
        gate: this.#gate,
        clock: this.#clock,
        onBack: () => {
          for (const session of this.#sessions.values()) if (session.pairing.gateway === url) session.hasten();
        }
      });
      this.#gateways.set(url, gateway);
    }
    return gateway;
  }

  #start(pairing: Pairing): void {
    const { host, name, site, role } = pairing;
    this.#sessions.get(host)?.close();
    const { provider } = this.#options;
    const session = new HostSession({
      pairing,
      dial: ({ gateway, hostKey, suite }, events, signal) => {
        const key = decodeBase64url('host key', hostKey);
        return this.#gateway(gateway).open({ host, hostKey: key, atLeast: suite, pairing: null }, events, signal);
      },
      onUpdate: (update) => {
        this.#store.add(update);
      },
      onPairing: (changed) => {
        this.#saver.changed(changed);
      },
      loadEvery: () => (this.#closely.has(host) ? null : this.#pace),
      clock: this.#clock,
      random: this.#random,
      randomBytes: (count) => provider.random(count)
    });
    const before = this.#pace;
    this.#sessions.set(host, session);
    this.#repace(before);
    this.#store.add({ kind: 'paired', host, name, site, role });
    session.connect();
  }
}
