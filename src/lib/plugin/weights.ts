// What things cost, in one unit for all: so that load, moves and power can be weighed against each other.

/**
 * One point is what a whole host's worth of load above the safety level costs for CPU. The other weights say how many points
 * their unit is worth.
 */
export type Weights = {
  /** Points for a resource of a whole host above its safety level. */
  readonly cpu: number;
  readonly memory: number;
  readonly diskIo: number;
  readonly net: number;
  /** Points for a whole host's memory that is free without CPU to go with it, and the reverse. */
  readonly balance: number;
  /** Points for moving any VM at all. */
  readonly move: number;
  /** Points for each GiB a move copies. */
  readonly moveGib: number;
  /** How many times dearer a GiB is between sites. */
  readonly betweenSites: number;
  /** Points for each VM of the group that has most of its VMs moved. */
  readonly disturbance: number;
  /** Points for each 100 W of hosts that are on because something runs there. */
  readonly power: number;
  /** Points for each resource of a VM that is changed while it runs. */
  readonly resize: number;
  /** Points for a host's worth of CPU that caps keep from VMs that yield: so much for each milli-CPU, whether or not they want it. */
  readonly withheld: number;
};

type Weight = { readonly title: string; readonly unit: string; readonly default: number; readonly reason: string };

/** Each weight with its unit, its default and the reason for it. All are 0 to 10,000. */
export const WEIGHTS: { readonly [Name in keyof Weights]: Weight } = {
  cpu: {
    title: 'CPU load',
    unit: 'points for a host',
    default: 100,
    reason: 'The measure of all others: a VM waits when CPUs are short.'
  },
  memory: {
    title: 'Memory load',
    unit: 'points for a host',
    default: 60,
    reason: 'Memory given out is reserved anyway; above its safety level there is only no room for surprises.'
  },
  diskIo: {
    title: 'Disk load',
    unit: 'points for a host',
    default: 80,
    reason: 'Slow disks slow every VM of a host, but most have bursts that pass.'
  },
  net: {
    title: 'Network load',
    unit: 'points for a host',
    default: 40,
    reason: 'Traffic mostly backs off by itself.'
  },
  balance: {
    title: 'Balance',
    unit: 'points for a host',
    default: 10,
    reason: 'Free memory without CPU is of little use, but nobody suffers yet.'
  },
  move: {
    title: 'A move',
    unit: 'points',
    default: 0.5,
    reason: 'Every move is a risk: it must bring half a hundredth of a host.'
  },
  moveGib: {
    title: 'Copying',
    unit: 'points for a GiB',
    default: 0.05,
    reason: 'About 9 s at 1 Gbit/s, in which the VM is slower.'
  },
  betweenSites: {
    title: 'Between sites',
    unit: 'times',
    default: 10,
    reason: 'Lines between sites are commonly a tenth as fast as those within.'
  },
  disturbance: {
    title: 'Disturbing a group',
    unit: 'points for a VM',
    default: 0.5,
    reason: 'VMs that serve together should not all be moved at once.'
  },
  power: {
    title: 'Power',
    unit: 'points for 100 W',
    default: 0,
    reason: 'Off: emptying hosts costs moves, and pays only where they are switched off. 5 makes it worth while.'
  },
  resize: {
    title: 'Resizing',
    unit: 'points for a change',
    default: 0.1,
    reason: 'Hotplug is a tenth of the risk of a move.'
  },
  withheld: {
    title: 'Withheld CPU',
    unit: 'points for a host',
    default: 25,
    reason: 'A cap slows one VM whose operator agreed; a host that is too busy slows all of them: a quarter of that.'
  }
};

export const DEFAULT_WEIGHTS = Object.fromEntries(
  Object.entries(WEIGHTS).map(([name, weight]) => [name, weight.default])
) as Weights;
