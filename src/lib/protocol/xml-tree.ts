// The tree that a document of the wire becomes, element by element, whoever reads the characters. Invariant: what is not of
// the strict profile is refused where it stands, at bounded cost (docs/WIRE.md, XML).
import { Fault } from '../model/fault.ts';
import { NAMESPACE } from './schema.ts';

/** Levels of elements; the root is level 1. */
export const MAX_DEPTH = 32;
/** Attributes of one element, the namespace declaration included. */
export const MAX_ATTRIBUTES = 64;
/** Elements of one document. */
export const MAX_NODES = 200_000;

/** One element. `attributes` does not hold the namespace declaration; there is never text between elements. */
export type XmlNode = {
  readonly name: string;
  readonly attributes: {
    readonly size: number;
    get(name: string): string | undefined;
    keys(): Iterable<string>;
    [Symbol.iterator](): Iterator<[string, string]>;
  };
  readonly children: readonly XmlNode[];
};

type OpenNode = { name: string; attributes: AttributeList; children: OpenNode[] };

/** At most MAX_ATTRIBUTES of them, which are mostly asked for in their own order: cheaper than a map. */
class AttributeList {
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  /** Where the next one asked for is, if asked in order. */
  #next = 0;

  get size(): number {
    return this.#names.length;
  }

  get(name: string): string | undefined {
    const at = this.#names[this.#next] === name ? this.#next : this.#names.indexOf(name);
    if (at < 0) return undefined;
    this.#next = at + 1;
    return this.#values[at];
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  keys(): Iterable<string> {
    return this.#names.values();
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (const [at, name] of this.#names.entries()) yield [name, this.#values[at] ?? ''];
  }

  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  delete(name: string): void {
    const at = this.#names.indexOf(name);
    if (at < 0) return;
    this.#names.splice(at, 1);
    this.#values.splice(at, 1);
  }
}

/** Call `start`, `attribute` for each, `open` for every start tag, and `close` for every end. All throw Fault `malformed`. */
export class XmlTree {
  readonly #open: OpenNode[] = [];
  /** The start tag being read. */
  #tag: string | null = null;
  #attributes = new AttributeList();
  #declared = 0;
  #nodes = 0;
  #root: OpenNode | null = null;

  /** Null before the first element. */
  get root(): XmlNode | null {
    return this.#root;
  }

  /** The name of the innermost open element; null outside of the root. */
  get current(): string | null {
    return this.#open.at(-1)?.name ?? null;
  }

  start(name: string): void {
    this.#tag = name;
    if (this.#open.length >= MAX_DEPTH) this.refuse(`elements nest deeper than ${MAX_DEPTH}`);
    if (++this.#nodes > MAX_NODES) this.refuse(`there are more than ${MAX_NODES} elements`);
    if (name.includes(':')) this.refuse('prefixed names are not allowed');
    this.#attributes = new AttributeList();
    this.#declared = 0;
  }

  attribute(name: string, value: string): void {
    if (++this.#declared > MAX_ATTRIBUTES) this.refuse(`an element has more than ${MAX_ATTRIBUTES} attributes`);
    if (name.includes(':')) this.refuse('prefixed names are not allowed', `@${name}`);
    if (this.#attributes.has(name)) this.refuse('an attribute is given twice', `@${name}`);
    this.#attributes.add(name, value);
  }

  open(): void {
    const node: OpenNode = { name: this.#tag ?? '', attributes: this.#attributes, children: [] };
    const parent = this.#open.at(-1);
    const namespace = node.attributes.get('xmlns');
    if (parent) {
      if (namespace !== undefined) this.refuse('a namespace may be declared on the root only');
      parent.children.push(node);
    } else {
      if (namespace !== NAMESPACE) this.refuse(`the root must declare xmlns="${NAMESPACE}"`);
      node.attributes.delete('xmlns');
      this.#root = node;
    }
    this.#open.push(node);
    this.#tag = null;
  }

  close(): void {
    this.#open.pop();
  }

  refuse(reason: string, attribute = ''): never {
    const path = this.#open.map((node) => node.name);
    if (this.#tag !== null) path.push(this.#tag);
    const where = path.join('/').slice(0, 200) + attribute.slice(0, 80);
    throw new Fault('malformed', { where: where === '' ? 'the XML message' : where, reason });
  }
}
