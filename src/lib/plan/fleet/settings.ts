// How a fleet becomes numbers: what is not measured is set here, each with its unit and the reason for its default.

export type PlanSettings = {
  /** vCPUs given out for each CPU of a host. 4: what most guides for general loads call safe; guests mostly idle. */
  readonly overcommit: number;
  /** Shares of capacity above which load costs. */
  readonly safety: {
    /** 0.7: queueing makes waits long from there on. */
    readonly cpu: number;
    /** 0.9: given out memory does not surprise; the rest is for resizing. */
    readonly memory: number;
    /** 0.6: disks have deeper queues the fuller they are. */
    readonly diskIo: number;
    /** 0.6: bursts need the rest. */
    readonly net: number;
  };
  /** Memory a host keeps for itself: a share of it, and MiB. 4 % and 256 MiB: what QEMU and the kernel take beside the guests. */
  readonly reserveShare: number;
  readonly reserveMib: number;
  /** KiB/s a host's disks and network can do, as nobody measures it. 200 MiB/s (a SATA SSD shared), 1 Gbit/s. */
  readonly diskIo: number;
  readonly net: number;
  /** CPU load of a VM of which no load is known, a share of its vCPUs. 0.2. */
  readonly assumedCpu: number;
  /** Watts that an empty host takes beyond one that is off. 120: a two-socket server idling. */
  readonly idleWatts: number;
};

export const DEFAULT_SETTINGS: PlanSettings = {
  overcommit: 4,
  safety: { cpu: 0.7, memory: 0.9, diskIo: 0.6, net: 0.6 },
  reserveShare: 0.04,
  reserveMib: 256,
  diskIo: 204_800,
  net: 122_070,
  assumedCpu: 0.2,
  idleWatts: 120
};
