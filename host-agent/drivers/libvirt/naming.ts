// A VM's name on its host: whether it is free, what libvirt is to call the VM, and another one for a VM that is off.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { meansFor } from './means.ts';
import { namingOf, withTitle } from './names.ts';
import type { Naming } from './names.ts';
import { refuse } from './refusal.ts';
import { INPUT } from './virsh.ts';
import { nameOf } from './vm.ts';
import { printElement, readElement } from './xml.ts';

/** Refuses `name-taken` where a VM other than `but` has the name, or libvirt calls it so. */
export async function demandName(host: LibvirtHost, name: string, but: VmId | null): Promise<void> {
  host.domains.forget(null);
  const taken = (await host.domains.all()).some(
    (domain) => domain.id !== but && [domain.name, nameOf(domain)].includes(name)
  );
  if (taken) refuse('name-taken', { name });
}

/** How a new VM is called. Refuses `name-taken` where operators call another so; what only libvirt does is gone round. */
export async function demandNaming(host: LibvirtHost, name: string, id: VmId): Promise<Naming> {
  host.domains.forget(null);
  const others = await host.domains.all();
  if (others.some((domain) => nameOf(domain) === name)) refuse('name-taken', { name });
  const inUse = new Set(others.map((domain) => domain.name));
  return namingOf(name, id, (each) => !inUse.has(each));
}

export async function rename(host: LibvirtHost, id: VmId, name: string): Promise<readonly Effect[]> {
  const domain = await host.domains.demandUnsaved(id);
  const byTitle = meansFor(domain).rename === 'title';
  if (byTitle) {
    host.domains.forget(null);
    const taken = (await host.domains.all()).some((other) => other.id !== id && nameOf(other) === name);
    if (taken) refuse('name-taken', { name });
  } else await demandName(host, name, id);
  if (domain.live !== null) {
    refuse('unsupported', {
      what: 'renaming a running VM',
      reason: 'libvirt renames only VMs that are off',
      instead: 'shut it down first'
    });
  }
  const naming = byTitle ? { name: domain.name, title: name === domain.name ? null : name } : namingOf(name, id);
  if (domain.name !== naming.name) await host.virsh.change(['domrename', id, naming.name]);
  if ((domain.inactive?.title ?? null) !== naming.title) {
    const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${id}`]);
    await host.virsh.change(['define', INPUT], { input: printElement(withTitle(readElement(text), naming.title)) });
  }
  host.domains.forget(id);
  const seen = nameOf(await host.domains.demand(id));
  const note =
    byTitle && naming.title !== null ? `libvirt’s Xen driver renames nothing: it calls it ${naming.name}` : null;
  return [effectNow('name', name, { text: seen, by: 'hypervisor' }, note ?? calledOtherwise(naming))];
}

export const calledOtherwise = ({ name, title }: Naming): string | null =>
  title === null ? null : `libvirt itself cannot carry this name and calls it ${name}`;
