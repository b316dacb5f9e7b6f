// libvirt's XML as a plain tree that keeps order, so that a configuration can be read, changed in one place and given back.
// Reading by fast-xml-parser, with limits: what libvirt prints may have been written by anybody.
import { XMLParser } from 'fast-xml-parser';
import { Fault } from '../../../src/lib/model/fault.ts';

export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
};

const MAX_TEXT = 2 * 1024 * 1024;
const MAX_DEPTH = 32;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Only for &#…;: a document with a DOCTYPE is not read at all.
  htmlEntities: true,
  processEntities: { enabled: true, maxTotalExpansions: MAX_TEXT, maxExpandedLength: MAX_TEXT }
});
/** The root element. @throws Fault `malformed` | `too-large` */
export function readElement(text: string): Element {
  if (text.length > MAX_TEXT) throw new Fault('too-large', { what: 'XML of the hypervisor', limit: '2 MiB' });
  if (text.includes('<!DOCTYPE')) throw malformed('it has a DOCTYPE');
  let nodes: unknown;
  try {
    nodes = parser.parse(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
  const roots = children(nodes, 0).filter((child) => typeof child !== 'string');
  const [root] = roots;
  if (!root || roots.length > 1) throw malformed('it has not exactly one root');
  return root;
}

/** The text of an element and all below it. */
export function printElement({ name, attributes, children: content }: Element): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const inside = content.map((child) => (typeof child === 'string' ? escape(child) : printElement(child))).join('');
  return inside === '' ? `<${name}${words.join('')}/>` : `<${name}${words.join('')}>${inside}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;'
};
const escape = (text: string): string => text.replaceAll(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');

const malformed = (reason: string): Fault => new Fault('malformed', { where: 'XML of the hypervisor', reason });

/** fast-xml-parser's ordered form: `{ name: [children…], ':@': { attributes… } }`, text as `{ '#text': … }`. */
function children(nodes: unknown, depth: number): (Element | string)[] {
  if (!Array.isArray(nodes)) throw malformed('it is not a document');
  if (depth > MAX_DEPTH) throw malformed('it is nested too deeply');
  return nodes.flatMap((node: unknown): Element | string | [] => {
    if (typeof node !== 'object' || node === null) return [];
    const { ':@': attributes, ...rest } = node as Record<string, unknown>;
    const [name] = Object.keys(rest);
    if (name === undefined) return [];
    const content = rest[name];
    if (name === '#text') {
      const text = String(content);
      return text.trim() === '' ? [] : text;
    }
    return { name, attributes: strings(attributes), children: children(content, depth + 1) };
  });
}

function strings(attributes: unknown): Record<string, string> {
  if (typeof attributes !== 'object' || attributes === null) return {};
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}

/** An element; `null` and `false` among the children are left out, so that parts can be made conditional. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (Element | string | null | false)[]
): Element => ({ name, attributes, children: content.filter((child) => child !== null && child !== false) });

/** Child elements, or those called `name`. */
export const elements = (parent: Element | null, name?: string): readonly Element[] =>
  parent === null
    ? []
    : parent.children.filter(
        (child): child is Element => typeof child !== 'string' && (name === undefined || child.name === name)
      );

/** The first element down the path, or null. */
export const find = (parent: Element | null, ...path: readonly string[]): Element | null =>
  path.reduce<Element | null>((at, name) => elements(at, name)[0] ?? null, parent);

/** The text directly in an element; empty when there is none. */
export const textOf = (at: Element | null): string =>
  at === null ? '' : at.children.filter((child) => typeof child === 'string').join('');

export const attribute = (at: Element | null, name: string): string | null => at?.attributes[name] ?? null;

/** The same element with each child replaced by what `change` makes of it; null removes it. */
export const mapChildren = (parent: Element, change: (child: Element) => Element | null): Element => ({
  ...parent,
  children: parent.children.flatMap((child) => (typeof child === 'string' ? child : (change(child) ?? [])))
});
