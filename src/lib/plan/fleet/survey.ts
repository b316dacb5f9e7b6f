// A look at the fleet for planning: what is asked of it, and what it answers.
import type { Host, Vm } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Reason } from '../reason.ts';
import type { Before } from '../steps/occupancy.ts';

/** A VM that is not there yet. */
export type WantedVm = {
  readonly name: string;
  readonly vcpus: number;
  /** MiB. */
  readonly memory: number;
  /** MiB of all its disks. */
  readonly disk: number;
  readonly image: string | null;
  readonly networks: readonly string[];
  readonly pools: readonly string[];
  readonly tags: readonly string[];
};

/** A size a VM is to have: the plan makes room for it. */
export type Resize = { readonly vm: VmId; readonly vcpus: number; readonly memory: number };

export type Asked = {
  readonly wanted?: readonly WantedVm[];
  readonly resizes?: readonly Resize[];
  /** VMs that are off and to be started. */
  readonly starts?: readonly VmId[];
  /** Which VMs may move, and get another share of the CPUs; all when left out. */
  readonly scope?: (vm: Vm, host: Host) => boolean;
  /** Which VMs that are off may move too, their disks alone; none when left out. */
  readonly off?: (vm: Vm, host: Host) => boolean;
  /** VMs that were pinned for a time stay until it is over. */
  readonly pins?: boolean;
  readonly at: number;
};

export type Survey = {
  readonly columns: Columns;
  /** By index. */
  readonly hosts: readonly Host[];
  /** By index; null for a new one. */
  readonly vms: readonly (Vm | null)[];
  readonly wanted: readonly WantedVm[];
  /** Why a plan never moves a VM, by index; null when it may. */
  readonly held: readonly (Reason | null)[];
  /** Tags that cannot be read, rules that nothing can keep. */
  readonly warnings: readonly Reason[];
  /** Why the host cannot have the VM whatever room there is; null when it can. */
  readonly unsuited: (vm: number, host: number) => Reason | null;
  /** Sizes of the VMs that are to get another one or be started, as they are now; in the order asked for. */
  readonly before: Before;
};
