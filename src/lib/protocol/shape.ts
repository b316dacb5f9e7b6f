// The small language `schema.ts` is written in: an element has typed attributes and counted children, and its TypeScript
// type is inferred from that. camelCase in TypeScript is kebab-case on the wire; an absent optional is `null`.
import { Fault } from '../model/fault.ts';

/** What text must look like, said three times: for the program, for XSD (whole text, no anchors, XML-escaped), for people. */
export type Form = {
  readonly pattern: RegExp;
  readonly xsd: string;
  /** Goes on after “must be”. */
  readonly words: string;
};

/** Which values an attribute takes, as data: the XSD, docs/WIRE.md and the tests' generators are made from it. */
export type Domain =
  | { readonly kind: 'text'; readonly max: number; readonly form: Form | null }
  | { readonly kind: 'whole' | 'decimal'; readonly min: number; readonly max: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'tokens'; readonly separator: ' ' | ','; readonly max: number; readonly form: Form }
  | { readonly kind: 'column'; readonly max: number; readonly limit: number };

/** One attribute: how its text becomes a value and back. `parse` throws Fault `bad-argument`. */
export type Attribute<Value> = {
  readonly optional: boolean;
  readonly domain: Domain;
  parse(text: string, name: string): NonNullable<Value>;
  print(value: NonNullable<Value>): string;
  /** The unit, appended to the name on the wire: `-mib`. */
  readonly unit?: string;
  /** Only in the type. */
  readonly value?: Value;
};

export type Attributes = { readonly [name: string]: Attribute<unknown> };
/** `one`: exactly one; `maybe`: none (`null`) or one; `many`: any number, in order. */
export type Child = { readonly count: 'one' | 'maybe' | 'many'; readonly element: () => ElementShape };
export type Children = { readonly [name: string]: Child };

export type ElementShape = {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: Children;
};

export type Element<A extends Attributes, C extends Children> = {
  readonly name: string;
  readonly attributes: A;
  readonly children: C;
};

type ValueOf<A> = A extends Attribute<infer Value> ? Value : never;
type ChildValue<C> = C extends { count: infer Count; element: () => infer E }
  ? Count extends 'one'
    ? Infer<E>
    : Count extends 'maybe'
      ? Infer<E> | null
      : readonly Infer<E>[]
  : never;

/** The TypeScript type of an element. */
export type Infer<E> =
  E extends Element<infer A, infer C>
    ? { readonly [K in keyof A]: ValueOf<A[K]> } & { readonly [K in keyof C]: ChildValue<C[K]> } extends infer Flat
      ? { readonly [K in keyof Flat]: Flat[K] }
      : never
    : never;

const CHILDLESS = {} as const;

export function element<const A extends Attributes, const C extends Children = typeof CHILDLESS>(
  name: string,
  attributes: A,
  children?: C
): Element<A, C> {
  return { name, attributes, children: children ?? (CHILDLESS as unknown as C) };
}

export const one = <E extends ElementShape>(shape: E) => ({ count: 'one', element: () => shape }) as const;
export const maybe = <E extends ElementShape>(shape: E) => ({ count: 'maybe', element: () => shape }) as const;
export const many = <E extends ElementShape>(shape: E) => ({ count: 'many', element: () => shape }) as const;

/** `startedAt` -> `started-at`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The attribute's name on the wire, with its unit: `memoryMax` in MiB -> `memory-max-mib`. */
export const wireName = (name: string, attribute: Attribute<unknown>): string => kebab(name) + (attribute.unit ?? '');

/** The same attribute with its unit in its wire name. */
export const inUnit = <Value>(unit: string, attribute: Attribute<Value>): Attribute<Value> => ({
  ...attribute,
  unit: `-${unit}`
});

const refuse = (name: string, value: string, reason: string): never => {
  throw new Fault('bad-argument', { name, value: value.slice(0, 80), reason });
};

/** The same attribute, but it may be absent. */
export function optional<Value>(attribute: Attribute<Value>): Attribute<Value | null> {
  return { ...attribute, optional: true };
}

const SURROGATE = /[\ud800-\udfff]/;
/** Code points, as XSD counts: a character outside the basic plane is two UTF-16 units. */
function longerThan(max: number, raw: string): boolean {
  if (raw.length <= max) return false;
  if (raw.length > 2 * max || !SURROGATE.test(raw)) return true;
  return Array.from(raw).length > max;
}

