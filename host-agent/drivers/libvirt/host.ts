// Everything the operations of one libvirt host share: how it is reached, what is known of it, and how to wait until a
// guest has noticed something.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Vm } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Change } from '../driver.ts';
import type { LibvirtConfig } from './config.ts';
import { Domains } from './domains.ts';
import type { Domain } from './domains.ts';
import { Events } from './events.ts';
import { Guests } from './guests.ts';
import { meansOf } from './means.ts';
import type { Expected } from './prepare.ts';
import { managed } from './poll.ts';
import { Processors } from './processors.ts';
import { SavedTimes } from './saved-times.ts';
import { startTimes, xenStartTimes } from './started.ts';
import { Storage } from './storage.ts';
import type { PoolFacts } from './storage.ts';
import { daemonSocket, unmovedBecause } from './unmoved.ts';
import { unmanagedVm, withDevices } from './unmanaged.ts';
import { isLocal, isXen } from './uri.ts';
import { Virsh } from './virsh.ts';
import { vmOf } from './vm.ts';
import { XlDomains } from './xl.ts';
import { ownGround } from './xen-ground.ts';
import type { XenGround } from './xen-ground.ts';
import type { XlDomain } from './xl.ts';

/** Milliseconds between looks at first, and at most; the next is so many times later. An event is looked into at once. */
const LOOK = { first: 15, longest: 120, times: 1.4 };
/** How long an operation waits for the guest to notice; after that it is done, and unconfirmed. */
const PATIENCE = { emulated: 10_000, native: 5_000 };

export class LibvirtHost {
  readonly config: LibvirtConfig;
  readonly virsh: Virsh;
  readonly domains: Domains;
  readonly storage: Storage;
  readonly events: Events;
  readonly guests: Guests;
  readonly processors: Processors;
  /** The hypervisor's own machine: what the system says of itself here is true of the host. On Xen this is domain 0. */
  readonly local: boolean;
  readonly xen: boolean;
  /** Domains past libvirt; null where nobody can know them. */
  readonly xl: XlDomains | null;
  /** Null where the agent is not in domain 0, or not as root, and on other hypervisors. */
  readonly ground: XenGround | null;
  /** Those that are busy with a copy. */
  readonly copiers = new Set<{ close(): void }>();
  /** VMs of other hosts that are on their way here: until they have arrived nobody is shown them. */
  readonly arriving = new Set<VmId>();
  /** What was prepared for them. */
  readonly expected = new Map<VmId, Expected>();
  /** On Xen: the TCP port of loopback on which libvirt takes the memory of each. */
  readonly ports = new Map<VmId, number>();
  /** VMs an operator asked to shut down, that have not stopped yet. */
  readonly stopping = new Set<VmId>();
  /** VMs whose guest libvirt asks to shut down right now: on Xen it says nothing of them until the guest takes notice. */
  readonly asking = new Map<VmId, { readonly name: string; readonly ended: Promise<void> }>();
  readonly saved: SavedTimes;
  readonly #watchers = new Set<(change: Change) => void>();
  readonly #started = new Map<string, number | null>();

  /** @param ground default: that of this machine, where it has Xen's domain 0 */
  constructor(config: LibvirtConfig, ground: XenGround | null = null) {
    this.config = config;
    this.virsh = new Virsh(config.uri, config.virsh);
    this.domains = new Domains(this.virsh);
    this.storage = new Storage(this.virsh, config.pools);
    this.events = new Events(this.virsh);
    this.guests = new Guests(this.virsh, (id) => {
      this.#tell(id);
    });
    this.saved = new SavedTimes(config.uri);
    this.local = isLocal(config.uri);
    this.xen = isXen(config.uri);
    this.xl =
      this.xen && this.local
        ? new XlDomains(
            () => managed(this.virsh),
            (id) => this.domains.textOf(id),
            () => this.#tell(null)
          )
        : null;
    this.ground = ground ?? (this.xen && unmovedBecause(config) === null ? ownGround(config.uri) : null);
    this.processors = new Processors(this.virsh, config.uri, this.local);
  }

