// What there is: hosts, VMs, storage, networks, load. Immutable values; absent figures are `null`, never 0.
// What the operator *asked* for and what the guest *sees* are separate fields everywhere.
import type { CpuList, CpuShare } from './cpu-share.ts';
import type { CommandId, HostId, OperatorKey, Revision, VmId } from './ids.ts';
import type { Bytes, BytesPerSecond, Mib, Millis, Percent, Vcpus } from './units.ts';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
/** Kept and enforced at the agent. Each role may do all that the ones before it may. */
export type Role = (typeof ROLES)[number];
/** True if `role` includes everything `needs` may do. */
export const roleAllows = (role: Role, needs: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needs);

export const HYPERVISORS = ['qemu', 'xen', 'simulated'] as const;
export type Hypervisor = (typeof HYPERVISORS)[number];

export const ACCELERATORS = ['kvm', 'xen', 'emulated', 'simulated'] as const;
/** How guest code runs here, proven by a probe boot (a /dev/kvm alone proves nothing). */
export type Accelerator = (typeof ACCELERATORS)[number];

export const VM_STATES = [
  'running',
  'paused',
  'saved',
  'off',
  'starting',
  'stopping',
  'moving',
  'crashed',
  'unknown'
] as const;
/** `saved`: its memory is in a file of its host, and a start goes on from there (libvirt's managed save). */
export type VmState = (typeof VM_STATES)[number];

/** True of a VM that takes neither CPU nor memory of its host: it has its disks alone. */
export const isInactive = ({ state }: { readonly state: VmState }): boolean =>
  state === 'off' || state === 'crashed' || state === 'saved';

export const CONSOLE_KINDS = ['screen', 'serial'] as const;
/** How an operator looks into a guest: the picture it draws, or its first serial line. */
export type ConsoleKind = (typeof CONSOLE_KINDS)[number];

export const CONSOLE_PURPOSES = ['picture'] as const;
/** What a console is opened for, where that is less than to work with it: one picture of the screen. */
export type ConsolePurpose = (typeof CONSOLE_PURPOSES)[number];

export const TOOLSTACKS = ['xl'] as const;
/** Tools that make VMs past what the agent works through: Xen's `xl`, of whose domains libvirt knows nothing. */
export type Toolstack = (typeof TOOLSTACKS)[number];

export const SIGHTS = ['shown', 'unseen'] as const;
/** Whether the VMs that another tool made on a host are among its VMs, or cannot be known. */
export type Sight = (typeof SIGHTS)[number];

export const VM_KINDS = ['hvm', 'pvh', 'pv'] as const;
export type VmKind = (typeof VM_KINDS)[number];

export const CAPABILITIES = [
  'vcpu-add',
  'vcpu-remove',
  'memory-add',
  'memory-remove',
  'disk-attach',
  'disk-detach',
  'disk-grow',
  'nic-attach',
  'nic-detach',
  'pause',
  'reboot',
  'save',
  'migrate',
  'rename-running',
  'cpu-share',
  'vcpu-affinity'
] as const;
export type CapabilityName = (typeof CAPABILITIES)[number];

/** Whether a *running* guest on this host can have this done to it; what cannot be live may still apply at next boot. */
export type Capability = {
  readonly name: CapabilityName;
  readonly live: boolean;
  /** By what means, in the hypervisor's own words (“ACPI hot-add”, “guest agent, offline only”). */
  readonly means: string;
  /** Why not (or not fully), and what happens instead; null when nothing is to be said. */
  readonly reason: string | null;
};

/** The host takes no VMs and starts none: what runs there may leave. */
export type Maintenance = {
  readonly since: Millis;
  /** The label of the operator who set it last. */
  readonly by: string;
  /** May be empty. */
  readonly reason: string;
};

/** What Xen's own domain takes of its host: the host's own use, and no VM. */
export type DomainZero = { readonly vcpus: Vcpus; readonly memory: Mib };

