// What the agent needs of a hypervisor: one small interface, two implementations (libvirt, simulated), one conformance suite.
// A driver answers with data: `refused` for what this host will not do and why, a thrown Fault (`hypervisor`,
// `hypervisor-down`, `timeout`) for what broke. It keeps no queue and takes no decision about operators.
import type { Duplex } from 'node:stream';
import type { CpuList, CpuShare } from '../../src/lib/model/cpu-share.ts';
import type { FaultCode, Outcome } from '../../src/lib/model/fault.ts';
import type {
  ConsoleKind,
  Effect,
  HostFacts,
  HostLoad,
  Image,
  Network,
  Pool,
  Vm,
  VmLoad
} from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { Mib, Vcpus } from '../../src/lib/model/units.ts';
import type { Control } from './control.ts';
import type { Migration, Unmoved } from './migration.ts';

/** After these it may have happened all the same. */
export const UNCERTAIN: ReadonlySet<FaultCode> = new Set<FaultCode>(['timeout', 'hypervisor-down', 'interrupted']);

/** Everything `describe` can know; the agent adds what it knows itself. */
export type HypervisorFacts = Omit<HostFacts, 'id' | 'name' | 'site' | 'agentVersion' | 'pin' | 'maintenance'>;

export type NewVm = {
  /** Chosen by the agent, so that an interrupted creation can be recognised. */
  readonly id: VmId;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly protected: boolean;
  /** The host starts it whenever it boots itself. */
  readonly autostart: boolean;
  readonly image: string;
  readonly vcpus: Vcpus;
  readonly vcpusMax: Vcpus;
  readonly memory: Mib;
  readonly memoryMax: Mib;
  readonly start: boolean;
  readonly disks: readonly { readonly pool: string; readonly capacity: Mib }[];
  readonly nics: readonly { readonly network: string }[];
  /** What the guest's cloud-init finds on its first boot; null: no seed is made. */
  readonly seed: Seed | null;
};

export type Seed = {
  /** cloud-init's user-data, as the operator wrote it; empty for none. */
  readonly userData: string;
  /** OpenSSH public key lines. */
  readonly sshKeys: readonly string[];
};

/** Either an existing volume, or a new one of `capacity`. */
export type DiskSource =
  | { readonly pool: string; readonly volume: string; readonly capacity: null }
  | { readonly pool: string; readonly volume: null; readonly capacity: Mib };

export const POWER_ACTIONS = [
  'start',
  'shutdown',
  'power-off',
  'reboot',
  'pause',
  'resume',
  'save',
  'discard-saved'
] as const;
/**
 * `save`: its memory goes to a file of the host, and it stops; `start` goes on from there, and what cannot be restored stays saved.
 * `discard-saved` leaves it off. Until either, it can be deleted, and what operators say of it changed; every other
 * change is refused (`wrong-state`).
 */
export type PowerAction = (typeof POWER_ACTIONS)[number];
export type When = 'now' | 'next-boot';

/** Measured since the previous call (the first call answers with null rates). */
export type Stats = { readonly host: HostLoad; readonly vms: readonly VmLoad[] };

/** What may have changed; the agent lists again. `null`: anything (after a lost connection). */
export type Change = { readonly vm: VmId | null };

export interface Driver {
  /** Null: VMs can move neither here nor away, because of `unmoved`. */
  readonly migration: Migration | null;
  /** Null where they can. */
  readonly unmoved: Unmoved | null;
  describe(): Promise<HypervisorFacts>;
  /** All VMs, running or not, sorted by id. With `seen` as of now or a few seconds ago. */
  list(): Promise<readonly Vm[]>;
  /** One VM as it is now; null when there is none. */
  get(vm: VmId): Promise<Vm | null>;
  pools(): Promise<readonly Pool[]>;
  networks(): Promise<readonly Network[]>;
  images(): Promise<readonly Image[]>;
  stats(): Promise<Stats>;
  /**
   * Calls `onChange` whenever something outside or inside changed a VM, until `signal` aborts. `onTrouble` gets one
   * sentence when the hypervisor cannot be reached, and null when it can again (after which `onChange(null)` follows).
   */
  watch(onChange: (change: Change) => void, onTrouble: (reason: string | null) => void, signal: AbortSignal): void;
  /**
   * A way into a running VM that has such a console, for one user: it ends when the VM does, and is destroyed when it is no longer wanted.
   * Screens can be opened several times, a serial line once; the caller sees to that. Refused: `unsupported`, `wrong-state`, `not-found`, `busy`.
   */
  console(vm: VmId, kind: ConsoleKind): Promise<Outcome<Duplex>>;

