// Any element of the schema to text and back, driven by its shape. Invariant: what decodes was said exactly as the schema
// says it (nothing unknown, nothing missing, children in schema order), and what encodes will decode.
import { Fault } from '../model/fault.ts';
import { wireName } from './shape.ts';
import type { Attribute, Child, ElementShape } from './shape.ts';
import { escapeAttribute } from './xml.ts';
import type { XmlNode } from './xml.ts';

type Value = { readonly [key: string]: unknown };
type AttributePlan = { readonly key: string; readonly wire: string; readonly attribute: Attribute<unknown> };
type ChildPlan = { readonly key: string; readonly count: Child['count']; readonly plan: Plan };
/** A shape, with its wire names worked out once. */
type Plan = {
  readonly name: string;
  readonly attributes: readonly AttributePlan[];
  readonly known: ReadonlySet<string>;
  readonly children: readonly ChildPlan[];
  /** All its keys, in order: objects read of one shape are alike to the engine from the start. */
  readonly blank: Value;
};

const plans = new WeakMap<ElementShape, Plan>();

function planOf(shape: ElementShape): Plan {
  const known = plans.get(shape);
  if (known) return known;
  const attributes = Object.entries(shape.attributes).map(([key, attribute]) => ({
    key,
    wire: wireName(key, attribute),
    attribute
  }));
  const children = Object.entries(shape.children).map(([key, child]) => ({
    key,
    count: child.count,
    plan: planOf(child.element())
  }));
  // Two children of one name could not be told apart when read.
  if (new Set(children.map((child) => child.plan.name)).size < children.length) {
    throw new Fault('internal', { reason: `two children of <${shape.name}> share an element name` });
  }
  const blank = Object.fromEntries([...attributes, ...children].map(({ key }) => [key, null]));
  const plan = { name: shape.name, attributes, known: new Set(attributes.map(({ wire }) => wire)), children, blank };
  plans.set(shape, plan);
  return plan;
}

function write(plan: Plan, value: Value, head: string): string {
  let out = `<${plan.name}${head}`;
  for (const { key, wire, attribute } of plan.attributes) {
    const given = value[key];
    if (given === null || given === undefined) {
      if (attribute.optional) continue;
      throw new Fault('bad-argument', { name: wire, value: '', reason: 'is missing' });
    }
    const text = attribute.print(given);
    // The receiver's own check, here where the sender still can do something about it.
    attribute.parse(text, wire);
    out += ` ${wire}="${escapeAttribute(wire, text)}"`;
  }
  let inside = '';
  for (const { key, count, plan: child } of plan.children) {
    const given = value[key];
    if (count === 'many') for (const item of given as readonly Value[]) inside += write(child, item, '');
    else if (given !== null && given !== undefined) inside += write(child, given as Value, '');
    else if (count === 'one') throw new Fault('bad-argument', { name: child.name, value: '', reason: 'is missing' });
  }
  return inside === '' ? `${out}/>` : `${out}>${inside}</${plan.name}>`;
}

/**
 * The element as text; `head` is put after its name as it is.
 * @throws Fault `bad-argument` naming the attribute that is missing, out of range, or holds what XML cannot carry
 */
export const writeElement = (shape: ElementShape, value: object, head: string): string =>
  write(planOf(shape), value as Value, head);

/** Where in the document: worked out as text only when something is wrong there. */
type Place = { readonly parent: Place | null; readonly name: string; readonly index: number | null };

function refuse(place: Place, attribute: string | null, reason: string, cause?: unknown): never {
  let where = attribute === null ? '' : `@${attribute.slice(0, 80)}`;
  for (let at: Place | null = place; at; at = at.parent) {
    const step = at.index === null ? at.name : `${at.name}[${at.index}]`;
    where = where === '' || where.startsWith('@') ? step + where : `${step}/${where}`;
  }
  throw new Fault('malformed', { where, reason }, cause === undefined ? undefined : { cause });
}

function read(plan: Plan, node: XmlNode, place: Place): Value {
  const value: Record<string, unknown> = { ...plan.blank };
  let found = 0;
  for (const { key, wire, attribute } of plan.attributes) {
    const text = node.attributes.get(wire);
    if (text === undefined) {
      if (!attribute.optional) refuse(place, wire, 'it is missing');
      continue;
    }
    found++;
    try {
      value[key] = attribute.parse(text, wire);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      refuse(place, wire, thrown.message, thrown);
    }
  }
  if (found < node.attributes.size) {
    for (const name of node.attributes.keys()) if (!plan.known.has(name)) refuse(place, name, 'it is not known here');
  }
  let next = 0;
  for (const { key, count, plan: child } of plan.children) {
    const items: Value[] = [];
    for (; next < node.children.length; next++) {
      const inner = node.children[next];
      if (inner?.name !== child.name) break;
      if (count !== 'many' && items.length > 0) refuse(place, null, `there is more than one <${child.name}>`);
      const index = count === 'many' ? items.length + 1 : null;
      items.push(read(child, inner, { parent: place, name: child.name, index }));
    }
    if (count === 'many') value[key] = items;
    else if (count === 'one' && items.length === 0) refuse(place, null, `<${child.name}> is missing`);
    else value[key] = items[0] ?? null;
  }
  const extra = node.children[next];
  if (extra) refuse(place, null, `<${extra.name.slice(0, 80)}> is not known or not allowed at this place`);
  return value;
}

/** The value of `node`, which must be exactly what `shape` says. @throws Fault `malformed` naming the place */
export function readElement(shape: ElementShape, node: XmlNode): unknown {
  const plan = planOf(shape);
  const place = { parent: null, name: plan.name, index: null };
  if (node.name !== plan.name) refuse(place, null, `the element is <${node.name.slice(0, 80)}>`);
  return read(plan, node, place);
}
