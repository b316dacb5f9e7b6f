// Which activity is shown, as the address says it: words, outcome, kind, host, operation, time. What cannot be read does not
// filter. Its inverse, `printLogFilter`, leaves out what filters nothing.
import { ACTIVITY_STATUSES, type ActivityStatus } from '#lib/model/fleet.ts';
import type { Address, Query } from '../address/links.ts';
import type { LogKind, LogRow } from './row.ts';

/** Ms of each span that ends now. */
export const LAST = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Last = keyof typeof LAST;
/** `not-done`: refused, failed or unknown. */
export const OUTCOMES = [...ACTIVITY_STATUSES, 'not-done'] as const;
export type Outcome = ActivityStatus | 'not-done';

/** `browser`: what this browser decided by itself. */
const KINDS = ['commands', 'events', 'browser'] as const;

export type LogFilter = {
  /** Each word must occur somewhere in an entry; `#12` is a journal number. */
  readonly words: string;
  readonly outcome: Outcome | null;
  readonly kind: (typeof KINDS)[number] | null;
  readonly host: string | null;
  readonly op: string | null;
  readonly last: Last | null;
  /** Local time to the minute, `2026-11-22T14:02`; both ends belong to it. */
  readonly from: string | null;
  readonly to: string | null;
};
export const NO_FILTER: LogFilter = {
  words: '',
  outcome: null,
  kind: null,
  host: null,
  op: null,
  last: null,
  from: null,
  to: null
};
const KIND_OF: Readonly<Record<LogKind, LogFilter['kind']>> = {
  task: 'commands',
  journal: 'commands',
  seen: 'events',
  browser: 'browser'
};
const WORDS_MAX = 200;
const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

const oneOf = <T extends string>(all: readonly T[], text: string | null): T | null =>
  all.find((known) => known === text) ?? null;
const minute = (text: string | null): string | null =>
  text !== null && MINUTE.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;

export function readLogFilter({ searchParams }: Pick<Address, 'searchParams'>): LogFilter {
  const of = (name: string): string | null => searchParams.get(name);
  const host = of('host');
  const op = of('op');
  const last = oneOf(Object.keys(LAST) as Last[], of('last'));
  return {
    words: (of('words') ?? '').slice(0, WORDS_MAX),
    outcome: oneOf(OUTCOMES, of('outcome')),
    kind: oneOf(KINDS, of('kind')),
    host: host !== null && /^[\w.:-]{1,64}$/.test(host) ? host : null,
    op: op !== null && /^[a-z.-]{1,40}$/.test(op) ? op : null,
    last,
    from: last === null ? minute(of('from')) : null,
    to: last === null ? minute(of('to')) : null
  };
}

/** The parameters of an address that say `filter`, those that filter nothing as null. */
export const printLogFilter = (filter: LogFilter): Query =>
  Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value === '' ? null : value]));

export const filtersNothing = (filter: LogFilter): boolean =>
  Object.values(filter).every((value) => value === null || value === '');

/** @param now by this computer's clock, of the end of `last` */
export function logMatcher(filter: LogFilter, now: number): (row: LogRow) => boolean {
  const { outcome, kind, host, op, last } = filter;
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  const from = last !== null ? now - LAST[last] : filter.from === null ? -Infinity : Date.parse(filter.from);
  const to = filter.to === null ? Infinity : Date.parse(filter.to) + 60_000;
  return (row) =>
    (outcome === null ||
      (outcome === 'not-done' ? ['refused', 'failed', 'unknown'].includes(row.status) : row.status === outcome)) &&
    (kind === null || kind === KIND_OF[row.kind]) &&
    (host === null || row.host === host) &&
    (op === null || row.op === op) &&
    row.startedAt >= from &&
    row.startedAt < to &&
    (words.length === 0 || holds(row, words));
}

function holds(
  { title, words, summary, hostName, vmName, who, op, number, command, note, vm }: LogRow,
  all: readonly string[]
) {
  const text = [title, words, summary, hostName, vmName, who, op, command, note, vm].join('\n').toLowerCase();
  return all.every((word) => text.includes(word) || word === `#${number}`);
}
