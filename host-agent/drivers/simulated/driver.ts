// The simulated hypervisor: an in-process model of a host, deterministic for a seed, with latencies, guests that notice
// late, and faults on demand. Everything it says is marked simulated. A host that is left alone costs no timer.
import { Fault, refused } from '../../../src/lib/model/fault.ts';
import type { HostLoad, Vm, VmLoad } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytesPerSecond, mib, millis, percent } from '../../../src/lib/model/units.ts';
import type { BytesPerSecond } from '../../../src/lib/model/units.ts';
import { UNATTENDED } from '../control.ts';
import type { Driver, Stats } from '../driver.ts';
import { SAVED } from '../saved.ts';
import { clone } from './clone.ts';
import { openConsole } from './console.ts';
import { capabilitiesOf, IMAGES, NETWORKS } from './config.ts';
import type { SimulatedConfig } from './config.ts';
import { poweredOff, vmOf } from './guest.ts';
import type { Guest } from './guest.ts';
import { SimulatedHost } from './host.ts';
import * as describe from './describe.ts';
import type { SimulatedVolume } from './host.ts';
import * as hotplug from './hotplug.ts';
import { Load } from './load.ts';
import type { Sample } from './load.ts';
import { migrationOf } from './migration.ts';
import { Operations } from './operation.ts';
import type { Effects } from './operation.ts';
import * as power from './power.ts';
import { granted, setAffinity, setCpuShare } from './share.ts';
import { seedFrom } from './random.ts';
import { realClock } from './clock.ts';

/** What somebody does to the host behind the agent's back, and what goes wrong by itself. For tests and demonstrations. */
export type BehindTheBack = {
  /** Changes the guest as another tool would; announced only if `tell`. Unknown VMs are ignored. */
  change(vm: VmId, change: (guest: Guest) => Guest, tell?: boolean): void;
  remove(vm: VmId): void;
  /** The ids of all VMs there are. */
  vms(): readonly VmId[];
  /** The VM leaves for another host, volumes and all; null: there is none. */
  take(vm: VmId): Moved | null;
  /** It arrives. */
  put(moved: Moved): void;
  /** The VM's process ends by itself. */
  crash(vm: VmId): void;
  /** The management daemon goes away for this reason, or (null) is back. */
  down(reason: string | null): void;
};
/** A VM on its way from one simulated host to another. */
export type Moved = { readonly guest: Guest; readonly volumes: readonly SimulatedVolume[] };
export type SimulatedDriver = Driver & { readonly behind: BehindTheBack };