export type HostFacts = {
  readonly id: HostId;
  readonly name: string;
  readonly site: string;
  readonly hypervisor: Hypervisor;
  readonly hypervisorVersion: string;
  readonly accelerator: Accelerator;
  /** True for every host of the simulated driver: the UI must say so wherever the host or its VMs appear. */
  readonly simulated: boolean;
  readonly cpus: Vcpus;
  readonly cpuModel: string;
  /** All there is; on Xen the hypervisor's, of which domain 0 has a part. */
  readonly memory: Mib;
  /** Null where the hypervisor does not say. */
  readonly numaCells: number | null;
  /** Xen's CPU scheduler, `credit2`; null on others. */
  readonly scheduler: string | null;
  /** Null where there is none. */
  readonly domainZero: DomainZero | null;
  /** VMs made with Xen's `xl`, known only to an agent in domain 0; null where there is no Xen. */
  readonly xlVms: Sight | null;
  readonly agentVersion: string;
  /** Of its agent's TLS key: by it other hosts know this one when a VM comes from here. */
  readonly pin: string;
  /** Null: it takes VMs. */
  readonly maintenance: Maintenance | null;
  readonly capabilities: readonly Capability[];
};

export const IMAGE_KINDS = ['kernel', 'disk', 'iso'] as const;
/** Something a VM can be created from. The agent's administrator decides what is offered; no paths cross the wire. */
export type Image = {
  readonly name: string;
  readonly kind: (typeof IMAGE_KINDS)[number];
  readonly title: string;
  /** Space one VM made from it takes at first; null when unknown. */
  readonly size: Bytes | null;
  /** It boots on Xen alone, as that kind of guest; null: on any hypervisor. */
  readonly xen: VmKind | null;
};

export type Volume = {
  readonly name: string;
  readonly capacity: Bytes;
  readonly allocation: Bytes | null;
  readonly format: string;
  /** The VM that has it attached (or in its configuration). */
  readonly usedBy: VmId | null;
};

export type Pool = {
  readonly name: string;
  readonly capacity: Bytes;
  readonly free: Bytes;
  readonly volumes: readonly Volume[];
};

export type Network = {
  readonly name: string;
  /** `bridge`, `nat`, `isolated`, `user`. */
  readonly mode: string;
};

export const PENDING = ['attach', 'detach'] as const;
/** What the next boot does to a device of a running VM: it is not there yet, or will not be there any more. */
export type Pending = (typeof PENDING)[number];

export type Disk = {
  /** The name in the configuration, `vda`. Unique in the VM. */
  readonly target: string;
  readonly bus: string;
  readonly device: 'disk' | 'cdrom';
  /** Null when the disk is not in a pool the agent manages. */
  readonly pool: string | null;
  readonly volume: string | null;
  /** Null for an empty drive. */
  readonly capacity: Bytes | null;
  readonly readOnly: boolean;
  /** The size the guest itself reports for it; null when the guest says nothing. */
  readonly seen: Bytes | null;
  readonly pending: Pending | null;
};

export type Nic = {
  /** `52:54:00:…`, lower case. Unique in the VM. */
  readonly mac: string;
  readonly model: string;
  readonly network: string;
  readonly linkUp: boolean;
  /** The interface name in the guest, as the guest reports it. */
  readonly seen: string | null;
  readonly addresses: readonly string[];
  readonly pending: Pending | null;
};

export const WITNESSES = ['guest-agent', 'balloon', 'console', 'hypervisor', 'simulated'] as const;
/** Who says what the guest sees. */
export type Witness = (typeof WITNESSES)[number];

/** What the guest sees of its processors and memory; each figure null when no witness reports it. */
export type Seen = {
  readonly by: Witness;
  readonly at: Millis;
  readonly vcpus: Vcpus | null;
  /** Memory the guest's kernel manages: a little less than what it was given. */
  readonly memory: Mib | null;
};

