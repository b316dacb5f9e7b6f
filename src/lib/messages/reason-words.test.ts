import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReason, type Reason } from '../plan/reason.ts';
import { en } from './en.ts';
import { LANGUAGES, loadTranslation } from './messages.ts';
import { reasonWords } from './reason-words.ts';

/** One of each kind: a new one does not compile until it is here. */
const EACH: { readonly [K in Reason['kind']]: Omit<Extract<Reason, { readonly kind: K }>, 'kind'> } = {
  'host-unknown': {},
  'host-unlinked': {},
  'host-trouble': { trouble: '‹trouble›' },
  'host-viewed': {},
  'host-offline': {},
  'host-maintenance': {},
  'host-closed': {},
  unsuited: {},
  platform: { needs: '‹needs›', has: '‹has›' },
  'no-image': { name: '‹name›' },
  'no-network': { name: '‹name›' },
  'no-pool': { name: '‹name›' },
  'place-tags': { word: 'not-on', names: ['‹one›', '‹other›'] },
  lacks: { resource: 'memory', amount: 71, meanwhile: true },
  held: {},
  'vm-state': { state: 'paused' },
  pinned: {},
  'pinned-until': { until: '‹until›' },
  'loose-disk': { target: '‹target›' },
  'stays-on-xen': { because: 'pv' },
  unmanaged: {},
  'out-of-scope': {},
  'rule-apart': { rule: '‹rule›', vm: '‹vm›' },
  'rule-together': { rule: '‹rule›' },
  'rule-near': { rule: '‹rule›', site: '‹site›' },
  'rule-spread': { rule: '‹rule›', least: 72 },
  'rule-needs': { rule: '‹rule›', site: '‹site›' },
  'rule-needed': { rule: '‹rule›', site: '‹site›' },
  'rule-broken': { between: 'apart', rule: '‹rule›', vms: ['‹one›', '‹other›'], more: 73 },
  'no-such-vm': { index: 74 },
  'no-such-host': { index: 75 },
  'moved-twice': {},
  'shared-twice': {},
  'not-running': {},
  'no-shares': {},
  'no-yield': {},
  'weight-range': { most: 77 },
  'cap-range': { least: 78, most: 79 },
  'still-there': {},
  'not-there-yet': {},
  circle: {},
  'makes-room': { vm: '‹vm›' },
  'odd-tag': { tag: '‹tag›', vm: '‹vm›' },
  'spread-few': { rule: '‹rule›', least: 76, vms: 1 },
  'needs-none': { rule: '‹rule›' },
  said: { text: '‹text›' }
};
const ALL = Object.entries(EACH).map(([kind, details]) => ({ kind, ...details }) as Reason);
const words = async (tag: (typeof LANGUAGES)[number]) => {
  const m = (await loadTranslation(tag)) ?? en;
  return (reason: Reason): string => reasonWords(m, reason);
};

describe.each(LANGUAGES)('in %s', (tag) => {
  test('every reason is said, with all that was told of it and no full stop', async () => {
    const say = await words(tag);
    for (const reason of ALL) {
      const said = say(reason);
      const details = JSON.stringify(reason).match(/‹\w+›|\b7\d\b/g) ?? [];
      expect([reason.kind, details.filter((detail) => !said.includes(detail))]).toEqual([reason.kind, []]);
      expect(said).not.toMatch(/undefined|\[object|[.。]$|^$/);
    }
  });

  test('no two reasons sound alike', async () => {
    const say = await words(tag);
    expect(new Set(ALL.map(say)).size).toBe(ALL.length);
  });
});

test('in Chinese nothing of it stays English but what others said', async () => {
  const say = await words('zh-CN');
  for (const reason of ALL) {
    if (reason.kind === 'said') continue;
    const own = say(reason).replace(/‹\w+›|MiB|vCPU|Xen|PVH?|CPU|yields|pin\b|[\w-]+:(?=‹)/g, '');
    expect(own).not.toMatch(/[a-z]/i);
  }
});

test('in English counts are plural where they should be', async () => {
  const say = await words('en');
  expect(say({ kind: 'lacks', resource: 'vcpus', amount: 1, meanwhile: false })).toBe('1\u00a0vCPU is missing');
  expect(say({ kind: 'spread-few', rule: 'db', least: 3, vms: 2 })).toBe(
    'spread:db wants 3 sites, but only 2\u00a0VMs have that tag'
  );
});

test('every reason is read again as it was kept; what is none is not read', () => {
  for (const reason of ALL) expect(readReason(JSON.parse(JSON.stringify(reason)))).toEqual(reason);
  fc.assert(fc.property(fc.anything(), (value) => readReason(value) === null));
  fc.assert(
    fc.property(fc.constantFrom(...ALL), fc.anything(), (reason, value) => {
      const [name] = Object.keys(reason).filter((key) => key !== 'kind');
      fc.pre(name !== undefined && typeof value !== typeof reason[name as keyof Reason]);
      return readReason({ ...reason, [name]: value }) === null;
    })
  );
});
