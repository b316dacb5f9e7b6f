// Names operators give, any text, against names libvirt can carry: it makes file and socket paths of them, which end at 107
// bytes. A name that does not fit becomes the domain's title, and the domain is called by a plain one.
import { METADATA, notesOf } from './domain-xml.ts';
import { element, elements, find, mapChildren } from './xml.ts';
import type { Element } from './xml.ts';

/** libvirt puts the first 20 characters into socket paths; this much of one is left for them on every kind of daemon. */
const SHORT = { characters: 20, bytes: 24 };
/** It is a file name too, to which libvirt appends. */
const MAX_BYTES = 200;

export type Naming = {
  /** What libvirt calls it. */
  readonly name: string;
  /** The operator's name where that is another; else null. */
  readonly title: string | null;
};

/** @param id its first digits tell apart VMs whose plain names are alike. @param free whether libvirt calls nothing else so */
export function namingOf(name: string, id: string, free: (name: string) => boolean = () => true): Naming {
  const start = Array.from(name).slice(0, SHORT.characters).join('');
  const fits =
    !/[/\n]|^\./.test(name) &&
    Buffer.byteLength(name) <= MAX_BYTES &&
    Buffer.byteLength(start) <= SHORT.bytes &&
    free(name);
  return fits ? { name, title: null } : { name: `${plain(name) || 'vm'}-${id.slice(0, 8)}`, title: name };
}

/** Letters, digits and `._+-` of a name, for file names. */
export const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9._+-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40);

/** The title, and the note that it is the name. */
export const titleElement = (title: string | null): Element | null =>
  title === null ? null : element('title', {}, title);

/** The configuration `root` with this title as its name, or (null) with the domain's own name. */
export function withTitle(root: Element, title: string | null): Element {
  const notes = notesOf(root);
  const titled = title === null ? {} : { titled: 'yes' };
  const given = Object.entries(notes?.attributes ?? { 'xmlns:smps': METADATA }).filter(([name]) => name !== 'titled');
  const note = element(notes?.name ?? 'smps:vm', { ...Object.fromEntries(given), ...titled });
  const old = find(root, 'metadata');
  const others = elements(old).filter((each) => each !== notes);
  // A title that another tool gave is not ours to remove.
  const wasOurs = notes?.attributes.titled === 'yes';
  const changed = mapChildren(root, (child) =>
    child.name === 'metadata' || (child.name === 'title' && (wasOurs || title !== null)) ? null : child
  );
  const metadata = element('metadata', old?.attributes ?? {}, ...others, note);
  const own = titleElement(title);
  return { ...changed, children: [...changed.children, ...(own === null ? [] : [own]), metadata] };
}
