// Query text -> clauses, of which all must hold; in a clause one term must. Never throws: what cannot be read is left out
// and marked with its place. `docs/QUERY.md` is the grammar.
import { readAmount, unitsOf, usualUnit, type Amount } from './amount.ts';
import { FIELD_NAMES, fieldNamed, fieldOf, listed, type Dimension, type FieldName } from './fields.ts';
import { nearest } from './nearest.ts';
import { quoted } from './print.ts';

/** Longer ones are cut. */
export const QUERY_MAX = 500;

/** Places in the text, in UTF-16 code units; `end` is the first place after. */
export type Span = { readonly start: number; readonly end: number };
export type Comparison = '<' | '<=' | '>' | '>=' | '=';
export type Operator = ':' | '~' | Comparison;

export type Meaning =
  | { readonly kind: 'word'; readonly text: string }
  /** One of `values` is it, or occurs in it. */
  | {
      readonly kind: 'text';
      readonly field: FieldName;
      readonly how: 'is' | 'contains';
      readonly values: readonly string[];
    }
  /** With `=`, one of several; else just one. */
  | {
      readonly kind: 'figure';
      readonly field: FieldName;
      readonly compare: Comparison;
      readonly amounts: readonly Amount[];
    }
  | { readonly kind: 'present'; readonly field: FieldName };
export type Term = Span & Meaning & { readonly negated: boolean };

export const PROBLEM_CODES = [
  'unknown-field',
  'unknown-value',
  'missing-value',
  'not-a-number',
  'needs-unit',
  'unknown-unit',
  'needs-figure',
  'needs-text',
  'no-field',
  'unclosed-quote',
  'dangling-or',
  'too-long'
] as const;
export type Problem = Span & {
  readonly code: (typeof PROBLEM_CODES)[number];
  /** What was written there. */
  readonly found: string;
  readonly field: FieldName | null;
  /** What there could be instead; empty where that is no list. */
  readonly choices: readonly string[];
  /** What to put from `start` to `end` to mend it; null when that cannot be guessed. */
  readonly fix: string | null;
};
export type Query = { readonly clauses: readonly (readonly Term[])[]; readonly problems: readonly Problem[] };

const SPACE = /\s/;
const HEAD = /([a-z]+)(>=|<=|[:~<>=])/iy;
/** IPv6 and hardware addresses are words, though they have colons. */
const ADDRESS = /[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\/\d+)?(?=\s|$)/iy;

type Item = Span & { readonly text: string; readonly plain: boolean };
type Note = Pick<Problem, 'code'> & Partial<Problem>;

export function parseQuery(written: string): Query {
  return new Parser(written).parse();
}

class Parser {
  readonly #text: string;
  readonly #problems: Problem[] = [];
  #at = 0;

  constructor(written: string) {
    this.#text = written.slice(0, QUERY_MAX);
    if (written.length > QUERY_MAX) this.#note({ start: QUERY_MAX, end: written.length }, { code: 'too-long' });
  }

