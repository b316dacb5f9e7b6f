// The tab itself: opens the store, has the operator's key ready, keeps one client, and hands every page what it shows.
// Constructed once by the root layout; nothing here is a module-wide singleton.
import { Fault } from '#lib/model/fault.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import type { HostId, OperatorKey } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import type { Reply } from '#lib/protocol/schema.ts';
import type { CryptoProvider, KeyPair } from '#lib/seal/provider.ts';
import type { Ticket } from '#lib/seal/ticket.ts';
import type { Client, Paired } from '#lib/session/client.ts';
import type { Pairing } from '#lib/session/pairing.ts';
import { Bulks } from './bulk/bulks.svelte.ts';
import type { Elsewhere } from './tasks/elsewhere.ts';
import { FilterList } from './filters/list.svelte.ts';
import type { Draft } from '#lib/ui/vm/create-draft.ts';
import { FleetView } from './fleet/view.svelte.ts';
import { emptyMap, withEntries } from './immutable-map.ts';
import { TabLanguage } from './language.svelte.ts';
import type { Lookout, Seen } from './notices/lookout.ts';
import type { Planning } from './plans/planning.svelte.ts';
import type { Plugins } from './plugins/plugins.svelte.ts';
import { openOnce } from './open-once.ts';
import type { Rebalance } from './rebalance/loop.svelte.ts';
import { recall } from './remembered.ts';
import { isSecure, type Core, type Opening } from './opening.ts';
import type { Storage } from './storage.ts';
import type { Links } from './tab-links.ts';
import type { Task } from './tasks/task.ts';
import { Tasks } from './tasks/tasks.svelte.ts';
import { Theme } from './theme.svelte.ts';
import { TickingClock } from './ticking-clock.svelte.ts';
import { Toasts } from './notices/toasts.svelte.ts';

/** `locked`: a passphrase is wanted, for a new key or to open the kept one. */
export type Phase =
  | { readonly kind: 'starting' }
  | { readonly kind: 'locked'; readonly mode: 'new' | 'open'; readonly fault: Fault | null; readonly busy: boolean }
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly fault: Fault };

const NOTICE_AFTER = 400;
/** Ms after the last word of another tab: pairing with many hosts, it says so of each, and all links here are begun anew. */
const RENEW_AFTER = 500;
/** Newest first, until the tab closes. */
const SIGHTINGS = 500;

