// What planning has to say of why something cannot be, as data: `src/lib/messages` says it in every language. One closed table.
import { VM_STATES } from '../model/fleet.ts';
import { isList, isRecord, isText } from './made/read.ts';

const TEXT = 'text';
const TEXTS = 'texts';
const NUMBER = 'number';
const FLAG = 'flag';
/** Resources of which no host may give out more than it has; memory and disk in MiB. */
const LACKING = ['vcpus', 'memory', 'disk'] as const;
/** What hosts refuse to move on Xen: kinds of guests, and guests with disks. */
const STAYS = ['pv', 'hvm', 'disks', 'off'] as const;
const BETWEEN = ['apart', 'near', 'together', 'spread', 'needs'] as const;
const PLACES = ['on', 'at', 'not-on', 'not-at'] as const;

/** What goes with each kind. `vm`, `host`, `site`: names. */
const DETAILS = {
  // Of a host, whatever is to be put there.
  'host-unknown': {},
  'host-unlinked': {},
  'host-trouble': { trouble: TEXT },
  'host-viewed': {},
  'host-offline': {},
  'host-maintenance': {},
  'host-closed': {},
  // What a VM needs and a host does not offer.
  unsuited: {},
  platform: { needs: TEXT, has: TEXT },
  'no-image': { name: TEXT },
  'no-network': { name: TEXT },
  'no-pool': { name: TEXT },
  'place-tags': { word: PLACES, names: TEXTS },
  lacks: { resource: LACKING, amount: NUMBER, meanwhile: FLAG },
  // Why a VM stays.
  held: {},
  'vm-state': { state: VM_STATES },
  pinned: {},
  /** To the minute, in UTC. */
  'pinned-until': { until: TEXT },
  'loose-disk': { target: TEXT },
  'stays-on-xen': { because: STAYS },
  unmanaged: {},
  'out-of-scope': {},
  // Rules between VMs: what would break one, or what a plan breaks.
  'rule-apart': { rule: TEXT, vm: TEXT },
  'rule-together': { rule: TEXT },
  'rule-near': { rule: TEXT, site: TEXT },
  'rule-spread': { rule: TEXT, least: NUMBER },
  'rule-needs': { rule: TEXT, site: TEXT },
  'rule-needed': { rule: TEXT, site: TEXT },
  'rule-broken': { between: BETWEEN, rule: TEXT, vms: TEXTS, more: NUMBER },
  // Moves that are none, and changes that have no order.
  'no-such-vm': { index: NUMBER },
  'no-such-host': { index: NUMBER },
  'moved-twice': {},
  // Shares of the CPUs that may not be.
  'shared-twice': {},
  'not-running': {},
  'no-shares': {},
  'no-yield': {},
  'weight-range': { most: NUMBER },
  /** Percent of one CPU. */
  'cap-range': { least: NUMBER, most: NUMBER },
  'still-there': {},
  'not-there-yet': {},
  circle: {},
  'makes-room': { vm: TEXT },
  // Tags that do nothing.
  'odd-tag': { tag: TEXT, vm: TEXT },
  'spread-few': { rule: TEXT, least: NUMBER, vms: NUMBER },
  'needs-none': { rule: TEXT },
  /** In the words of whoever said it. */
  said: { text: TEXT }
} as const;

type Details = typeof DETAILS;
type Kind = keyof Details;
type Of = typeof TEXT | typeof TEXTS | typeof NUMBER | typeof FLAG | readonly string[];
type Value<Of> = Of extends typeof TEXT
  ? string
  : Of extends typeof TEXTS
    ? readonly string[]
    : Of extends typeof NUMBER
      ? number
      : Of extends typeof FLAG
        ? boolean
        : Of extends readonly (infer Word)[]
          ? Word
          : never;

/** Narrows by `kind`. */
export type Reason = {
  [K in Kind]: { readonly kind: K } & { readonly [D in keyof Details[K]]: Value<Details[K][D]> };
}[Kind];
/** Resources of a `lacks`. */
export type Lacking = (typeof LACKING)[number];

/** Null: there is none. */
export const sameReason = (one: Reason | null, other: Reason | null): boolean =>
  one === other || (one?.kind === other?.kind && JSON.stringify(one) === JSON.stringify(other));

const LONGEST = 1_000;
const MOST = 100;

/** Null: not what this version keeps. */
export function readReason(value: unknown): Reason | null {
  if (!isRecord(value) || typeof value.kind !== 'string' || !Object.hasOwn(DETAILS, value.kind)) return null;
  const details = Object.entries<Of>(DETAILS[value.kind as Kind]);
  if (!details.every(([name, of]) => isOf(of, value[name]))) return null;
  return Object.fromEntries(['kind', ...details.map(([name]) => name)].map((name) => [name, value[name]])) as Reason;
}

function isOf(of: Of, value: unknown): boolean {
  switch (of) {
    case TEXT:
      return isText(value, LONGEST);
    case TEXTS:
      return isList(value, MOST) && value.every((one) => isText(one, LONGEST));
    case NUMBER:
      return typeof value === 'number' && Number.isFinite(value);
    case FLAG:
      return typeof value === 'boolean';
    default:
      return (of as readonly unknown[]).includes(value);
  }
}