  parse(): Query {
    const clauses: Term[][] = [];
    /** The place of an OR that has a left side and waits for its right one. */
    let or: Span | null = null;
    /** Null after a term that could not be read: OR then joins with nothing. */
    let last: Term[] | null = null;
    let began = false;
    while (this.#more()) {
      const start = this.#at;
      if (this.#or()) {
        const place = { start, end: this.#at };
        if (!began || or !== null) this.#note(place, { code: 'dangling-or', fix: '' });
        else or = place;
        continue;
      }
      const term = this.#term();
      if (or !== null && last !== null) {
        if (term !== null) last.push(term);
      } else if (term !== null) {
        last = [term];
        clauses.push(last);
      } else last = null;
      or = null;
      began = true;
    }
    if (or !== null) this.#note(or, { code: 'dangling-or', fix: '' });
    return { clauses, problems: this.#problems.sort((a, b) => a.start - b.start) };
  }

  /** Past the space before the next term, if there is one. */
  #more(): boolean {
    while (SPACE.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at < this.#text.length;
  }

  #or(): boolean {
    if (!/OR(?=\s|$)/y.test(this.#text.slice(this.#at, this.#at + 3))) return false;
    this.#at += 2;
    return true;
  }

  /** Null when it could not be read, or says nothing. */
  #term(): Term | null {
    const start = this.#at;
    const sign = this.#text[this.#at] ?? '';
    const next = this.#text[this.#at + 1] ?? ' ';
    const negated = (sign === '-' || sign === '!') && !SPACE.test(next);
    if (negated) this.#at++;
    const meaning = this.#meaning();
    return meaning === null ? null : { start, end: this.#at, negated, ...meaning };
  }

  #meaning(): Meaning | null {
    const start = this.#at;
    ADDRESS.lastIndex = HEAD.lastIndex = start;
    const address = ADDRESS.test(this.#text);
    const head = address ? null : HEAD.exec(this.#text);
    if (head !== null) return this.#fielded(head[1] ?? '', head[2] as Operator);
    const { text, end } = this.#item(false);
    if (!address && /[:~<>=]/.test(this.#text[start] ?? '')) {
      this.#note({ start, end }, { code: 'no-field' });
      return null;
    }
    return text === '' ? null : { kind: 'word', text };
  }

  #fielded(name: string, operator: Operator): Meaning | null {
    const start = this.#at;
    const sign = { start: start + name.length, end: start + name.length + operator.length };
    this.#at = sign.end;
    const items = this.#items();
    const field = fieldNamed(name);
    if (field === null) {
      const place = { start, end: start + name.length };
      this.#note(place, { code: 'unknown-field', choices: FIELD_NAMES, fix: nearest(name, FIELD_NAMES) });
      return null;
    }
    const [first] = items;
    if (first === undefined) {
      this.#note({ start, end: this.#at }, { code: 'missing-value', field, choices: valuesOf(field) });
      return null;
    }
    if (items.length === 1 && first.plain && first.text === '*' && (operator === ':' || operator === '=')) {
      return { kind: 'present', field };
    }
    const about = fieldOf(field);
    if (about.kind === 'figure') return this.#figure(field, about.dimension, operator, sign, items);
    if (operator === '~') return { kind: 'text', field, how: 'contains', values: items.map(({ text }) => text) };
    if (operator !== ':' && operator !== '=') {
      this.#note(sign, { code: 'needs-figure', field, fix: ':' });
      return null;
    }
    const values = about.values === null ? items.map(({ text }) => text) : this.#listed(field, about.values, items);
    return values === null ? null : { kind: 'text', field, how: 'is', values };
  }

  #listed(field: FieldName, choices: readonly string[], items: readonly Item[]): readonly string[] | null {
    const known = items.flatMap((item) => {
      const value = listed(choices, item.text);
      if (value !== null) return value;
      const near = nearest(item.text, choices);
      this.#note(item, { code: 'unknown-value', field, choices, fix: near === null ? null : quoted(near) });
      return [];
    });
    return known.length === 0 ? null : known;
  }

  #figure(
    field: FieldName,
    dimension: Dimension,
    operator: Operator,
    sign: Span,
    items: readonly Item[]
  ): Meaning | null {
    if (operator === '~') {
      this.#note(sign, { code: 'needs-text', field, fix: '=' });
      return null;
    }
    const compare = operator === ':' ? '=' : operator;
    const amounts = items.flatMap((item, index) => {
      const amount = compare === '=' || index === 0 ? readAmount(dimension, item.text) : 'not-a-number';
      if (typeof amount === 'object') return amount;
      const fix = amount === 'needs-unit' ? `${item.text}${usualUnit(dimension)}` : null;
      this.#note(item, { code: amount, field, choices: unitsOf(dimension), fix });
      return [];
    });
    return amounts.length === 0 ? null : { kind: 'figure', field, compare, amounts };
  }

  /** Values between commas up to the next space; empty ones are left out. */
  #items(): Item[] {
    const items: Item[] = [];
    for (;;) {
      const item = this.#item(true);
      if (item.text !== '') items.push(item);
      if (this.#text[this.#at] !== ',') return items;
      this.#at++;
    }
  }

  /** Up to the next space (or comma); what stands in quotes is taken as it is. */
  #item(toComma: boolean): Item {
    const start = this.#at;
    let text = '';
    let plain = true;
    /** Where the open quote stands. */
    let open: number | null = null;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? '';
      if (character === '"') {
        open = open === null ? this.#at : null;
        plain = false;
      } else if (open === null && (SPACE.test(character) || (toComma && character === ','))) break;
      else if (open !== null && character === '\\' && /["\\]/.test(this.#text[this.#at + 1] ?? '')) {
        text += this.#text[++this.#at] ?? '';
      } else text += character;
    }
    if (open !== null) {
      const place = { start: open, end: this.#at };
      this.#note(place, { code: 'unclosed-quote', fix: `${this.#text.slice(open, this.#at)}"` });
    }
    return { start, end: this.#at, text, plain };
  }

  #note({ start, end }: Span, note: Note): void {
    const found = this.#text.slice(start, end);
    this.#problems.push({ found, field: null, choices: [], fix: null, ...note, start, end });
  }
}

function valuesOf(field: FieldName): readonly string[] {
  const about = fieldOf(field);
  return about.kind === 'text' ? (about.values ?? []) : unitsOf(about.dimension);
}
