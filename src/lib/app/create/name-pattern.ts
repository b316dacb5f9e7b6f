// Many names from one pattern: `web-{01..12}`, `db-{a,b}`, and both at once. What stands outside braces is taken as it is.
import { NAME } from '#lib/model/ids.ts';

/** Names of one pattern, at most. */
export const MAX_NAMES = 200;

export type PatternProblem = {
  /** `open`: `{` without its `}`; `close`: `}` without its `{`; `nested`; `group`: no range and no list; `empty`: an item is. */
  readonly kind: 'open' | 'close' | 'nested' | 'group' | 'empty' | 'too-many' | 'name' | 'twice';
  /** Where in the pattern, in characters from 0. */
  readonly at: number;
  /** The group, or the name that cannot be. */
  readonly text: string;
};
export type Names = { readonly names: readonly string[]; readonly problem: PatternProblem | null };

const wrong = (kind: PatternProblem['kind'], at: number, text: string): Names => ({
  names: [],
  problem: { kind, at, text }
});

/** The names in order, the last group running fastest; none where there is a problem. */
export function expandNames(pattern: string): Names {
  let names = [''];
  let at = 0;
  for (const part of pattern.split(/(\{[^{}]*\})/)) {
    const group = /^\{(.*)\}$/su.exec(part)?.[1];
    const items = group === undefined ? null : itemsOf(group);
    const stray = group === undefined ? part.search(/[{}]/) : -1;
    if (stray >= 0) return strayBrace(pattern, at + stray);
    if (items?.length === 0) return wrong('group', at, part);
    if (items?.includes('')) return wrong('empty', at, part);
    if (names.length * (items?.length ?? 1) > MAX_NAMES) return wrong('too-many', at, part);
    names = names.flatMap((name) => (items ?? [part]).map((item) => name + item));
    at += part.length;
  }
  const bad = names.find((name) => !NAME.test(name));
  if (bad !== undefined) return wrong('name', 0, bad);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? { names, problem: null } : wrong('twice', 0, twice);
}

function strayBrace(pattern: string, at: number): Names {
  if (pattern[at] === '}') return wrong('close', at, '}');
  return wrong(/^[^}]*\{/.test(pattern.slice(at + 1)) ? 'nested' : 'open', at, '{');
}

/** `01..12`, padded as its longer written end when either begins with 0; `a,b`; empty for anything else. */
function itemsOf(group: string): readonly string[] {
  const [, first = '', last = ''] = /^(\d{1,6})\.\.(\d{1,6})$/.exec(group) ?? [];
  if (first === '') return group.includes(',') ? group.split(',') : [];
  const padded = /^0\d/.test(first) || /^0\d/.test(last);
  const width = padded ? Math.max(first.length, last.length) : 1;
  const [from, to] = [Number(first), Number(last)];
  const step = from <= to ? 1 : -1;
  // One more than there may be is enough to be refused.
  const count = Math.min(Math.abs(to - from) + 1, MAX_NAMES + 1);
  return Array.from({ length: count }, (_, index) => String(from + step * index).padStart(width, '0'));
}