export type Vm = {
  readonly id: VmId;
  readonly name: string;
  readonly state: VmState;
  readonly kind: VmKind;
  /** Changes whenever the configuration does; give it back as `expect`. */
  readonly revision: Revision;
  /** Asked for now (for a running VM: given by the hypervisor). */
  readonly vcpus: Vcpus;
  /** How far `vcpus` can go while the VM runs. */
  readonly vcpusMax: Vcpus;
  /** What the next boot brings, when that differs from now. */
  readonly vcpusNext: Vcpus | null;
  readonly memory: Mib;
  readonly memoryMax: Mib;
  readonly memoryNext: Mib | null;
  /** As the hypervisor has it now; null: it knows no such thing, or does not say. */
  readonly cpuShare: CpuShare | null;
  readonly cpuShareNext: CpuShare | null;
  /** The CPUs it may run on: of all its vCPUs together where another tool has pinned each to its own. Empty: any; null: not known. */
  readonly affinity: CpuList | null;
  readonly affinityNext: CpuList | null;
  readonly startedAt: Millis | null;
  /** Of one that is saved: since when. Null for all others, and where the host does not say. */
  readonly savedAt: Millis | null;
  /** Notes of its operators, any text. */
  readonly description: string;
  /** At most 32, each a TAG (ids.ts), sorted, none twice. */
  readonly tags: readonly string[];
  /** It cannot be deleted, nor any of its volumes, until this is taken back. */
  readonly protected: boolean;
  /** Its host starts it when it boots itself. Null: the hypervisor does not say. */
  readonly autostart: boolean | null;
  /** The tool that made it past the agent: it is shown, and every change of it is refused. Null: the agent manages it. */
  readonly unmanaged: Toolstack | null;
  /** What it has, whether or not it runs. */
  readonly consoles: readonly ConsoleKind[];
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
  /** Null while the VM is not running, or nothing in it reports. */
  readonly seen: Seen | null;
};

/** Measured over the seconds before `at`. */
export type HostLoad = {
  readonly at: Millis;
  /** Of all physical CPUs. */
  readonly cpu: Percent | null;
  readonly memoryUsed: Mib | null;
  readonly diskRead: BytesPerSecond | null;
  readonly diskWrite: BytesPerSecond | null;
  readonly netReceive: BytesPerSecond | null;
  readonly netTransmit: BytesPerSecond | null;
};

export type VmLoad = {
  readonly vm: VmId;
  readonly at: Millis;
  /** Of the vCPUs it has now. */
  readonly cpu: Percent | null;
  readonly memoryUsed: Mib | null;
  readonly diskRead: BytesPerSecond | null;
  readonly diskWrite: BytesPerSecond | null;
  readonly netReceive: BytesPerSecond | null;
  readonly netTransmit: BytesPerSecond | null;
};

export const RESOURCES = [
  'vcpus',
  'memory',
  'cpu-share',
  'affinity',
  'disk',
  'nic',
  'power',
  'name',
  'tags',
  'notes',
  'protection',
  'autostart',
  'existence'
] as const;

/** What a command brought about: asked, and what the guest (or the hypervisor) then said. */
export type Effect = {
  readonly resource: (typeof RESOURCES)[number];
  /** “4”, “512 MiB”, “vdb 64 MiB”. */
  readonly asked: string;
  /** In the same words; null when nobody has confirmed it (yet). */
  readonly seen: string | null;
  readonly by: Witness | null;
  readonly when: 'now' | 'next-boot';
  /** What the operator should know beside that. */
  readonly note: string | null;
};

export const ACTIVITY_STATUSES = ['running', 'done', 'refused', 'failed', 'unknown'] as const;
export type ActivityStatus = (typeof ACTIVITY_STATUSES)[number];

