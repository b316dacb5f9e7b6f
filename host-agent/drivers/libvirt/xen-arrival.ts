// What is here of a VM of Xen that another host sends: by Xen's own word, and by libvirt's job with it, which ends when it has arrived.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { ArrivalState } from '../migration.ts';
import type { LibvirtHost } from './host.ts';
import { giveUp } from './rpc-caller.ts';
import { INPUT } from './virsh.ts';
import type { XenGround } from './xen-ground.ts';
import { standing } from './xen-standing.ts';

/** `arrived` and `absent` stay so: nothing more of it comes in when this is asked. */
export async function xenLook(host: LibvirtHost, ground: XenGround, vm: VmId): Promise<ArrivalState> {
  const now = await standing(host, ground, vm);
  if (now.domain === null && now.xen === 'absent') return 'absent';
  if (now.domain === null || now.job || now.xen === 'held' || now.xen === 'suspended') return 'arriving';
  const [info = ''] = await host.virsh.read([`dominfo ${vm}`]);
  if (/^Persistent:\s+yes/m.test(info)) return 'arrived';
  if (now.xen !== 'runs') return 'arriving';
  // libvirt ended between having started it and keeping its configuration.
  const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${vm}`]);
  await host.virsh.change(['define', INPUT], { input: text });
  return 'arrived';
}

/** Ends what has not run here. What has run and libvirt does not know, nobody but an operator can decide about. */
export async function xenRelease(host: LibvirtHost, ground: XenGround, vm: VmId): Promise<ArrivalState> {
  const state = await xenLook(host, ground, vm);
  if (state === 'arriving') {
    const { domain, xen, run, job } = await standing(host, ground, vm);
    if (xen === 'runs') throw new Fault('hypervisor', { operation: 'migrate', reason: 'it runs, unknown to libvirt' });
    if (domain !== null && job) await giveUp(ground.daemon(), domain.name);
    else if (domain !== null) await host.virsh.change(['destroy', vm]);
    else if (run !== null) await ground.xl(['destroy', run]);
  }
  const left = state === 'arriving' ? await xenLook(host, ground, vm) : state;
  if (left !== 'arriving') host.arriving.delete(vm);
  host.changed(vm);
  return left;
}