  // Changes. Each resolves when the change is in effect or has been refused; effects name what was asked and seen.
  create(vm: NewVm, control?: Control): Promise<Outcome<readonly Effect[]>>;
  /** A copy of a VM that is off (`wrong-state` else): its disks and settings, tags and notes, under another id and MACs; neither protected nor started with the host. */
  clone(
    vm: VmId,
    to: { readonly id: VmId; readonly name: string },
    control?: Control
  ): Promise<Outcome<readonly Effect[]>>;
  /** What an interrupted creation of `vm`, which is not there, has left: removed, and named. Empty when there is none. */
  sweep(vm: VmId): Promise<readonly string[]>;
  power(vm: VmId, action: PowerAction, control?: Control): Promise<Outcome<readonly Effect[]>>;
  rename(vm: VmId, name: string): Promise<Outcome<readonly Effect[]>>;
  setTags(vm: VmId, tags: readonly string[]): Promise<Outcome<readonly Effect[]>>;
  setNotes(vm: VmId, notes: string): Promise<Outcome<readonly Effect[]>>;
  setProtected(vm: VmId, on: boolean): Promise<Outcome<readonly Effect[]>>;
  /** Whatever state it is in; one without a lasting configuration is refused (`unsupported`). */
  setAutostart(vm: VmId, on: boolean): Promise<Outcome<readonly Effect[]>>;
  /**
   * A running VM is refused (`wrong-state`), a protected one too (`protected`). `deleteDisks` removes its volumes in managed
   * pools; its seed goes in any case.
   */
  delete(vm: VmId, deleteDisks: boolean): Promise<Outcome<readonly Effect[]>>;
  setVcpus(vm: VmId, vcpus: Vcpus, when: When): Promise<Outcome<readonly Effect[]>>;
  setMemory(vm: VmId, memory: Mib, when: When): Promise<Outcome<readonly Effect[]>>;
  /**
   * A cap above 100 % for each vCPU it can have is refused (`bad-argument`); a host that divides nothing refuses (`unsupported`) at
   * either time. What is set now lasts over the next boots too.
   */
  setCpuShare(vm: VmId, share: CpuShare, when: When): Promise<Outcome<readonly Effect[]>>;
  /** All vCPUs, those added later too; empty: any CPU. A CPU the host has not is refused (`bad-argument`). */
  setAffinity(vm: VmId, cpus: CpuList, when: When): Promise<Outcome<readonly Effect[]>>;
  attachDisk(vm: VmId, source: DiskSource): Promise<Outcome<readonly Effect[]>>;
  /** `deleteVolume` of a protected VM is refused (`protected`). */
  detachDisk(vm: VmId, target: string, deleteVolume: boolean): Promise<Outcome<readonly Effect[]>>;
  growDisk(vm: VmId, target: string, capacity: Mib): Promise<Outcome<readonly Effect[]>>;
  attachNic(vm: VmId, network: string): Promise<Outcome<readonly Effect[]>>;
  detachNic(vm: VmId, mac: string): Promise<Outcome<readonly Effect[]>>;
  deleteVolume(pool: string, volume: string): Promise<Outcome<readonly Effect[]>>;
  /** Ends child processes; the driver is not used after that. */
  close(): Promise<void>;
}