/** Text of at most `max` code points, and of that form. Without a form it may be empty. */
export function text<Value extends string = string>(max: number, form?: Form): Attribute<Value> {
  return {
    optional: false,
    domain: { kind: 'text', max, form: form ?? null },
    parse(raw, name) {
      if (longerThan(max, raw)) refuse(name, raw, `is longer than ${max} characters`);
      if (form && !form.pattern.test(raw)) refuse(name, raw, `must be ${form.words}`);
      return raw as NonNullable<Value>;
    },
    print: (value) => value
  };
}

const INTEGER = /^(?:0|-?[1-9][0-9]{0,15})$/;

/** A whole number `min`..`max`, canonical decimal: no sign `+`, no leading zero, no exponent. */
export function whole<Value extends number = number>(min: number, max: number): Attribute<Value> {
  return {
    optional: false,
    domain: { kind: 'whole', min, max },
    parse(raw, name) {
      const value = Number(raw);
      if (!INTEGER.test(raw) || !Number.isSafeInteger(value) || value < min || value > max) {
        refuse(name, raw, `must be a whole number from ${min} to ${max}`);
      }
      return value as NonNullable<Value>;
    },
    print: (value) => String(value)
  };
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,3})?$/;

/** A measured figure 0..`max`, at most three decimals on the wire (more are rounded away). */
export function decimal<Value extends number = number>(max: number): Attribute<Value> {
  return {
    optional: false,
    domain: { kind: 'decimal', min: 0, max },
    parse(raw, name) {
      const value = Number(raw);
      if (!DECIMAL.test(raw) || value > max) refuse(name, raw, `must be a number from 0 to ${max}`);
      return value as NonNullable<Value>;
    },
    print: (value) => String(Math.round(value * 1000) / 1000)
  };
}

export const flag: Attribute<boolean> = {
  optional: false,
  domain: { kind: 'flag' },
  parse: (raw, name) => (raw === 'true' ? true : raw === 'false' ? false : refuse(name, raw, 'must be true or false')),
  print: (value) => String(value)
};

/** One of a closed list of words. */
export function choice<const Values extends readonly string[]>(values: Values): Attribute<Values[number]> {
  return {
    optional: false,
    domain: { kind: 'choice', values },
    parse(raw, name) {
      if (!values.includes(raw)) refuse(name, raw, `must be one of ${values.join(', ')}`);
      return raw;
    },
    print: (value) => value
  };
}

/** At most `max` items with one `separator` between them, each of that form (which must match neither that nor nothing). */
export function tokens<Item extends string = string>(
  max: number,
  form: Form,
  separator: ' ' | ',' = ' '
): Attribute<readonly Item[]> {
  return {
    optional: false,
    domain: { kind: 'tokens', separator, max, form },
    parse(raw, name) {
      const list = raw === '' ? [] : raw.split(separator);
      if (list.length > max) refuse(name, raw, `has more than ${max} items`);
      for (const item of list) if (!form.pattern.test(item)) refuse(name, item, `must be ${form.words}`);
      return list as Item[];
    },
    print: (list) => {
      // An item that holds the separator would be read back as two.
      for (const item of list) if (!form.pattern.test(item)) refuse('an item', item, `must be ${form.words}`);
      return list.join(separator);
    }
  };
}

const FIGURE = /^(?:0|[1-9][0-9]{0,15})$/;

/** At most `max` whole numbers 0..`limit` separated by one space, in order; `-` (`null`) where one is not known. */
export function column(max: number, limit: number): Attribute<readonly (number | null)[]> {
  return {
    optional: false,
    domain: { kind: 'column', max, limit },
    parse(raw, name) {
      const list = raw === '' ? [] : raw.split(' ');
      if (list.length > max) refuse(name, raw, `has more than ${max} items`);
      return list.map((item) => {
        if (item === '-') return null;
        const value = Number(item);
        if (!FIGURE.test(item) || value > limit) refuse(name, item, `must be “-” or a whole number from 0 to ${limit}`);
        return value;
      });
    },
    print: (list) => list.map((value) => (value === null ? '-' : String(value))).join(' ')
  };
}
