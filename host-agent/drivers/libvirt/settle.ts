// What is left here of a VM after its departure, whatever came of it: found out, and brought to the end the target has decided.
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Leaving, Remains } from '../migration.ts';
import type { LibvirtHost } from './host.ts';
import { meansOf } from './means.ts';
import { VirshError } from './virsh.ts';

/** While libvirt itself has a migration of it under way, nothing it says of the VM will stay so. */
export async function remains(host: LibvirtHost, vm: VmId): Promise<Remains> {
  host.domains.forget(vm);
  const domain = await host.domains.get(vm);
  if (domain === null) return 'gone';
  const [job = ''] = await host.virsh.read([`domjobinfo ${vm}`]);
  if (domain.live !== null && !/^Job type:\s*None\s*$/m.test(job)) return 'changing';
  return domain.state === 'running' || domain.state === 'stopping' ? 'running' : 'still';
}

/** @returns what could not be done, as a note @throws Fault, VirshError when it has to be tried again */
export async function settle(
  host: LibvirtHost,
  vm: VmId,
  leaving: Leaving,
  there: 'arrived' | 'absent'
): Promise<string | null> {
  const domain = await host.domains.get(vm);
  if (there === 'absent') {
    if (domain?.live?.movedOff === true) await host.virsh.change(['destroy', vm]);
    // A libvirtd that cannot take up again with a QEMU ends it: so it was with its own host, and it is not for us to boot it.
    if (leaving.running && domain !== null && domain.live === null)
      return 'it is off here: its hypervisor has ended it';
    if (leaving.running && domain?.live && domain.state !== 'running') await host.virsh.change(['resume', vm]);
    host.changed(vm);
    return null;
  }
  if (domain?.live) await host.virsh.change(['destroy', vm]);
  if (domain !== null && (await host.domains.get(vm)) !== null) {
    await host.virsh.change(['undefine', vm, ...meansOf(domain.inactive?.type ?? '').undefine]);
  }
  host.changed(vm);
  const failed: string[] = [];
  for (const { pool, volume } of leaving.volumes) {
    await host.storage.remove(pool, volume).catch((thrown: unknown) => {
      if (!(thrown instanceof VirshError && /not found|no storage vol/i.test(thrown.message))) failed.push(volume);
    });
  }
  return failed.length === 0 ? null : `could not be deleted here: ${failed.join(', ')}`;
}
