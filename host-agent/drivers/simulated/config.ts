// What a simulated host is made of, all of it optional and most of it plain JSON, so that it fits in agent.json.
import { CAPABILITIES } from '../../../src/lib/model/fleet.ts';
import type { Capability, CapabilityName, Image, Network, VmState } from '../../../src/lib/model/fleet.ts';
import type { Fault } from '../../../src/lib/model/fault.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import { POWER_ACTIONS } from '../driver.ts';
import type { Clock } from './clock.ts';

/**
 * What takes time, or can be made to fail. `move`: beside what it takes to send the VM; `boot`: from running until the guest
 * answers; `see`: until it notices a change.
 */
export const OPERATIONS = [
  'list',
  'create',
  'clone',
  'move',
  ...POWER_ACTIONS,
  'rename',
  'describe',
  'delete',
  'set-vcpus',
  'set-memory',
  'set-cpu-share',
  'set-vcpu-affinity',
  'attach-disk',
  'detach-disk',
  'grow-disk',
  'attach-nic',
  'detach-nic',
  'delete-volume',
  'boot',
  'see'
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Milliseconds, before `speed` and a jitter of -20 % to +25 %. */
const LATENCY: Readonly<Record<Operation, number>> = {
  list: 0,
  create: 700,
  clone: 4000,
  move: 600,
  start: 900,
  shutdown: 1500,
  'power-off': 200,
  reboot: 1200,
  pause: 60,
  resume: 60,
  save: 2000,
  'discard-saved': 80,
  rename: 80,
  describe: 40,
  delete: 150,
  'set-vcpus': 120,
  'set-memory': 150,
  'set-cpu-share': 60,
  'set-vcpu-affinity': 60,
  'attach-disk': 180,
  'detach-disk': 250,
  'grow-disk': 120,
  'attach-nic': 150,
  'detach-nic': 200,
  'delete-volume': 90,
  boot: 2500,
  see: 300
};

/** A VM that is there from the start (where no saved state is found). */
export type SampleVm = {
  readonly name: string;
  readonly vcpus: number;
  /** MiB. */
  readonly memory: number;
  readonly state: Extract<VmState, 'running' | 'off' | 'paused'>;
  /** MiB of each disk. */
  readonly disks: readonly number[];
  readonly nics: number;
};

export type SimulatedConfig = {
  /** Default 1. The same seed gives the same host, the same VMs and the same loads at the same instants. */
  readonly seed?: number;
  /** Default 16. */
  readonly cpus?: number;
  /** MiB; default 65,536. */
  readonly memory?: number;
  /** MiB of the pool `default`; default 1,048,576. */
  readonly storage?: number;
  /** That many invented VMs, or exactly these; default none. */
  readonly vms?: number | readonly SampleVm[];
  /** Latencies are divided by it: 1 is plausible, 10 is quick, `null` takes no time at all. Default 1. */
  readonly speed?: number | null;
  /** Milliseconds instead of the usual, per operation; neither `speed` nor jitter changes these. */
  readonly latency?: Partial<Record<Operation, number>>;
  /**
   * What differs from “everything works live”. `live: false` is refused with the reason; `vcpu-remove` live but with a
   * reason works as on a host that emulates CPUs: the guest takes them offline, the host has them back at the next boot.
   */
  readonly capabilities?: Partial<Record<CapabilityName, Partial<Omit<Capability, 'name'>>>>;
  /** File that keeps the host's state over restarts; default null: it is forgotten. */
  readonly file?: string | null;
  /** Tests only: asked before and after each operation; what it answers is thrown. */
  readonly faults?: (operation: Operation, moment: 'before' | 'after') => Fault | null;
  readonly clock?: Clock;
};

const MEANS: Readonly<Record<CapabilityName, string>> = {
  'vcpu-add': 'simulated hot-add',
  'vcpu-remove': 'simulated hot-remove',
  'memory-add': 'simulated memory device',
  'memory-remove': 'simulated memory device',
  'disk-attach': 'simulated hotplug',
  'disk-detach': 'simulated hotplug',
  'disk-grow': 'simulated resize',
  'nic-attach': 'simulated hotplug',
  'nic-detach': 'simulated hotplug',
  pause: 'simulated',
  reboot: 'simulated',
  save: 'simulated',
  migrate: 'simulated',
  'rename-running': 'simulated',
  'cpu-share': 'simulated credit scheduler',
  'vcpu-affinity': 'simulated'
};

export const capabilitiesOf = (config: SimulatedConfig): readonly Capability[] =>
  CAPABILITIES.map((name) => ({ name, live: true, means: MEANS[name], reason: null, ...config.capabilities?.[name] }));

/** Milliseconds this operation takes this time. */
export function latencyOf(config: SimulatedConfig, operation: Operation, random: () => number): number {
  const fixed = config.latency?.[operation];
  if (fixed !== undefined) return fixed;
  const speed = config.speed === undefined ? 1 : config.speed;
  return speed === null ? 0 : (LATENCY[operation] / speed) * (0.8 + random() * 0.45);
}

const MIB = 1024 * 1024;
export const IMAGES: readonly Image[] = [
  { name: 'tiny-linux', kind: 'kernel', title: 'Tiny Linux (simulated)', size: bytes(0), xen: null },
  { name: 'debian-12', kind: 'disk', title: 'Debian 12 (simulated)', size: bytes(2048 * MIB), xen: null },
  { name: 'rescue.iso', kind: 'iso', title: 'Rescue CD (simulated)', size: bytes(0), xen: null }
];
export const NETWORKS: readonly Network[] = [
  { name: 'default', mode: 'nat' },
  { name: 'lan', mode: 'bridge' }
];
export const POOL = 'default';