/** One command in the journal of a host, whoever sent it. */
export type Activity = {
  /** Journal number on that host. */
  readonly number: number;
  readonly command: CommandId;
  readonly op: string;
  readonly operator: OperatorKey;
  /** The label the operator gave at pairing. */
  readonly operatorLabel: string;
  readonly vm: VmId | null;
  /** One line: “Set vCPUs of db-1 to 4”. */
  readonly summary: string;
  readonly status: ActivityStatus;
  readonly startedAt: Millis;
  readonly endedAt: Millis | null;
  /** Why it was refused or failed; null otherwise. */
  readonly reason: string | null;
  /** What it is a part of, as its sender says: a plan and its step. */
  readonly note: string | null;
};

export const PROGRESS_STAGES = [
  'checking',
  'copying',
  'moving',
  'saving',
  'restoring',
  'defining',
  'starting',
  'waiting-for-guest',
  'finding-out',
  'cleaning-up'
] as const;
export type ProgressStage = (typeof PROGRESS_STAGES)[number];
/** How far a command is that runs at this moment. */
export type Progress = {
  readonly command: CommandId;
  readonly stage: ProgressStage;
  /** Of the stage, within which it never falls; null where nobody can know. */
  readonly percent: Percent | null;
  /** Of a VM that moves: bytes still to be sent, and how fast they go; null where that is not so or not known. */
  readonly remaining: Bytes | null;
  readonly rate: BytesPerSecond | null;
  /** Of memory that is sent while the guest writes it: the how-manieth time over, from 1; null where that is not so or not known. */
  readonly pass: number | null;
};

export type Operator = {
  readonly key: OperatorKey;
  readonly label: string;
  readonly role: Role;
  readonly since: Millis;
};

/** Everything a host has, at one instant. */
export type Inventory = {
  readonly host: HostFacts;
  readonly vms: readonly Vm[];
  readonly pools: readonly Pool[];
  readonly networks: readonly Network[];
  readonly images: readonly Image[];
};

/** Where a host's journal stands: entry number and hash of the chain up to it (64 hex digits). */
export type JournalHead = { readonly number: number; readonly hash: string };

export const LINK_STATES = ['connecting', 'online', 'offline', 'refused'] as const;
/** `refused`: the host answered, and would not have us (unknown key, wrong host key, rollback); it is not retried by itself. */
export type LinkState = (typeof LINK_STATES)[number];

/** One host as this tab knows it: the last inventory stays while the link is gone, with its age. */
export type Host = {
  readonly id: HostId;
  /** From the pairing, so that a host never reached still has a name. */
  readonly name: string;
  readonly site: string;
  readonly link: LinkState;
  /** Why it is not online, in one sentence with what to do; null when it is. */
  readonly reason: string | null;
  /** What is wrong on the host itself while the link is up (its hypervisor daemon is away), one sentence; null when well. */
  readonly trouble: string | null;
  /** Instant of the last word from the host; null before the first. */
  readonly heardAt: Millis | null;
  /** How far the host's clock is ahead of this computer's, ms; below 0: behind. 0 while they differ by less than a minute. */
  readonly clockAhead: number;
  readonly role: Role | null;
  readonly facts: HostFacts | null;
  readonly load: HostLoad | null;
  readonly vms: ReadonlyMap<VmId, Vm>;
  readonly vmLoads: ReadonlyMap<VmId, VmLoad>;
  readonly pools: readonly Pool[];
  readonly networks: readonly Network[];
  readonly images: readonly Image[];
  /** Newest first, at most 500. */
  readonly activity: readonly Activity[];
  /** Of running commands that tell it; gone when they have ended. */
  readonly progress: ReadonlyMap<CommandId, Progress>;
};

/** As the host says; a host not heard of yet is not known to be. */
export const inMaintenance = ({ facts }: Pick<Host, 'facts'>): boolean => (facts?.maintenance ?? null) !== null;

/** It is being linked to and has told nothing yet: what it has is not known. */
export const isUnheard = ({ link, facts }: Pick<Host, 'link' | 'facts'>): boolean =>
  link === 'connecting' && facts === null;

/** Everything the tab manages. Replaced, never changed (`session/fold`). */
export type Fleet = { readonly hosts: ReadonlyMap<HostId, Host> };
