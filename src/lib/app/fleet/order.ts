// The fleet in the order of every list, kept from one fleet to the next: only what changed is looked at again, so that a
// thousand hosts with twenty thousand VMs cost what the few that changed in this frame cost.
import type { Fleet, Host, Vm } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { compareNames } from '#lib/model/names.ts';

export type Placed = { readonly host: Host; readonly vm: Vm };

/** Those of one name by id, so that they do not change places. */
const byName = (a: Host | Vm, b: Host | Vm): number => compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1);

type Known = { readonly host: Host; readonly placed: readonly Placed[] };

/** Mutable; owned by the fleet view. Lists are new arrays when anything in them changed, else the same. */
export class FleetOrder {
  #fleet: Fleet | null = null;
  #hosts: readonly Host[] = [];
  #sites: readonly string[] = [];
  #vms: readonly Placed[] | null = [];
  readonly #known = new Map<HostId, Known>();
  /** Where each VM is: of two hosts that name one (it is being moved), the one that said so last. */
  readonly #homes = new Map<VmId, HostId>();

  get hosts(): readonly Host[] {
    return this.#hosts;
  }
  /** In the order of `hosts`, those of one host by name; each once, where `vm` finds it. Put together when asked for. */
  get vms(): readonly Placed[] {
    return (this.#vms ??= this.#eachOnce(this.#hosts.flatMap(({ id }) => this.#known.get(id)?.placed ?? [])));
  }
  /** How many VMs there are: their list need not be put together for that. */
  get size(): number {
    return this.#homes.size;
  }
  get sites(): readonly string[] {
    return this.#sites;
  }

  vm(id: VmId): Placed | null {
    const home = this.#homes.get(id);
    const host = home === undefined ? undefined : this.#fleet?.hosts.get(home);
    const vm = host?.vms.get(id);
    return host && vm ? { host, vm } : null;
  }

  /** Takes over `fleet`; what is the same object as before is taken to be unchanged. */
  update(fleet: Fleet): void {
    if (fleet === this.#fleet) return;
    this.#fleet = fleet;
    const gone: VmId[] = [];
    let inPlace = fleet.hosts.size === this.#known.size;
    let changed = !inPlace;
    for (const [id, known] of this.#known) {
      if (fleet.hosts.has(id)) continue;
      this.#known.delete(id);
      gone.push(...known.host.vms.keys());
      [inPlace, changed] = [false, true];
    }
    for (const host of fleet.hosts.values()) {
      const known = this.#known.get(host.id);
      if (known?.host === host) continue;
      changed = true;
      if (known?.host.site !== host.site || known.host.name !== host.name) inPlace = false;
      this.#known.set(host.id, { host, placed: placedOf(host, known ?? null) });
      if (known?.host.vms === host.vms) continue;
      for (const id of host.vms.keys()) if (!known?.host.vms.has(id)) this.#homes.set(id, host.id);
      for (const id of known?.host.vms.keys() ?? []) if (!host.vms.has(id)) gone.push(id);
    }
    for (const id of gone) this.#lose(id);
    if (!changed) return;
    this.#hosts = inPlace
      ? this.#hosts.map((host) => fleet.hosts.get(host.id) ?? host)
      : [...fleet.hosts.values()].sort((a, b) => compareNames(a.site, b.site) || byName(a, b));
    if (!inPlace) this.#sites = [...new Set(this.#hosts.map(({ site }) => site))];
    this.#vms = null;
  }

  #eachOnce(named: readonly Placed[]): readonly Placed[] {
    if (named.length === this.#homes.size) return named;
    return named.filter(({ host, vm }) => this.#homes.get(vm.id) === host.id);
  }

  /** A host has it no longer; another may. */
  #lose(id: VmId): void {
    const home = this.#homes.get(id);
    if (home !== undefined && this.#fleet?.hosts.get(home)?.vms.has(id) === true) return;
    this.#homes.delete(id);
    for (const host of this.#fleet?.hosts.values() ?? []) {
      if (!host.vms.has(id)) continue;
      this.#homes.set(id, host.id);
      return;
    }
  }
}

/** Sorted anew only when a VM came, went or got another name. */
function placedOf(host: Host, known: Known | null): readonly Placed[] {
  if (known !== null && known.host.vms.size === host.vms.size) {
    const placed: Placed[] = [];
    for (const { vm: before } of known.placed) {
      const vm = host.vms.get(before.id);
      if (vm?.name !== before.name) break;
      placed.push({ host, vm });
    }
    if (placed.length === host.vms.size) return placed;
  }
  return [...host.vms.values()].sort(byName).map((vm) => ({ host, vm }));
}
