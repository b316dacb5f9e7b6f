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
  /** Tags that begin like a rule and cannot be read. */
  readonly odd: readonly string[];
};

const NAMED = ['apart', 'near', 'together', 'needs', 'gives', 'on', 'at', 'not-on', 'not-at'] as const;
type Named = (typeof NAMED)[number];
const isNamed = (word: string): word is Named => (NAMED as readonly string[]).includes(word);
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
  for (const tag of tags) {
    const colon = tag.indexOf(':');
    if (colon < 0) continue;
    const [word, name] = [tag.slice(0, colon), tag.slice(colon + 1).trim()];
    if (!isNamed(word) && word !== 'spread') continue;
    if (name === '') odd.push(tag);
    else if (isNamed(word)) named[word].push(name);
    else {
      const rule = spreadOf(name);
      if (rule === null) odd.push(tag);
      else spread.push(rule);
    }
  }
  const { apart, near, together, needs, gives, on, at } = named;
  const [notOn, notAt] = [named['not-on'], named['not-at']];
  return { apart, near, together, spread, needs, gives, on, at, notOn, notAt, pinned: tags.includes('pin'), odd };
}

/** Of tags that say nothing about placement. */
export const NO_RULES = read([]);
const speaks = (tag: string): boolean => tag === 'pin' || tag.includes(':');

/** `db` is on two sites at least, `db:3` on three. */
function spreadOf(text: string): { name: string; least: number } | null {
  const [name = '', count, ...more] = text.split(':');
  if (name === '' || more.length > 0) return null;
  if (count === undefined) return { name, least: FEWEST_SITES };
  const least = /^\d{1,3}$/.test(count) ? Number(count) : 0;
  return least >= FEWEST_SITES && least <= MOST_SITES ? { name, least } : null;
}
