// How a VM of Xen stands that moves. libvirt says “running” of one that Xen has suspended, also when it never runs again, and
// “shut off” of one that is being received: so Xen's own word counts, and whether libvirt still has a job with the VM.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmState } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Domain } from './domains.ts';
import type { LibvirtHost } from './host.ts';
import type { XenGround } from './xen-ground.ts';
import { parseXlList } from './xl-list.ts';

export type Standing = {
  /** libvirt's; null: it has none. */
  readonly domain: Domain | null;
  /** `suspended`: as it is sent. `held`: not started yet, or paused. `ended`: it stopped or crashed, and is there still. */
  readonly xen: 'runs' | 'suspended' | 'held' | 'ended' | 'absent';
  /** Xen's number of it; null when `absent`. */
  readonly run: string | null;
  /** libvirt has begun something with it and not ended that: each half of a move is such a job. */
  readonly job: boolean;
};

/** While libvirt has a job with the VM, it is one of those that are `quiet`. @throws Fault `hypervisor` when Xen cannot be asked */
export async function standing(host: LibvirtHost, ground: XenGround, vm: VmId): Promise<Standing> {
  host.domains.forget(vm);
  host.domains.quiet.add(vm);
  const domain = await host.domains.get(vm);
  const [info = ''] = domain === null ? [] : await host.virsh.read([`domjobinfo ${vm}`]);
  const text = await ground.xl(['list', '-v']);
  if (text === null) throw new Fault('hypervisor', { operation: 'xl list', reason: 'xl does not answer' });
  const found = parseXlList(text).find(({ id }) => id === vm);
  const job = /^Job type:\s+(?!None)\S/m.test(info);
  if (!job) host.domains.quiet.delete(vm);
  return {
    domain,
    xen: found === undefined ? 'absent' : found.suspended ? 'suspended' : standsAs(found.state),
    run: found?.run ?? null,
    job
  };
}

function standsAs(state: VmState): Standing['xen'] {
  if (state === 'running') return 'runs';
  return state === 'paused' ? 'held' : 'ended';
}
