// What operators say of a VM: tags, notes, protection. Notes are libvirt's own description; the rest stands in the domain's
// metadata under our namespace, beside what other tools keep under theirs. It applies at once, whatever state the VM is in.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { scope } from './effect.ts';
import { METADATA, notesOf } from './domain-xml.ts';
import type { Domain } from './domains.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { VirshError } from './virsh.ts';
import { element, mapChildren, printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

type Attributes = Readonly<Record<string, string>>;

/** Our note's attributes for these; an attribute that says nothing is left out. */
export const describing = (o: { readonly tags: readonly string[]; readonly protected: boolean }): Attributes => ({
  ...(o.tags.length > 0 ? { tags: o.tags.join(',') } : {}),
  ...(o.protected ? { protected: 'yes' } : {})
});

export async function setTags(host: LibvirtHost, id: VmId, tags: readonly string[]): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  const lasts = await changeNote(host, domain, { tags: tags.length === 0 ? null : tags.join(',') });
  const text = (list: readonly string[]): string => list.join(', ') || 'none';
  return [said('tags', lasts, text(tags), text((await now(host, id)).tags))];
}

export async function setProtected(host: LibvirtHost, id: VmId, on: boolean): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  const lasts = await changeNote(host, domain, { protected: on ? 'yes' : null });
  const text = (is: boolean): string => (is ? 'on' : 'off');
  return [said('protection', lasts, text(on), text((await now(host, id)).protected))];
}

export async function setNotes(host: LibvirtHost, id: VmId, notes: string): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  const lasts = await say(host, domain, ['desc', id], ['--new-desc', notes]);
  const text = (of: string): string => `${of.length} characters`;
  return [said('notes', lasts, text(notes), text((await now(host, id)).description))];
}

/** Of one that runs again with what was said of it when it was saved: what has been said since. */
export async function describeAsSince(host: LibvirtHost, id: VmId): Promise<void> {
  host.domains.forget(id);
  const domain = await host.domains.demand(id);
  const { live, inactive } = domain;
  if (live === null || inactive === null) return;
  if (live.description !== inactive.description) {
    await host.virsh.change(['desc', id, '--live', '--new-desc', inactive.description]);
  }
  const [before, since] = [describing(live), describing(inactive)];
  if (before.tags === since.tags && before.protected === since.protected) return;
  await changeNote(host, domain, { tags: since.tags ?? null, protected: since.protected ?? null });
}

/** The configuration with these attributes in our note instead; null takes one away. */
export function withNote(root: Element, changes: Readonly<Record<string, string | null>>): Element {
  const note = notesOf(root);
  if (note === null) return root;
  const changed = { ...note, attributes: merged(note.attributes, changes) };
  return mapChildren(root, (child) =>
    child.name === 'metadata' ? mapChildren(child, (each) => (each === note ? changed : each)) : child
  );
}

function merged(attributes: Attributes, changes: Readonly<Record<string, string | null>>): Attributes {
  const all: Record<string, string | null> = { ...attributes, ...changes };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** With these attributes in our note instead, null takes one away. @returns whether it lasts beyond this run, as `say` */
export async function changeNote(
  host: LibvirtHost,
  domain: Domain,
  changes: Readonly<Record<string, string | null>>
): Promise<boolean> {
  const [text = ''] = await host.virsh.read([`dumpxml ${domain.live === null ? '--inactive ' : ''}${domain.id}`]);
  const given = notesOf(readElement(text))?.attributes ?? {};
  // libvirt declares the namespace itself, under the key.
  const own = Object.fromEntries(Object.entries(merged(given, changes)).filter(([name]) => !name.startsWith('xmlns')));
  const set = ['--uri', METADATA, '--key', 'smps', '--set', printElement(element('vm', own))];
  return say(host, domain, ['metadata', domain.id], set);
}

/** In both configurations; false: a transient domain has one only, and libvirt shows no difference until it is changed. */
async function say(
  host: LibvirtHost,
  domain: Domain,
  what: readonly string[],
  words: readonly string[]
): Promise<boolean> {
  try {
    await host.virsh.change([...what, ...scope(domain), ...words]);
    return domain.inactive !== null;
  } catch (error) {
    const transient = error instanceof VirshError && /transient domain/.test(error.message);
    if (!transient || domain.live === null) throw error;
    await host.virsh.change([...what, '--live', ...words]);
    return false;
  }
}

async function now(
  host: LibvirtHost,
  id: VmId
): Promise<{ tags: readonly string[]; protected: boolean; description: string }> {
  host.domains.forget(id);
  const { live, inactive } = await host.domains.demand(id);
  return live ?? inactive ?? { tags: [], protected: false, description: '' };
}

const said = (resource: Effect['resource'], lasts: boolean, asked: string, seen: string): Effect =>
  effectNow(
    resource,
    asked,
    { text: seen, by: 'hypervisor' },
    lasts ? null : 'until it stops: this VM has no lasting configuration'
  );
