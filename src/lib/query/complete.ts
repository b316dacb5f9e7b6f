// What could stand where someone is typing: fields, the values of a field, the units of a figure.
import type { Host, Vm } from '../model/fleet.ts';
import { unitsOf, usualUnit } from './amount.ts';
import { FIELD_NAMES, fieldNamed, fieldOf, type FieldName } from './fields.ts';
import type { Span } from './parse.ts';
import { quoted } from './print.ts';

export type Completion = {
  readonly kind: 'field' | 'value' | 'unit';
  /** What is put from `start` to `end`, with a space after it when the term is then complete. */
  readonly text: string;
  readonly label: string;
  /** The field, for its explanation. */
  readonly field: FieldName;
};
export type Completions = Span & { readonly options: readonly Completion[] };

const NONE: Completions = { start: 0, end: 0, options: [] };
export const COMPLETIONS_MAX = 8;
/** So many VMs are looked through for values; in a fleet with more, a few rare ones may not be offered. */
const LOOKED_AT = 50_000;

/** For the term at `caret`; nothing while a quote is open or the caret stands between terms. */
export function complete(text: string, caret: number, hosts: Iterable<Host>): Completions {
  const before = text.slice(0, caret);
  const begun = /(?:^|\s)[-!]?([^\s"]*)$/.exec(before)?.[1] ?? '';
  if (begun === '' || (before.split('"').length - 1) % 2 === 1) return NONE;
  const start = caret - begun.length;
  const rest = /^[^\s,]*/.exec(text.slice(caret))?.[0] ?? '';
  const head = /^([a-z]+)(>=|<=|[:~<>=])(.*)$/i.exec(begun);
  if (head === null) return rest === '' ? { start, end: caret, options: fieldsFor(begun) } : NONE;
  const field = fieldNamed(head[1] ?? '');
  if (field === null) return NONE;
  const typed = (head[3] ?? '').split(',').at(-1) ?? '';
  const place = { start: caret - typed.length, end: caret + rest.length };
  const about = fieldOf(field);
  if (about.kind === 'figure') {
    const number = /^\d+(?:\.\d+)?/.exec(typed)?.[0];
    if (number === undefined) return NONE;
    const usual = usualUnit(about.dimension);
    const options = [...new Set([usual, ...unitsOf(about.dimension)])]
      .filter((unit) => unit !== '%' && `${number}${unit}`.toLowerCase().startsWith(typed.toLowerCase()))
      .map((unit) => `${number}${unit}`)
      .filter((value) => value !== typed)
      .map((value): Completion => ({ kind: 'unit', text: `${value} `, label: value, field }));
    return { ...place, options };
  }
  const options = valuesFor(field, typed, hosts).map((value): Completion => ({
    kind: 'value',
    text: `${quoted(value)} `,
    label: value,
    field
  }));
  return { ...place, options };
}

function fieldsFor(begun: string): Completion[] {
  const word = begun.toLowerCase();
  const exact = fieldNamed(word);
  return FIELD_NAMES.filter((field) => field.startsWith(word) || field === exact)
    .slice(0, COMPLETIONS_MAX)
    .map((field) => {
      const text = `${field}${fieldOf(field).kind === 'figure' ? '>' : ':'}`;
      return { kind: 'field', text, label: field, field };
    });
}

/** Those that begin with what was typed before those that only hold it; an exact one needs no completing. */
function valuesFor(field: FieldName, typed: string, hosts: Iterable<Host>): readonly string[] {
  const word = typed.toLowerCase();
  const found = new Set<string>();
  for (const value of knownValues(field, hosts)) if (value.toLowerCase().includes(word)) found.add(value);
  if (found.size === 1 && found.has(typed)) return [];
  const rank = (value: string): number => (value.toLowerCase().startsWith(word) ? 0 : 1);
  return [...found]
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, undefined, { numeric: true }))
    .slice(0, COMPLETIONS_MAX);
}

function* knownValues(field: FieldName, hosts: Iterable<Host>): Generator<string> {
  const about = fieldOf(field);
  if (about.kind !== 'text') return;
  if (about.values !== null) return yield* about.values;
  let looked = 0;
  const ofVm = (vm: Vm, host: Host): readonly string[] => [about.vm(vm, host) ?? []].flat();
  for (const host of hosts) {
    yield* [about.host(host) ?? []].flat();
    for (const vm of host.vms.values()) {
      if (looked++ > LOOKED_AT) return;
      for (const value of ofVm(vm, host)) if (value !== '') yield value;
    }
  }
}
