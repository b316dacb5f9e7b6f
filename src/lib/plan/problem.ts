// What is to be decided, as columns: which host each VM is on. Everything is a number here; names stay with whoever made it.
// The shape is that of the machine reassignment problem (ROADEF/EURO challenge 2012), whose instances keep the search honest.

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
 * unit. Costs have one unit, the same everywhere. A problem is never changed.
 */
export type Problem = {
  readonly resources: number;
  /** 1: stays occupied on a VM's home while the VM moves away (memory); length `resources`. */
  readonly transient: Uint8Array;
  /** Cost of a unit over the safety level; length `resources`. */
  readonly loadWeight: Float64Array;

  readonly hosts: number;
  /** `hosts x resources`: never exceeded. */
  readonly capacity: Float64Array;
  /** `hosts x resources`: what is above costs `loadWeight`. */
  readonly safety: Float64Array;
  readonly site: Int32Array;
  readonly sites: number;
  /** Which hosts are near each other, for services that need another one near. */
  readonly zone: Int32Array;
  readonly zones: number;

  readonly services: number;
  /** How many different sites the VMs of a service are at, at least; length `services`. */
  readonly spread: Int32Array;
  /** For each service the services of which one VM has to be in every zone where it has one itself. */
  readonly needs: readonly Int32Array[];

  readonly vms: number;
  /** The service of each VM. No two VMs of a service are on one host. */
  readonly service: Int32Array;
  /** `vms x resources`. */
  readonly demand: Float64Array;
  /** Where each VM is now. */
  readonly home: Assignment;

  readonly balances: readonly Balance[];
  /** Cost of moving a VM at all; length `vms`. */
  readonly moveCost: Float64Array;
  /** `hosts x hosts`: cost of a move from one to the other, added to `moveCost`. */
  readonly pathCost: Float64Array;
  /** Cost of each VM moved of the service that has most of its VMs moved: no service is disturbed all at once. */
  readonly serviceMoveCost: number;
};
