// `key=value…` to the typed arguments of an operation, driven by the wire schema: what the host would refuse as malformed
// is refused here already, with the list of what can be said.
import { Fault } from '../lib/model/fault.ts';
import { isOp, ops } from '../lib/protocol/schema.ts';
import type { Args } from '../lib/protocol/schema.ts';
import { flag, kebab, wireName } from '../lib/protocol/shape.ts';
import type { Attribute, ElementShape } from '../lib/protocol/shape.ts';
import { ARGUMENT_TEXT, DEFAULTS, INTERNAL, OP_TEXT } from './op-text.ts';
import type { RunOp } from './op-text.ts';
import { usage } from './status.ts';

/** @throws Fault `usage` with the list of operations */
export function parseOp(text: string): RunOp {
  if (isOp(text) && !(INTERNAL as readonly string[]).includes(text)) return text as RunOp;
  return usage(`there is no operation “${text}”; there are:\n${describeOps().join('\n')}`);
}

export const describeOps = (): string[] => {
  const width = Math.max(...Object.keys(OP_TEXT).map((op) => op.length));
  return Object.entries(OP_TEXT).map(([op, text]) => `  ${op.padEnd(width)}  ${text}`);
};

/** The arguments of an operation, one line each. */
export function describeArguments(op: RunOp): string[] {
  const shape: ElementShape = ops[op].args;
  const lines = Object.entries(shape.attributes).map(([name, attribute]) => {
    const fallback = defaultOf(op, name);
    const note = fallback?.startsWith('=')
      ? `; default: the same as ${fallback.slice(1)}`
      : fallback !== null
        ? `; default: ${fallback}`
        : attribute.optional
          ? '; optional'
          : '';
    return [name, note] as const;
  });
  const children = Object.values(shape.children).map((child) => [child.element().name, '; optional'] as const);
  const rows = [...lines, ...children].map(([name, note]) => {
    const about = textOf(op, name);
    return [`${name}=${about.value}`, about.text + note] as const;
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

export type ParsedArguments<O extends RunOp> = {
  /** The VM as it was named, when the operation takes one. */
  readonly vm: string | null;
  /** The arguments, once the VM's id is known. */
  complete(vm: string | null): Args<O>;
};

/** @throws Fault `usage`: unknown, repeated, missing or wrong arguments */
export function parseArguments<O extends RunOp>(op: O, words: readonly string[]): ParsedArguments<O> {
  const shape: ElementShape = ops[op].args;
  try {
    const given = sort(op, shape, words);
    const named = given.get('vm')?.[0] ?? null;
    const values: Record<string, unknown> = {};
    for (const [name, attribute] of Object.entries(shape.attributes)) {
      const text = given.get(name)?.[0] ?? fallbackFor(op, name, given);
      if (name === 'vm') {
        if (text === null && !attribute.optional) usage('vm is missing');
      } else values[name] = text === null ? absent(name, attribute) : parseValue(attribute, name, text);
    }
    for (const [name, child] of Object.entries(shape.children)) {
      const element = child.element();
      values[name] = (given.get(element.name) ?? []).map((text) => parseChild(element, text));
    }
    // Every attribute and child of the op's shape is there, parsed by the schema itself: these are its arguments.
    const complete = (vm: string | null): Args<O> => ('vm' in shape.attributes ? { ...values, vm } : values) as Args<O>;
    return { vm: named, complete };
  } catch (thrown) {
    const fault = Fault.from(thrown);
    if (fault.code !== 'usage' && fault.code !== 'bad-argument') throw thrown;
    const takes = describeArguments(op);
    const list = takes.length === 0 ? `${op} takes no arguments` : `${op} takes:\n${takes.join('\n')}`;
    return usage(`${fault.message}\n${list}`);
  }
}

/** The words by argument name, as the schema calls it. */
function sort(op: RunOp, shape: ElementShape, words: readonly string[]): Map<string, string[]> {
  const names = new Map<string, string>();
  for (const [name, attribute] of Object.entries(shape.attributes)) {
    for (const alias of [name, kebab(name), wireName(name, attribute)]) names.set(alias, name);
  }
  const repeatable = Object.values(shape.children).map((child) => child.element().name);
  for (const name of repeatable) names.set(name, name);
  const given = new Map<string, string[]>();
  for (const word of words) {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/su.exec(word) ?? [];
    const name = names.get(key);
    if (name === undefined) usage(`${op} has no argument “${key}”`);
    const bare = value ?? (shape.attributes[name] && isFlag(shape.attributes[name]) ? 'true' : null);
    if (bare === null) usage(`${key} needs a value: ${key}=${textOf(op, name).value}`);
    const before = given.get(name) ?? [];
    if (before.length > 0 && !repeatable.includes(name)) usage(`${name} is given twice`);
    given.set(name, [...before, bare]);
  }
  return given;
}

const isFlag = (attribute: Attribute<unknown>): boolean => attribute.parse === flag.parse;

const defaultOf = (op: RunOp, name: string): string | null => DEFAULTS[`${op} ${name}`] ?? DEFAULTS[name] ?? null;

function fallbackFor(op: RunOp, name: string, given: ReadonlyMap<string, readonly string[]>): string | null {
  const fallback = defaultOf(op, name);
  if (!fallback?.startsWith('=')) return fallback;
  const other = fallback.slice(1);
  return given.get(other)?.[0] ?? defaultOf(op, other);
}

const absent = (name: string, attribute: Attribute<unknown>): null =>
  attribute.optional ? null : usage(`${name} is missing`);

const textOf = (op: RunOp, name: string) =>
  ARGUMENT_TEXT[`${op} ${name}`] ?? ARGUMENT_TEXT[name] ?? { value: 'VALUE', text: '' };

function parseValue(attribute: Attribute<unknown>, name: string, text: string): unknown {
  if (attribute.unit === '-mib') return attribute.parse(inMib(name, text), name);
  return attribute.parse(text, name);
}

/** `POOL:SIZE`: the element's attributes in their order. */
function parseChild(element: ElementShape, text: string): unknown {
  const attributes = Object.entries(element.attributes);
  // A lone value may hold a colon.
  const parts = attributes.length === 1 ? [text] : text.split(':');
  if (parts.length !== attributes.length) {
    usage(`${element.name}=${text} must be ${element.name}=${ARGUMENT_TEXT[element.name]?.value ?? ''}`);
  }
  return Object.fromEntries(
    attributes.map(([name, attribute], at) => [name, parseValue(attribute, `${element.name} ${name}`, parts[at] ?? '')])
  );
}

const SIZES: Readonly<Record<string, number>> = { '': 1, M: 1, G: 1024, T: 1024 * 1024 };

/** `512`, `512MiB`, `2GiB`, `2G` -> whole MiB as text. */
function inMib(name: string, text: string): string {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([MGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const value = Number(digits) * (SIZES[unit.toUpperCase()] ?? Number.NaN);
  if (!Number.isSafeInteger(value)) {
    throw new Fault('bad-argument', {
      name,
      value: text.slice(0, 80),
      reason: 'must be whole MiB, as 512, 512MiB or 2GiB'
    });
  }
  return String(value);
}