  async vms(): Promise<readonly Vm[]> {
    const [domains, past] = await Promise.all([this.domains.all(), this.pastLibvirt()]);
    const pools = await this.storage.pools().catch(() => []);
    await Promise.all([this.#findStarts(domains), this.processors.look(domains), this.saved.look(domains)]);
    const own = domains.filter(({ id }) => !this.arriving.has(id) && !past.has(id));
    const vms = own.map((domain) => this.#vm(domain, pools));
    if (past.size === 0) return vms;
    return [...vms, ...[...past.values()].map((each) => unmanagedVm(each, pools))].sort((a, b) =>
      a.id < b.id ? -1 : 1
    );
  }

  async vm(id: VmId): Promise<Vm | null> {
    const pools = await this.storage.pools().catch(() => []);
    const past = (await this.pastLibvirt()).get(id);
    if (past !== undefined) return unmanagedVm(past, pools);
    const domain = await this.domains.get(id);
    if (domain === null || this.arriving.has(id)) return null;
    await Promise.all([this.#findStarts([domain]), this.processors.look([domain]), this.saved.look([domain])]);
    return this.#vm(domain, pools);
  }

  /** Domains of `xl` that libvirt does not have; those on their way here are none. */
  async pastLibvirt(): Promise<ReadonlyMap<VmId, XlDomain>> {
    const found = (await this.xl?.domains()) ?? NONE;
    return this.arriving.size === 0 ? found : new Map([...found].filter(([id]) => !this.arriving.has(id)));
  }

  /** A reading that came too late, with what keeps libvirt, where that is known. */
  explained(fault: Fault): Fault {
    const [asked] = this.asking.values();
    if (fault.code !== 'timeout' || asked === undefined) return fault;
    const by = `shutting down ${asked.name}, whose guest has not taken notice yet (a minute at most)`;
    return new Fault('busy', { what: 'libvirt', by }, { cause: fault });
  }

  /** Tells those who watch, and looks anew the next time. */
  changed(id: VmId | null): void {
    this.domains.forget(id);
    this.processors.forget(id);
    this.#tell(id);
  }

  #tell(id: VmId | null): void {
    for (const watcher of this.#watchers) watcher({ vm: id });
  }

  /** The connection broke: nothing that was read counts any more. */
  lost(): void {
    this.domains.forget(null);
    this.storage.forget();
  }

  onChange(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Asks `look` again and again until it answers, for as long as guests on this kind of host deserve; null after that. */
  async until<Value>(
    domain: Pick<Domain, 'name' | 'live'>,
    look: () => Promise<Value | null>,
    patience = PATIENCE[meansOf(domain.live?.type ?? '').accelerator === 'emulated' ? 'emulated' : 'native']
  ): Promise<Value | null> {
    const deadline = Date.now() + patience;
    for (let wait = LOOK.first; ; wait = Math.min(LOOK.longest, wait * LOOK.times)) {
      const value = await look();
      if (value !== null) return value;
      if (Date.now() >= deadline) return null;
      await this.events.next(domain.name, wait);
    }
  }

  close(): void {
    this.guests.close();
    this.events.close();
    for (const copier of this.copiers) copier.close();
    this.virsh.close();
  }

  #vm(domain: Domain, pools: readonly PoolFacts[]): Vm {
    if (domain.live === null) this.stopping.delete(domain.id);
    const config = this.xl?.devicesOf(domain) ?? null;
    const live = config === null || domain.live === null ? domain.live : withDevices(domain.live, config);
    return vmOf(
      { ...domain, live },
      {
        pools,
        processors: this.processors.of(domain),
        sight: this.guests.sight(domain),
        startedAt: this.#started.get(runOf(domain)) ?? null,
        savedAt: this.saved.of(domain),
        stopping: this.stopping.has(domain.id)
      }
    );
  }

  /** Looks only when something runs that was not looked for. */
  async #findStarts(domains: readonly Domain[]): Promise<void> {
    if (!this.local) return;
    const missing = domains.filter((domain) => domain.live !== null && !this.#started.has(runOf(domain)));
    if (missing.length === 0) return;
    const found = await (this.xen
      ? xenStartTimes(new Set(missing.map(({ id }) => id)))
      : startTimes(missing, daemonSocket(this.config.uri)));
    for (const domain of missing) this.#started.set(runOf(domain), found.get(domain.id) ?? null);
    // Runs that ended long ago are of no use.
    for (const key of this.#started.keys()) if (this.#started.size > 4096) this.#started.delete(key);
  }
}

const NONE: ReadonlyMap<VmId, XlDomain> = new Map();

/** One run of a VM: libvirt numbers them. */
const runOf = (domain: Domain): string => `${domain.id}/${domain.live?.run ?? ''}`;
