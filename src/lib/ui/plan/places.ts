// Hosts and VMs as plans' forms name them.
import type { HostId, VmId } from '#lib/model/ids.ts';

export type NamedHost = { readonly id: HostId; readonly name: string; readonly site: string };
export type NamedVm = { readonly id: VmId; readonly name: string };