export class App {
  readonly clock = new TickingClock();
  readonly theme = new Theme();
  readonly language = new TabLanguage();
  readonly toasts = new Toasts();
  readonly fleet = new FleetView((hosts) => this.#client?.lookAt(hosts));
  readonly filters = new FilterList();
  readonly bulks = new Bulks();
  readonly tasks: Tasks;
  /** This page came over plain http: the browser gives no cryptography and no safe place for a key. */
  readonly insecure = !isSecure();

  #phase = $state.raw<Phase>({ kind: 'starting' });
  #pairings = $state.raw<ReadonlyMap<HostId, Pairing>>(emptyMap());
  #keyNumber = $state('');
  #operator = $state.raw<OperatorKey | null>(null);
  /** By public key, of those that were asked for. */
  #numbers = $state.raw<ReadonlyMap<string, string>>(emptyMap());
  #unnumbered: string[] = [];
  #storageFault = $state.raw<Fault | null>(null);
  #core: Core | null = null;
  #storage: Storage | null = null;
  #provider: CryptoProvider | null = null;
  #identity: KeyPair | null = null;
  #client: Client | null = null;
  #lookout: Lookout | null = null;
  #sightings = $state.raw<readonly Seen[]>([]);
  #noticing: ReturnType<typeof setTimeout> | null = null;
  #renewing: ReturnType<typeof setTimeout> | null = null;
  readonly #planning = openOnce(async () => {
    const { Planning } = await import('./plans/planning.svelte.ts');
    const planning = new Planning(() => this.fleet.whole, this.tasks);
    this.#stops.push(planning.start());
    return planning;
  });
  readonly #rebalance = openOnce(async () => {
    const [{ Rebalance }, planning] = await Promise.all([import('./rebalance/loop.svelte.ts'), this.planning]);
    const loop = await Rebalance.open({
      planning,
      fleet: () => this.fleet.whole,
      toasts: this.toasts,
      messages: () => this.language.allMessages()
    });
    this.#stops.push(loop.start());
    return loop;
  });
  readonly #stops: (() => void)[] = [];
  readonly #others = 'BroadcastChannel' in globalThis ? new BroadcastChannel('smps-pairings') : null;

  #elsewhere = $state.raw<Elsewhere | null>(null);
  readonly #givenElsewhere: readonly Task[] = $derived.by(
    () => this.#elsewhere?.of(this.fleet.hosts, this.tasks.list, this.clock.now) ?? []
  );
  readonly #opening: Promise<Opening>;
  readonly #trayFolded: () => boolean;

  /** @param trayFolded whether the operator sees the tasks only as one line */
  constructor(opening: Promise<Opening>, trayFolded: () => boolean) {
    this.#opening = opening;
    this.#trayFolded = trayFolded;
    this.tasks = new Tasks(
      () => this.#client,
      (reply) => this.#core?.faultOfReply(reply) ?? null,
      () => Date.now(),
      () => this.language.allMessages(),
      (task) => this.#taskEnded(task)
    );
  }

  get phase(): Phase {
    return this.#phase;
  }
  get pairings(): ReadonlyMap<HostId, Pairing> {
    return this.#pairings;
  }
  /** `4821 7730`; empty before the key is there. */
  get keyNumber(): string {
    return this.#keyNumber;
  }
  /** The public key by which hosts know this browser; null before it is there. */
  get operator(): OperatorKey | null {
    return this.#operator;
  }
  /** What runs on the hosts and was given elsewhere, then the tasks of this tab. */
  get allTasks(): readonly Task[] {
    return this.#givenElsewhere.length === 0 ? this.tasks.list : [...this.#givenElsewhere, ...this.tasks.list];
  }
  /** A VM that was begun in the form and not made; in memory only, as user-data may hold secrets. */
  unfinished: { readonly draft: Draft; readonly host: string | null } | null = null;
  /** What happened to hosts and VMs without a command, as this tab saw it; newest first. */
  get sightings(): readonly Seen[] {
    return this.#sightings;
  }
  /** Why nothing outlives this tab, or what could not be read or saved; null when all is well. */
  get storageFault(): Fault | null {
    return this.#storageFault;
  }
  /** The tickets of the pairing link this tab was opened with: a secret, only ever in memory. */
  offered = $state.raw<string | null>(null);

  /** Opened when first asked for, with the sandbox they run in. */
  get plugins(): Promise<Plugins> {
    return this.planning.then((planning) => planning.plugins);
  }

  /** What plans are made on; loads are followed from the first time it is asked for. */
  get planning(): Promise<Planning> {
    return this.#planning();
  }

  /** The rebalance loop of this browser, opened when first asked for. */
  get rebalance(): Promise<Rebalance> {
    return this.#rebalance();
  }

  /** The number people compare for a host's key; null before it is known: that takes a moment from the first question. */
  hostNumber(host: HostId): string | null {
    const key = this.#pairings.get(host)?.hostKey;
    if (key === undefined) return null;
    const number = this.#numbers.get(key) ?? null;
    if (number === null) {
      // All that are asked for in one drawing are told in one.
      if (this.#unnumbered.length === 0) queueMicrotask(() => void this.#number());
      this.#unnumbered.push(key);
    }
    return number;
  }
  /** The number people compare for any public key, given in base64url. */
  async numberOf(key: string): Promise<string> {
    return this.#core === null || this.#provider === null ? '' : this.#core.numberOfKey(this.#provider, key);
  }
  /** Shows the fleet as the hosts have told it by now: for a page that goes on to what a command has just made. */
  catchUp(): void {
    if (this.#client !== null) this.fleet.begin(this.#client.fleet);
  }
  /** Why a host refused or failed; null when it did neither. */
  faultOfReply(reply: Reply): Fault | null {
    return this.#core?.faultOfReply(reply) ?? null;
  }

  /** Opens everything; ends in `ready`, `locked` or `broken`. @returns closes everything */
  start(): () => void {
    this.#stops.push(this.clock.start(), this.theme.start(), this.language.start());
    this.#others?.addEventListener('message', this.#onOthers);
    void this.#open().catch((thrown: unknown) => {
      this.#phase = { kind: 'broken', fault: Fault.from(thrown) };
    });
    return () => {
      for (const stop of this.#stops.splice(0)) stop();
      this.#others?.close();
      if (this.#noticing !== null) clearTimeout(this.#noticing);
      if (this.#renewing !== null) clearTimeout(this.#renewing);
      this.#client?.close();
      this.#storage?.close();
    };
  }

  /** For `locked`: makes or opens the key. Ends in `ready`, or in `locked` with the fault. */
  async usePassphrase(passphrase: string): Promise<void> {
    const { phase } = this;
    const [core, provider, storage] = [this.#core, this.#provider, this.#storage];
    if (phase.kind !== 'locked' || core === null || provider === null || storage === null) return;
    this.#phase = { ...phase, fault: null, busy: true };
    try {
      const identity = await core.openWrappedKey(storage, provider, passphrase);
      const pairings = await this.#pairingsOf(storage);
      await this.#ready(core, provider, identity, new core.Links({ provider, identity, storage, pairings }));
    } catch (thrown) {
      this.#phase = { ...phase, fault: Fault.from(thrown), busy: false };
    }
  }

  /** @throws Fault as `Client.pair`, `offline` before the key is ready */
  async pair(gateway: string, ticket: Ticket, label: string): Promise<Paired> {
    if (this.#client === null) throw new Fault('offline', { host: ticket.host, since: 'this tab opened' });
    const paired = await this.#client.pair(gateway, ticket, label);
    this.#others?.postMessage(null);
    return paired;
  }

  /** @returns false: the browser's store would not, as `storageFault` says, and the host stays */
  async forget(host: HostId): Promise<boolean> {
    try {
      await this.#client?.forget(host);
    } catch {
      return false;
    }
    this.#others?.postMessage(null);
    return true;
  }

  retry(host: HostId): void {
    this.#client?.retry(host);
  }

  /** After a `rollback` the operator has looked into. */
  async acceptJournal(host: HostId): Promise<void> {
    await this.#client?.acceptJournal(host);
  }

  /** Why `host` is not online, typed; null while it is. Renewed with every fleet. */
  faultOf(host: HostId): Fault | null {
    return this.fleet.host(host) === null ? null : (this.#client?.faultOf(host) ?? null);
  }

  /** The one command that is no task: it changes nothing. @throws Fault as `Client.run` */
  get run(): Client['run'] {
    return (host, op, args, options) => {
      if (this.#client === null) return Promise.reject(new Fault('offline', { host, since: 'this tab opened' }));
      return this.#client.run(host, op, args, options);
    };
  }

  /** A way into a guest. @throws Fault as `Client.openConsole` */
  get openConsole(): Client['openConsole'] {
    return (host, ...what) => {
      if (this.#client === null) return Promise.reject(new Fault('offline', { host, since: 'this tab opened' }));
      return this.#client.openConsole(host, ...what);
    };
  }

  async #open(): Promise<void> {
    const { core, storage, provider, identity, kept, links, fault } = await this.#opening;
    this.#core = core;
    this.#lookout = new core.Lookout();
    this.#elsewhere = new core.Elsewhere();
    this.fleet.remember((onChanged) => new core.LoadHistory(core.askHistory(this.run), onChanged));
    this.#storage = storage;
    this.#provider = provider;
    this.#storageFault = fault;
    storage.onFault = (fault) => (this.#storageFault = fault);
    if (identity === null || links === null) {
      this.#phase = { kind: 'locked', mode: kept ? 'open' : 'new', fault: null, busy: false };
    } else {
      await this.#ready(core, provider, identity, links);
    }
  }

  async #ready(core: Core, provider: CryptoProvider, identity: KeyPair, links: Links): Promise<void> {
    this.#identity = identity;
    this.#operator = core.operatorOf(identity);
    this.#follow(links);
    this.#phase = { kind: 'ready' };
    if (recall('rebalance') !== null) void this.rebalance;
    this.#keyNumber = await core.keyNumber(provider, identity.publicKey);
  }

  #pairingsOf(storage: Storage): Promise<readonly Pairing[]> {
    return storage.pairings((fault) => (this.#storageFault = fault));
  }

  /** From now on these are the tab's links. */
  #follow(links: Links): void {
    this.#pairings = links.pairings;
    this.#client?.close();
    this.#client = links.client;
    links.onPairings = (pairings) => (this.#pairings = pairings);
    const { client } = links;
    client.onFleet((fleet) => this.#show(fleet));
    if (this.#phase.kind === 'ready') {
      this.#show(client.fleet);
    } else {
      this.fleet.begin(client.fleet);
      this.#notice(client.fleet);
    }
  }

  async #number(): Promise<void> {
    const keys = this.#unnumbered;
    this.#unnumbered = [];
    const numbers = await Promise.all(keys.map(async (key) => [key, await this.numberOf(key)] as const));
    this.#numbers = withEntries(this.#numbers, numbers);
  }

  #show(fleet: Fleet): void {
    this.fleet.show(fleet);
    this.#notice(fleet);
  }

  #notice(fleet: Fleet): void {
    // A lost gateway takes its hosts one after the other: wait a moment, and it is one sentence. All are looked at: of very many, later.
    if (this.#noticing !== null) return;
    this.#noticing = setTimeout(() => this.#tellNews(fleet), Math.max(NOTICE_AFTER, fleet.hosts.size));
  }

  #tellNews(fleet: Fleet): void {
    this.#noticing = null;
    const news = this.#lookout?.look(this.#client?.fleet ?? fleet, Date.now() as Millis);
    if (news === undefined) return;
    for (const { say, tone, of } of news.notices) this.toasts.show(say, tone, of?.telling);
    if (news.sightings.length === 0) return;
    this.#sightings = [...news.sightings.toReversed(), ...this.#sightings].slice(0, SIGHTINGS);
  }

  #taskEnded(task: Task): void {
    if (task.vm !== null && this.bulks.carries(task.vm)) return; // a bulk says it itself
    const notice = this.#core?.taskNotice(task, this.#trayFolded()) ?? null;
    if (notice !== null) this.toasts.show(notice.say, notice.tone);
  }

  /**
   * Another tab paired with or forgot a host: link to the same hosts here, once that tab is done with all of them and no command of this
   * one is under way.
   */
  readonly #onOthers = (): void => {
    if (this.#renewing !== null) clearTimeout(this.#renewing);
    this.#renewing = setTimeout(() => {
      if (this.tasks.running.length > 0) this.#onOthers();
      else void this.#renew();
    }, RENEW_AFTER);
  };

  async #renew(): Promise<void> {
    const [core, provider, identity, storage] = [this.#core, this.#provider, this.#identity, this.#storage];
    if (core === null || provider === null || identity === null || storage === null) return;
    const pairings = await this.#pairingsOf(storage);
    this.#follow(new core.Links({ provider, identity, storage, pairings }));
  }
}
