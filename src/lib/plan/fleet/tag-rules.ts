// What tags say about placement (docs/PLACEMENT.md, "Rules by tags"): they live with the VMs, so that every operator and every
// tab plans by the same rules. A tag that looks like a rule and is none is told, never guessed at.

/** What the tags of one VM demand. Names are as the operator wrote them. */
export type TagRules = {
  readonly apart: readonly string[];
  readonly near: readonly string[];
  readonly together: readonly string[];
  readonly spread: readonly { readonly name: string; readonly least: number }[];
  readonly needs: readonly string[];
  readonly gives: readonly string[];
  /** Hosts (ids or names) and sites it may be at; empty: anywhere. */
  readonly on: readonly string[];
  readonly at: readonly string[];
  readonly notOn: readonly string[];
  readonly notAt: readonly string[];
  /** No plan moves it. */
  readonly pinned: boolean;
  /** No rebalancing moves it before then, ms since 1970; null: it may. */
  readonly pinnedUntil: number | null;
  /** The part of what its vCPUs could use that a plan must leave it, in percent, where it may be capped; null: it may not. */
  readonly yields: number | null;
  /** Tags that begin like a rule and cannot be read. */
  readonly odd: readonly string[];
};

const NAMED = ['apart', 'near', 'together', 'needs', 'gives', 'on', 'at', 'not-on', 'not-at'] as const;
type Named = (typeof NAMED)[number];
const isNamed = (word: string): word is Named => (NAMED as readonly string[]).includes(word);
const PIN = 'pin';
const YIELDS = 'yields';
/** Percent: half of what it could use. */
const YIELDS_TO = 50;
const FEWEST_SITES = 2;
const MOST_SITES = 100;

/** What was read, for as long as the tags are the same object: a fleet is surveyed again and again, and few VMs change. */
const known = new WeakMap<readonly string[], TagRules>();

export function tagRules(tags: readonly string[]): TagRules {
  const kept = known.get(tags);
  if (kept !== undefined) return kept;
  const rules = tags.some(speaks) ? read(tags) : NO_RULES;
  known.set(tags, rules);
  return rules;
}

function read(tags: readonly string[]): TagRules {
  const named = Object.fromEntries(NAMED.map((word) => [word, [] as string[]])) as Record<Named, string[]>;
  const spread: { name: string; least: number }[] = [];
  const odd: string[] = [];
  let pinnedUntil: number | null = null;
  let yields = tags.includes(YIELDS) ? YIELDS_TO : null;
  for (const tag of tags) {
    const colon = tag.indexOf(':');
    if (colon < 0) continue;
    const [word, name] = [tag.slice(0, colon), tag.slice(colon + 1).trim()];
    if (!isNamed(word) && word !== 'spread' && word !== PIN && word !== YIELDS) continue;
    if (word === YIELDS) {
      const least = /^[1-9]\d?$/.test(name) ? Number(name) : null;
      if (least === null) odd.push(tag);
      // Of several the one that takes least from it.
      else yields = Math.max(least, yields ?? 0);
    } else if (word === PIN) {
      const until = pinOf(tag);
      if (until === null) odd.push(tag);
      else pinnedUntil = Math.max(until, pinnedUntil ?? 0);
    } else if (name === '') odd.push(tag);
    else if (isNamed(word)) named[word].push(name);
    else {
      const rule = spreadOf(name);
      if (rule === null) odd.push(tag);
      else spread.push(rule);
    }
  }
  const { apart, near, together, needs, gives, on, at } = named;
  const [notOn, notAt] = [named['not-on'], named['not-at']];
  return {
    ...{ apart, near, together, spread, needs, gives, on, at, notOn, notAt },
    ...{ pinned: tags.includes(PIN), pinnedUntil, yields, odd }
  };
}

/** Of tags that say nothing about placement. */
export const NO_RULES = read([]);
const speaks = (tag: string): boolean => tag === PIN || tag === YIELDS || tag.includes(':');

/** `db` is on two sites at least, `db:3` on three. */
function spreadOf(text: string): { name: string; least: number } | null {
  const [name = '', count, ...more] = text.split(':');
  if (name === '' || more.length > 0) return null;
  if (count === undefined) return { name, least: FEWEST_SITES };
  const least = /^\d{1,3}$/.test(count) ? Number(count) : 0;
  return least >= FEWEST_SITES && least <= MOST_SITES ? { name, least } : null;
}

const MINUTE = 60_000;
/** `pin:` and a minute in UTC, as ISO 8601 has it. */
const TIMED_PIN = /^pin:(\d{4}-\d\d-\d\dT\d\d:\d\dZ)$/;

/** Until when a tag pins, ms since 1970; null: it does not, or not for a time. */
export function pinOf(tag: string): number | null {
  const until = Date.parse(TIMED_PIN.exec(tag)?.[1] ?? '');
  return Number.isNaN(until) ? null : until;
}

/** The tag that pins at least until then. */
export const pinTag = (until: number): string =>
  `${PIN}:${new Date(Math.ceil(until / MINUTE) * MINUTE).toISOString().slice(0, 16)}Z`;

/** “2026-11-26 15:40 UTC”. */
export const minuteOf = (until: number): string =>
  `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Without pins that are over: they go with the next change. */
export const liveTags = (tags: readonly string[], now: number): readonly string[] =>
  tags.filter((tag) => (pinOf(tag) ?? Infinity) > now);
