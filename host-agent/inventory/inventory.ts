// What the host has, as last seen, and who watches it. While anybody does, it follows the driver's own events and looks
// again by itself every second or two, so that what others do behind the agent's back shows; else it does nothing.
import { Fault } from '../../src/lib/model/fault.ts';
import type { HostFacts, Image, Inventory as Everything, Network, Pool, Vm } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { sameData } from '../../src/lib/model/same-data.ts';
import type { Driver, HypervisorFacts } from '../drivers/driver.ts';
import { Calm } from './calm.ts';
import { legibleNetwork, legiblePool, legibleVm } from './legible.ts';
import type { Log } from '../log.ts';
import type { Mailbox, News } from './mailbox.ts';
import { repeat } from '../repeat.ts';
import { sameVm } from './same.ts';

export type InventoryOptions = {
  readonly driver: Driver;
  /** Adds what the agent itself knows of the host. */
  readonly facts: (hypervisor: HypervisorFacts) => HostFacts;
  readonly log: Log;
  /** ms from one look at all VMs to the next while somebody watches. */
  readonly lookEvery: number;
  /** Somebody watches from now on, or nobody. */
  readonly onWatched: (watched: boolean) => void;
};

/** Looks between two looks at pools, networks and the host itself, which change rarely and cost more. */
const LOOKS_BETWEEN = 5;
/** VMs named one by one by the driver's events, beyond which all are listed anew. */
const MANY = 20;

export class Inventory {
  readonly #o: InventoryOptions;
  readonly #driver: Driver;
  readonly #mailboxes = new Set<Mailbox>();
  #vms = new Map<VmId, Vm>();
  #facts: HostFacts | null = null;
  #pools: readonly Pool[] = [];
  #networks: readonly Network[] = [];
  #images: readonly Image[] = [];
  #trouble: string | null = null;
  /** Aborts the following; null while nobody watches. */
  #following: AbortController | null = null;
  /** VMs to look at again; `all` includes them. */
  #stale = new Set<VmId>();
  #allStale = false;
  #restStale = false;
  #looking: Promise<void> | null = null;
  /** When each VM was told by a command's outcome: a list begun before that knows less. Counted, not timed. */
  readonly #toldAt = new Map<VmId, number>();
  #count = 0;
  readonly #calm = new Calm();

  constructor(options: InventoryOptions) {
    this.#o = options;
    this.#driver = options.driver;
  }

  /** Null until the hypervisor has described itself. */
  get facts(): HostFacts | null {
    return this.#facts;
  }

  /** The VM as last seen, which may be a while ago when nobody watches. */
  seen(vm: VmId): Vm | null {
    return this.#vms.get(vm) ?? null;
  }

  /** Looks once, so that the first watcher need not wait for what takes long the first time. Never throws. */
  async warm(): Promise<void> {
    this.#allStale = this.#restStale = true;
    await this.#look();
  }

