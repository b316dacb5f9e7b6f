// An explanation of `plan/review/explain.ts` in words: why a host, what stands in the way at another, and what would help.
import type { Messages } from '#lib/messages/messages.ts';
import { reasonWords } from '#lib/messages/reason-words.ts';
import { mib, type Percent } from '#lib/model/units.ts';
import { TERMS, type Term } from '#lib/plan/cost/terms.ts';
import { nearestMiss, type Explanation, type HostReason, type Obstacle } from '#lib/plan/review/explain.ts';
import { ABSENT, formatMib, formatPercent } from '../format.ts';

/** A host of the columns, by its index there. */
export type ExplainedHost = { readonly name: string; readonly site: string };
type Words = Pick<Messages, 'place' | 'common' | 'reasons'>;

/** “4.13”, “−0.50”, “0”. */
export function formatPoints(points: number): string {
  const text = Math.abs(points).toFixed(2);
  return Number(text) === 0 ? '0' : points < 0 ? `−${text}` : text;
}

/** Those that are not 0 everywhere, in the order in which they are shown. */
export const telling = ({ hosts }: Explanation): readonly Term[] =>
  TERMS.filter((term) => hosts.some(({ terms }) => formatPoints(terms[term]) !== '0'));

/** Terms of one host that are not 0, largest first. */
export const largest = ({ terms }: HostReason): readonly Term[] =>
  TERMS.filter((term) => formatPoints(terms[term]) !== '0').sort((a, b) => Math.abs(terms[b]) - Math.abs(terms[a]));

/** “3 GiB of memory too little (12 % of the host)”. */
export function obstacleText(m: Words, obstacle: Obstacle): string {
  const { place } = m;
  switch (obstacle.kind) {
    case 'room':
      return place.short[obstacle.resource](amount(place, obstacle), formatPercent((obstacle.share * 100) as Percent));
    case 'maintenance':
      return place.obstacle.maintenance;
    default:
      return place.obstacle[obstacle.kind](reasonWords(m, obstacle.reason));
  }
}

/** What would have to be otherwise, all of it; empty where nothing stands in the way. */
export function changeText({ place }: Pick<Words, 'place'>, { obstacles }: HostReason): string {
  if (obstacles.length === 0) return '';
  const changes = obstacles.map((obstacle) =>
    obstacle.kind === 'room' ? place.change[obstacle.resource](amount(place, obstacle)) : place.change[obstacle.kind]
  );
  return place.wouldHelp(changes.join(place.and));
}

/** Why it is where it is, or where it should go, in a few sentences; where it can go nowhere, the nearest miss. */
export function whySentences(m: Words, explanation: Explanation, hosts: readonly ExplainedHost[]): readonly string[] {
  const { place } = m;
  const name = ({ host }: HostReason): string => hosts[host]?.name ?? ABSENT;
  const points = ({ cost }: HostReason): string => formatPoints(cost);
  const chosen = explanation.hosts.find((reason) => reason.chosen) ?? null;
  const next = explanation.hosts.find((reason) => !reason.chosen && reason.obstacles.length === 0) ?? null;
  const near = nearestMiss(explanation);
  if (next === null) {
    const missed =
      near === null
        ? []
        : [
            place.nearest(name(near)),
            ...near.obstacles.map((one) => place.missing(obstacleText(m, one))),
            changeText(m, near)
          ];
    return [chosen === null ? place.nobody : place.hereOnly(name(chosen)), ...missed];
  }
  if (chosen === null) return [place.best(name(next), points(next))];
  const dearer = chosen.cost > next.cost;
  const [low, high] = dearer ? [next, chosen] : [chosen, next];
  const most = TERMS.reduce((one, other) => (gap(low, high, other) > gap(low, high, one) ? other : one));
  return [
    (dearer ? place.hereDearer : place.hereBest)(name(chosen), points(chosen), name(next), points(next)),
    ...(formatPoints(gap(low, high, most)) === '0'
      ? []
      : [place.mostly(place.term[most], formatPoints(gap(low, high, most)))])
  ];
}

const gap = (low: HostReason, high: HostReason, term: Term): number => high.terms[term] - low.terms[term];

const amount = (
  { vcpus }: Messages['place'],
  { resource, short }: Extract<Obstacle, { readonly kind: 'room' }>
): string => (resource === 'vcpus' ? vcpus(short) : formatMib(mib(Math.ceil(short))));
