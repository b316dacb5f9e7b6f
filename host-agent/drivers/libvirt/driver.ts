// The libvirt driver: Xen and KVM/QEMU through libvirt's own virsh. It keeps no state that libvirt does not have; what it
// remembers is only to be cheap, and is dropped whenever an event says that it may be wrong.
import type { VmId } from '../../../src/lib/model/ids.ts';
import { UNATTENDED } from '../control.ts';
import type { Driver } from '../driver.ts';
import { pinAdded, setAffinity } from './affinity.ts';
import { setAutostart } from './autostart.ts';
import { clone } from './clone.ts';
import type { LibvirtConfig } from './config.ts';
import { openConsole } from './console.ts';
import { attachDisk, detachDisk, growDisk } from './disks.ts';
import { describe } from './facts.ts';
import { LibvirtHost } from './host.ts';
import { demandBoots, offered, readImages } from './images.ts';
import { create, deleteVolume, remove, sweep } from './lifetime.ts';
import { migrationOf } from './migration.ts';
import { setMemory } from './memory.ts';
import { setNotes, setProtected, setTags } from './metadata.ts';
import { rename } from './naming.ts';
import { offers } from './networks.ts';
import { attachNic, detachNic } from './nics.ts';
import { pools } from './pools.ts';
import { power } from './power.ts';
import { PROBE_NAME } from './probe.ts';
import { settle } from './refusal.ts';
import type { Effects } from './refusal.ts';
import { setCpuShare } from './share.ts';
import { Loads } from './stats.ts';
import { demandOurs } from './unmanaged.ts';
import { unmovedBecause } from './unmoved.ts';
import { setVcpus } from './vcpus.ts';
import type { XenGround } from './xen-ground.ts';
import { hypervisorFault } from './virsh.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';

/** @param ground of a Xen host's domain 0, where that is not this machine */
export function libvirtDriver(config: LibvirtConfig, ground: XenGround | null = null): Driver {
  const host = new LibvirtHost(config, ground);
  const loads = new Loads(host);

  const reading = async <Value>(read: () => Promise<Value>): Promise<Value> => {
    try {
      return await read();
    } catch (error) {
      throw host.explained(hypervisorFault(error));
    }
  };
  /** One change of one VM (null: of none): whatever comes of it, what was known of the VM is old afterwards. */
  const changing = async (vm: VmId | null, change: () => Promise<readonly Effect[]>): Promise<Effects> => {
    try {
      return await settle(async () => {
        if (vm !== null && host.xen) await demandOurs(host, vm);
        return change();
      });
    } finally {
      host.changed(vm);
    }
  };

  return {
    migration: migrationOf(host),
    unmoved: host.ground === null ? unmovedBecause(config) : null,
    describe: () => reading(() => describe(host)),
    list: () => reading(async () => (await host.vms()).filter((vm) => !PROBE_NAME.test(vm.name))),
    get: (vm) => reading(() => host.vm(vm)),
    pools: () => reading(() => pools(host)),
    networks: () => reading(async () => (await offers(host)).map(({ name, mode }) => ({ name, mode }))),
    images: async () => (await readImages(config.images)).map(offered),
    stats: () => reading(() => loads.read()),
    watch(onChange, onTrouble, signal) {
      if (signal.aborted) return;
      const ends = [
        host.onChange(onChange),
        host.events.listen({
          event: (event) => {
            host.changed(host.domains.idOf(event.domain));
          },
          trouble: (reason) => {
            host.lost();
            onTrouble(reason);
            if (reason === null) host.changed(null);
          }
        })
      ];
      signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
    },
    console: (vm, kind) => reading(() => settle(() => openConsole(host, vm, kind))),
    create: (vm, control = UNATTENDED) =>
      changing(vm.id, async () => {
        await demandBoots(config.images, vm.image, host.xen);
        return create(host, vm, control);
      }),
    clone: (vm, to, control = UNATTENDED) => changing(to.id, () => clone(host, vm, to, control)),
    sweep: (vm) => reading(() => sweep(host, vm)),
    power: (vm, action, control = UNATTENDED) => changing(vm, () => power(host, vm, action, control)),
    rename: (vm, name) => changing(vm, () => rename(host, vm, name)),
    delete: (vm, deleteDisks) => changing(vm, () => remove(host, vm, deleteDisks)),
    setTags: (vm, tags) => changing(vm, () => setTags(host, vm, tags)),
    setNotes: (vm, notes) => changing(vm, () => setNotes(host, vm, notes)),
    setProtected: (vm, on) => changing(vm, () => setProtected(host, vm, on)),
    setAutostart: (vm, on) => changing(vm, () => setAutostart(host, vm, on)),
    setVcpus: (vm, count, when) =>
      changing(vm, async () => {
        const effects = await setVcpus(host, vm, count, when);
        await pinAdded(host, vm);
        return effects;
      }),
    setCpuShare: (vm, share, when) => changing(vm, () => setCpuShare(host, vm, share, when)),
    setAffinity: (vm, cpus, when) => changing(vm, () => setAffinity(host, vm, cpus, when)),
    setMemory: (vm, memory, when) => changing(vm, () => setMemory(host, vm, memory, when)),
    attachDisk: (vm, source) => changing(vm, () => attachDisk(host, vm, source)),
    detachDisk: (vm, target, deleteVolume) => changing(vm, () => detachDisk(host, vm, target, deleteVolume)),
    growDisk: (vm, target, capacity) => changing(vm, () => growDisk(host, vm, target, capacity)),
    attachNic: (vm, network) => changing(vm, () => attachNic(host, vm, network)),
    detachNic: (vm, mac) => changing(vm, () => detachNic(host, vm, mac)),
    deleteVolume: (pool, volume) => changing(null, () => deleteVolume(host, pool, volume)),
    close() {
      host.close();
      return Promise.resolve();
    }
  };
}
