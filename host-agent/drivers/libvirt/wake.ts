// A VM that is off, started without being let run: all that QEMU does to move a VM, its disks above all, it does for one that
// stands still. The run has a mark that its configuration has not: whoever finds it, here or where it arrives, ends the run.
import { MOVED_OFF } from './domain-xml.ts';
import type { Domain } from './domains.ts';
import type { LibvirtHost } from './host.ts';
import { INPUT } from './virsh.ts';
import { element, elements, find, mapChildren, printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

export async function wake(host: LibvirtHost, { id }: Domain): Promise<void> {
  const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${id}`]);
  await host.virsh.change(['create', INPUT, '--paused'], { input: printElement(marked(readElement(text))) });
  host.changed(id);
}

function marked(root: Element): Element {
  const kept = elements(find(root, 'metadata'));
  const mark = element('smps-moved:off', { 'xmlns:smps-moved': MOVED_OFF });
  const rest = mapChildren(root, (child) => (child.name === 'metadata' ? null : child));
  return { ...rest, children: [...rest.children, element('metadata', {}, ...kept, mark)] };
}
