// What is left of a VM of Xen at the host it leaves, found out and brought to the end the target has decided; as settle.ts does for QEMU.
// Where libvirt's client is gone, libvirt holds the VM for good: what ends that are its own calls (rpc-caller.ts).
import type { VmId } from '../../../src/lib/model/ids.ts';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Leaving, Remains } from '../migration.ts';
import type { LibvirtHost } from './host.ts';
import { confirm } from './rpc-caller.ts';
import type { XenGround } from './xen-ground.ts';
import { standing } from './xen-standing.ts';
import type { Standing } from './xen-standing.ts';

/** ms in which libvirt has noticed that the stream of the memory was cut, on a host that is busy. */
const NOTICED = 10_000;
/** Since when (ms since the epoch) libvirt has had a job with a VM that nobody sends any more. */
export type Held = Map<VmId, number>;

/** Asked for only once virsh has ended, and with it the stream of the memory. */
export async function xenRemains(host: LibvirtHost, ground: XenGround, vm: VmId, held: Held): Promise<Remains> {
  const now = await standing(host, ground, vm);
  if (isStillBusy(vm, now, held)) return 'changing';
  if (now.xen === 'runs') {
    // What was never suspended has not left, and libvirt does not end its job by itself.
    if (now.job) await confirm(ground.daemon(), vm, false).catch(ignore);
    await bringToXensWord(host, ground, vm);
    return 'running';
  }
  // libvirt has forgotten what Xen still has.
  if (now.domain === null && now.xen !== 'absent') return 'changing';
  return now.domain === null ? 'gone' : 'still';
}

function isStillBusy(vm: VmId, { job }: Standing, held: Held): boolean {
  if (!job) {
    held.delete(vm);
    return false;
  }
  const since = held.get(vm) ?? Date.now();
  held.set(vm, since);
  return Date.now() - since < NOTICED;
}

/** @returns what could not be done, as a note @throws Fault, VirshError when it has to be tried again */
export async function xenSettle(
  host: LibvirtHost,
  ground: XenGround,
  vm: VmId,
  leaving: Leaving,
  there: 'arrived' | 'absent'
): Promise<string | null> {
  const now = await standing(host, ground, vm);
  try {
    return await (there === 'arrived' ? leave(host, ground, vm, now) : stay(host, ground, vm, now, leaving));
  } finally {
    host.changed(vm);
  }
}

async function stay(
  host: LibvirtHost,
  ground: XenGround,
  vm: VmId,
  now: Standing,
  leaving: Leaving
): Promise<string | null> {
  if (leaving.running && now.xen === 'absent') return 'it is off here: its hypervisor has ended it';
  if (now.xen === 'suspended' || now.job) await confirm(ground.daemon(), vm, false);
  await bringToXensWord(host, ground, vm);
  return null;
}

async function leave(host: LibvirtHost, ground: XenGround, vm: VmId, now: Standing): Promise<string | null> {
  if (now.xen === 'runs') throw unlike('it runs here, and has arrived there');
  if (now.domain === null) return null;
  if (now.job) await confirm(ground.daemon(), vm, true);
  const left = await standing(host, ground, vm);
  if (left.domain?.live) await host.virsh.change(['destroy', vm]);
  if (left.domain !== null && (await standing(host, ground, vm)).domain !== null)
    await host.virsh.change(['undefine', vm, '--managed-save']);
  const after = await standing(host, ground, vm);
  if (after.domain !== null || after.xen !== 'absent') throw unlike('it could not be removed here');
  return null;
}

/** libvirt may have it paused that runs, as after a resumption that was of no need: Xen pauses it then for as long as libvirt resumes it. */
async function bringToXensWord(host: LibvirtHost, ground: XenGround, vm: VmId): Promise<void> {
  const now = await standing(host, ground, vm);
  if (now.xen === 'suspended') throw unlike('it has not gone on');
  if (now.xen !== 'runs' || now.run === null || now.domain?.live === null) return;
  if (now.domain === null || now.domain.state === 'running' || now.domain.state === 'stopping') return;
  await ground.xl(['pause', now.run]);
  await host.virsh.change(['resume', vm]);
  // Where somebody else has resumed it meanwhile, libvirt has had nothing to do, and our pause stands.
  if ((await standing(host, ground, vm)).xen === 'held') await ground.xl(['unpause', now.run]);
  host.changed(vm);
}

const unlike = (reason: string): Fault => new Fault('hypervisor', { operation: 'migrate', reason });
const ignore = (): void => undefined;