/** A simulated host. @throws Fault `corrupt-state` when `config.file` is not what was saved there */
export function simulatedDriver(config: SimulatedConfig = {}): SimulatedDriver {
  const clock = config.clock ?? realClock;
  const host = new SimulatedHost(config, clock.now());
  const on = new Operations(host, config);
  const loads = new Map<VmId, Load>();
  let readAt: number | null = null;

  const reading = async <Value>(value: () => Value): Promise<Value> => {
    host.demandUp();
    on.fail('list', 'before');
    await on.takes('list');
    return value();
  };

  /** A change that no saved VM takes. */
  const unsaved = (vm: VmId, change: () => Promise<Effects>): Promise<Effects> =>
    host.guests.get(vm)?.state === 'saved' ? Promise.resolve(refused('wrong-state', SAVED)) : change();

  const stats = (): Stats => {
    const now = clock.now();
    const at = millis(Math.floor(now));
    const first = readAt === null;
    readAt = now;
    const vms: VmLoad[] = [];
    let busy = 0;
    for (const guest of host.guests.values()) {
      if (guest.live === null) {
        loads.delete(guest.id);
        continue;
      }
      let load = loads.get(guest.id);
      if (load === undefined) loads.set(guest.id, (load = new Load(seedFrom(`${config.seed ?? 1}/${guest.id}`))));
      const wanted = guest.state === 'running' ? load.sample(now) : IDLE;
      const { share, vcpus } = guest.live;
      const sample = { ...wanted, cpu: wanted.cpu === null ? null : granted(wanted.cpu, share, vcpus) };
      busy += ((sample.cpu ?? 0) / 100) * guest.live.vcpus;
      const memoryUsed = mib(Math.round(guest.live.memory * (0.35 + (sample.cpu ?? 0) / 250)));
      vms.push({
        vm: guest.id,
        at,
        cpu: sample.cpu === null ? null : percent(sample.cpu),
        memoryUsed,
        ...rates(sample)
      });
    }
    const total = (figure: 'diskRead' | 'diskWrite' | 'netReceive' | 'netTransmit'): BytesPerSecond | null =>
      first ? null : bytesPerSecond(vms.reduce((sum, vm) => sum + (vm[figure] ?? 0), 0));
    const hostLoad: HostLoad = {
      at,
      cpu: first ? null : percent((100 * busy) / host.cpus + 1),
      memoryUsed: mib(host.memory - host.memoryFree()),
      diskRead: total('diskRead'),
      diskWrite: total('diskWrite'),
      netReceive: total('netReceive'),
      netTransmit: total('netTransmit')
    };
    return { host: hostLoad, vms };
  };

  return {
    migration: migrationOf(on),
    unmoved: null,
    describe: () =>
      reading(() => ({
        hypervisor: 'simulated',
        hypervisorVersion: 'simulated',
        accelerator: 'simulated',
        simulated: true,
        cpus: host.cpus,
        cpuModel: 'Simulated processor',
        memory: host.memory,
        numaCells: null,
        scheduler: null,
        domainZero: null,
        xlVms: null,
        capabilities: capabilitiesOf(config)
      })),
    list: () => reading(() => [...host.guests.values()].map((guest) => vmOf(guest, clock.now())).sort(byId)),
    get: (vm) =>
      reading(() => {
        const guest = host.guests.get(vm);
        return guest === undefined ? null : vmOf(guest, clock.now());
      }),
    pools: () => reading(() => [host.pool()]),
    networks: () => reading(() => NETWORKS),
    images: () => reading(() => IMAGES),
    stats: () => reading(stats),
    watch: (onChange, onTrouble, signal) => {
      host.watch(onChange, onTrouble, signal);
    },
    console: (vm, kind) => Promise.resolve(openConsole(host, vm, kind, () => clock.now())),
    create: (vm, control = UNATTENDED) => power.create(on, vm, control),
    clone: (vm, to, control = UNATTENDED) => unsaved(vm, () => clone(on, vm, to, control)),
    sweep: () => Promise.resolve([]),
    power: (vm, action, control = UNATTENDED) => power.powerChange(on, vm, action, control),
    rename: (vm, name) => unsaved(vm, () => power.rename(on, vm, name)),
    delete: (vm, deleteDisks) => power.remove(on, vm, deleteDisks),
    setTags: (vm, tags) => describe.setTags(on, vm, tags),
    setNotes: (vm, notes) => describe.setNotes(on, vm, notes),
    setProtected: (vm, onOrOff) => describe.setProtected(on, vm, onOrOff),
    setAutostart: (vm, onOrOff) => describe.setAutostart(on, vm, onOrOff),
    setVcpus: (vm, count, when) => unsaved(vm, () => hotplug.setVcpus(on, vm, count, when)),
    setMemory: (vm, memory, when) => unsaved(vm, () => hotplug.setMemory(on, vm, memory, when)),
    setCpuShare: (vm, share, when) => unsaved(vm, () => setCpuShare(on, vm, share, when)),
    setAffinity: (vm, cpus, when) => unsaved(vm, () => setAffinity(on, vm, cpus, when)),
    attachDisk: (vm, source) => unsaved(vm, () => hotplug.attachDisk(on, vm, source)),
    detachDisk: (vm, target, deleteVolume) => unsaved(vm, () => hotplug.detachDisk(on, vm, target, deleteVolume)),
    growDisk: (vm, target, capacity) => unsaved(vm, () => hotplug.growDisk(on, vm, target, capacity)),
    attachNic: (vm, network) => unsaved(vm, () => hotplug.attachNic(on, vm, network)),
    detachNic: (vm, mac) => unsaved(vm, () => hotplug.detachNic(on, vm, mac)),
    deleteVolume: (pool, volume) => hotplug.deleteVolume(on, pool, volume),
    close: () => host.save(),
    behind: {
      change(vm, change, tell = true) {
        const guest = host.guests.get(vm);
        if (guest === undefined) return;
        host.guests.set(vm, change(guest));
        if (tell) host.tell(vm);
      },
      remove: (vm) => {
        host.remove(vm);
      },
      vms: () => [...host.guests.keys()],
      take: (vm) => host.take(vm),
      put: ({ guest, volumes }) => {
        for (const volume of volumes) host.volumes.set(volume.name, volume);
        host.put(guest);
      },
      crash(vm) {
        const guest = host.guests.get(vm);
        if (guest === undefined) throw new Fault('not-found', { kind: 'VM', id: vm });
        host.put({ ...poweredOff(guest), state: 'crashed' });
      },
      down: (reason) => {
        host.setDown(reason);
      }
    }
  };
}

const IDLE: Sample = { cpu: 0, read: 0, write: 0, receive: 0, transmit: 0 };

const byId = (a: Vm, b: Vm): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function rates(sample: Sample): Pick<VmLoad, 'diskRead' | 'diskWrite' | 'netReceive' | 'netTransmit'> {
  const rate = (value: number | null): BytesPerSecond | null => (value === null ? null : bytesPerSecond(value));
  return {
    diskRead: rate(sample.read),
    diskWrite: rate(sample.write),
    netReceive: rate(sample.receive),
    netTransmit: rate(sample.transmit)
  };
}