  /**
   * Everything, as of now, and from now on news to `mailbox` (which the caller starts once the inventory is sent).
   * @throws Fault `hypervisor-down` when the hypervisor has never answered yet
   */
  async watch(mailbox: Mailbox): Promise<Everything> {
    if (this.#following === null || this.#facts === null) {
      this.#allStale = this.#restStale = true;
      await this.#look();
      if (this.#facts === null)
        throw new Fault('hypervisor-down', { reason: this.#trouble ?? 'it has not answered yet' });
    }
    this.#mailboxes.add(mailbox);
    this.#follow();
    if (this.#trouble !== null) mailbox.post({ trouble: this.#trouble });
    return {
      host: this.#facts,
      vms: [...this.#vms.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      pools: this.#pools,
      networks: this.#networks,
      images: this.#images
    };
  }

  unwatch(mailbox: Mailbox): void {
    mailbox.close();
    this.#mailboxes.delete(mailbox);
    if (this.#mailboxes.size === 0) this.#stop();
  }

  /** Tells all watchers. */
  post(news: News): void {
    for (const mailbox of this.#mailboxes) mailbox.post(news);
  }

  /** Runs `work`, which changes VMs: its outcome tells of them, so what is looked at without being asked waits a little. */
  during<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#calm.during(work);
  }

  /** Resolves when nothing is being changed, or soon after: for what looks in the background. */
  calm(): Promise<void> {
    return this.#calm.wait();
  }

  /** A VM as it was just read, after a command; null: it is gone. Storage may have changed with it. */
  tell(id: VmId, vm: Vm | null): Vm | null {
    this.#toldAt.set(id, ++this.#count);
    const legible = vm === null ? null : legibleVm(vm);
    this.#post(this.#place(new Map([[id, legible]])));
    return legible;
  }

  /** Pools, networks, images and the host are looked at again soon. */
  touchRest(): void {
    this.#restStale = true;
    if (this.#following !== null) this.#look().catch(() => undefined);
  }

  /** What the agent itself knows of the host has changed. */
  tellFacts(): void {
    if (this.#facts === null) return;
    this.#facts = this.#o.facts(this.#facts);
    this.post({ host: this.#facts });
  }

  /** Ends all following. */
  close(): void {
    for (const mailbox of this.#mailboxes) mailbox.close();
    this.#mailboxes.clear();
    this.#stop();
  }

  #stop(): void {
    if (this.#following === null) return;
    this.#following.abort();
    this.#following = null;
    this.#o.onWatched(false);
  }

  #follow(): void {
    if (this.#following !== null) return;
    const following = new AbortController();
    this.#following = following;
    const { signal } = following;
    this.#driver.watch(
      ({ vm }) => {
        if (vm === null) this.#allStale = this.#restStale = true;
        else this.#stale.add(vm);
        void this.#look();
      },
      (reason) => {
        this.#setTrouble(reason);
      },
      signal
    );
    let looks = 0;
    repeat(this.#o.lookEvery, signal, async () => {
      this.#allStale = true;
      if (++looks % LOOKS_BETWEEN === 0) this.#restStale = true;
      await this.#look();
    });
    this.#o.onWatched(true);
  }

  /** Looks at whatever is stale until nothing is. One look at a time; never throws: what goes wrong becomes trouble. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookAll().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookAll(): Promise<void> {
    // What came while looking is looked at in the same go, but a driver that never rests must not keep us for ever.
    for (let go = 0; go < 10 && (this.#allStale || this.#restStale || this.#stale.size > 0); go++) {
      try {
        if (this.#following !== null && this.#calm.disturbed) await this.#calm.wait();
        if (this.#allStale || this.#stale.size > MANY) await this.#lookAtAllVms();
        else await this.#lookAtSomeVms();
        if (this.#restStale) await this.#lookAtRest();
        this.#setTrouble(null);
      } catch (thrown) {
        const fault = Fault.from(thrown);
        this.#setTrouble(fault.message);
        return;
      }
    }
  }

  async #lookAtAllVms(): Promise<void> {
    this.#allStale = false;
    this.#stale.clear();
    const begun = this.#count;
    const listed = new Map((await this.#driver.list()).map((vm) => [vm.id, legibleVm(vm)]));
    const changes = new Map<VmId, Vm | null>(listed);
    for (const id of this.#vms.keys()) if (!listed.has(id)) changes.set(id, null);
    for (const [id, told] of this.#toldAt) {
      if (told > begun) changes.delete(id);
      else this.#toldAt.delete(id);
    }
    this.#post(this.#place(changes));
  }

  async #lookAtSomeVms(): Promise<void> {
    const ids = [...this.#stale];
    this.#stale.clear();
    for (const id of ids) {
      const begun = this.#count;
      const vm = await this.#driver.get(id);
      if ((this.#toldAt.get(id) ?? 0) <= begun) this.#post(this.#place(new Map([[id, vm && legibleVm(vm)]])));
    }
  }

  async #lookAtRest(): Promise<void> {
    this.#restStale = false;
    const hypervisor = await this.#driver.describe();
    const pools = (await this.#driver.pools()).map(legiblePool);
    const networks = (await this.#driver.networks()).map(legibleNetwork);
    const images = await this.#driver.images();
    const facts = this.#o.facts(hypervisor);
    this.#post({
      ...(sameData(this.#facts, facts) ? {} : { host: facts }),
      ...(sameData(this.#pools, pools) ? {} : { pools }),
      ...(sameData(this.#networks, networks) ? {} : { networks }),
      ...(sameData(this.#images, images) ? {} : { images })
    });
    this.#facts = facts;
    this.#pools = pools;
    this.#networks = networks;
    this.#images = images;
  }

  /** Keeps what is new, and answers with just that. */
  #place(changes: ReadonlyMap<VmId, Vm | null>): News {
    const vms: Vm[] = [];
    const removed: VmId[] = [];
    for (const [id, vm] of changes) {
      const before = this.#vms.get(id);
      if (vm === null) {
        if (this.#vms.delete(id)) removed.push(id);
      } else if (before === undefined || !sameVm(before, vm)) {
        this.#vms.set(id, vm);
        vms.push(vm);
      }
    }
    return { ...(vms.length > 0 ? { vms } : {}), ...(removed.length > 0 ? { removed } : {}) };
  }

  #post(news: News): void {
    if (Object.keys(news).length > 0) this.post(news);
  }

  #setTrouble(reason: string | null): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#o.log(reason === null ? 'info' : 'warn', reason === null ? 'hypervisor-back' : 'hypervisor-trouble', {
      reason
    });
    this.post({ trouble: reason ?? '' });
  }
}
