// What is to be decided, as columns: which host each VM is on. Everything is a number here; names stay with whoever made it.
// The shape is that of the machine reassignment problem (ROADEF/EURO challenge 2012), whose instances keep the search honest, and
// what live fleets need besides: where a VM may be at all, VMs that stay, any number of services, hosts that cost while they are on.

/** Index of a host for every VM, length `vms`. */
export type Assignment = Int32Array;

/** Costs where free room of one resource comes without free room of another. */
export type Balance = {
  /** Index of a resource. */
  readonly of: number;
  /** Index of the resource there should be `target` of for each unit of `of`. */
  readonly against: number;
  readonly target: number;
  /** Cost of a unit of `against` that is missing. */
  readonly weight: number;
};

/**
 * Columns are row after row: `demand[vm * resources + resource]`. Amounts are not negative and finite; each resource has its own
 * unit. Costs have one unit, the same everywhere. Whole numbers are summed exactly. A problem is never changed.
 *
 * A host that no mask allows is empty in every plan and costs nothing: a VM that is new has such a one as its home, with `Infinity`
 * as capacity and safety level; the search begins with it elsewhere.
 */
export type Problem = {
  readonly resources: number;
  /** 1: stays occupied on a VM's home while the VM moves away (memory); length `resources`. */
  readonly transient: Uint8Array;
  /** Cost of a unit over the safety level; length `resources`. */
  readonly loadWeight: Float64Array;

  readonly hosts: number;
  /** 1: capacity is never exceeded; 0: it only says what is free, for the balance (load that is measured); length `resources`. */
  readonly hard: Uint8Array;
  /** `hosts x resources`. */
  readonly capacity: Float64Array;
  /** `hosts x resources`: what is above costs `loadWeight`. */
  readonly safety: Float64Array;
  readonly site: Int32Array;
  readonly sites: number;
  /** Which hosts are near each other, for services that need another one near. */
  readonly zone: Int32Array;
  readonly zones: number;

  /** Cost of a host while a VM that `counts` is on it; length `hosts`. */
  readonly onCost: Float64Array;

  readonly services: number;
  /** 1: no two VMs of the service are on one host; length `services`. */
  readonly apart: Uint8Array;
  /** How many different sites the VMs of a service are at, at least; length `services`. */
  readonly spread: Int32Array;
  /** For each service the services of which one VM has to be in every zone where it has one itself. */
  readonly needs: readonly Int32Array[];

  readonly vms: number;
  /** The services of a VM, each once, are `serviceOf` from `serviceStart[vm]` up to `serviceStart[vm + 1]`; length `vms + 1`. */
  readonly serviceStart: Int32Array;
  readonly serviceOf: Int32Array;
  /** `vms x resources`. */
  readonly demand: Float64Array;
  /** Where each VM is now. */
  readonly home: Assignment;
  /** The row of `masks` that says where a VM may be; length `vms`. */
  readonly mask: Int32Array;
  /** Rows x `hosts`; 1: may be there. */
  readonly masks: Uint8Array;
  /** 1: the search leaves the VM where it finds it; length `vms`. */
  readonly fixed: Uint8Array;
  /** 1: keeps its host on (it runs); length `vms`. */
  readonly counts: Uint8Array;

  readonly balances: readonly Balance[];
  /**
   * A move costs `moveCost[vm] + pathCost[p] + moveSize[vm] * pathRate[p]` with `p = path[from] * paths + path[to]`; `moveCost` and
   * `moveSize` have length `vms`.
   */
  readonly moveCost: Float64Array;
  readonly moveSize: Float64Array;
  /** The class of each host as an end of a move, below `paths`. */
  readonly path: Int32Array;
  readonly paths: number;
  /** `paths x paths`. */
  readonly pathCost: Float64Array;
  readonly pathRate: Float64Array;
  /** Cost of each VM moved of the service that has most of its VMs moved: no service is disturbed all at once. */
  readonly serviceMoveCost: number;
};
