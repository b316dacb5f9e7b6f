import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Host, Vm } from '../model/fleet.ts';
import { bytesPerSecond, mib, millis, percent, vcpus } from '../model/units.ts';
import { aHost } from '../../../tests/support/a-fleet.ts';
import { aVm } from '../../../tests/support/fake-host.ts';
import { unitsOf } from './amount.ts';
import { compileQuery } from './compile.ts';
import { FIELD_NAMES, fieldOf } from './fields.ts';
import { parseQuery, QUERY_MAX, type Meaning, type Query, type Term } from './parse.ts';
import { printQuery } from './print.ts';

const NOW = 1_800_000_000_000;
const LOAD = {
  at: millis(NOW),
  cpu: percent(81.4),
  memoryUsed: mib(1024),
  diskRead: bytesPerSecond(4e6),
  diskWrite: bytesPerSecond(8e6),
  netReceive: null,
  netTransmit: null
};
const WEB = aVm(1, {
  name: 'Web 1',
  description: 'shop front',
  memory: mib(2048),
  vcpus: vcpus(2),
  startedAt: millis(NOW - 3_600_000),
  autostart: true,
  nics: [
    {
      mac: '52:54:00:aa:bb:cc',
      model: 'virtio',
      network: 'lan',
      linkUp: true,
      seen: null,
      pending: null,
      addresses: ['10.0.0.7']
    }
  ]
});
const DB = Object.assign(aVm(2, { name: 'db-1', state: 'off' }), { tags: ['db', 'gold'] });
const HOST = aHost('n1', [WEB, DB], { vmLoads: new Map([[WEB.id, { vm: WEB.id, ...LOAD }]]) });

const found = (text: string, vms: readonly Vm[] = [WEB, DB], host: Host = HOST): readonly string[] => {
  const { vm } = compileQuery(text, () => NOW);
  return vms.filter((each) => vm(host, each)).map(({ name }) => name);
};
const codes = (text: string) => parseQuery(text).problems.map(({ code }) => code);

test.each([
  ['', ['Web 1', 'db-1']],
  ['web', ['Web 1']],
  ['NORTH off', ['db-1']],
  ['-off', ['Web 1']],
  ['"web 1"', ['Web 1']],
  ['name:"web 1"', ['Web 1']],
  ['name:web', []],
  ['name~web', ['Web 1']],
  ['name~web,db', ['Web 1', 'db-1']],
  ['state:running', ['Web 1']],
  ['state:off,paused', ['db-1']],
  ['!state:off', ['Web 1']],
  ['tag:DB', ['db-1']],
  ['tag:silver', []],
  ['-tag:*', ['Web 1']],
  ['ip:10.0.0.7', ['Web 1']],
  ['52:54:00:aa:bb:cc', []],
  ['mac:52:54:00:aa:bb:cc', ['Web 1']],
  ['host:n1 site:north link:online', ['Web 1', 'db-1']],
  ['cpu>80', ['Web 1']],
  ['cpu>82%', []],
  ['cpu=81', ['Web 1']],
  ['cpu=81.0', []],
  ['memory>=2GiB', ['Web 1']],
  ['memory=2048MiB', ['Web 1']],
  ['vcpus:2,3', ['Web 1']],
  ['disk>10MB/s', ['Web 1']],
  ['uptime<2h', ['Web 1']],
  ['uptime>90min', []],
  ['used>49 used<51', ['Web 1']],
  ['maintenance:yes', []],
  ['simulated:no', ['Web 1', 'db-1']],
  ['autostart:yes', ['Web 1']],
  ['autostart:no', ['db-1']],
  ['pending:yes', []],
  ['web OR tag:db', ['Web 1', 'db-1']],
  ['shop state:off OR state:running', ['Web 1']]
] as const)('“%s” finds %j', (text, names) => {
  expect(found(text)).toEqual(names);
  expect(codes(text)).toEqual([]);
});

test('an absent figure is neither above nor below, and what is not so is found by the negation', () => {
  expect(found('net>=0')).toEqual([]);
  expect(found('net<1GB/s')).toEqual([]);
  expect(found('-net>0')).toEqual(['Web 1', 'db-1']);
  expect(found('cpu>0', [WEB], { ...HOST, link: 'offline' })).toEqual([]);
});

test('what a hypervisor does not say of its start with the host is neither yes nor no', () => {
  const untold = [aVm(3, { name: 'xl', autostart: null })];
  for (const text of ['autostart:yes', 'autostart:no', 'autostart:*']) expect(found(text, untold), text).toEqual([]);
  expect(found('-autostart:yes', untold)).toEqual(['xl']);
});

test('one search finds guests and hosts of Xen among others', () => {
  const facts = HOST.facts && ({ ...HOST.facts, hypervisor: 'xen', accelerator: 'xen' } as const);
  const pv = aVm(3, { name: 'dom', kind: 'pv', cpuShareNext: { weight: 512, cap: null } });
  for (const text of ['hypervisor:xen', 'type:pv', 'kind:pv,pvh', 'xen dom', 'pending:yes'])
    expect(found(text, [pv], { ...HOST, facts }), text).toEqual(['dom']);
  for (const text of ['hypervisor:qemu', 'type:hvm', 'kvm'])
    expect(found(text, [pv], { ...HOST, facts }), text).toEqual([]);
  expect(compileQuery('hypervisor:xen').host({ ...HOST, facts })).toBe(true);
});

test('a host is found by its own words and fields, not by those of its VMs', () => {
  for (const text of ['n1', 'north online', 'qemu', 'state:online', 'cpu=25', 'memory:8GiB', 'vms=2', 'name:n1'])
    expect(compileQuery(text).host(HOST), text).toBe(true);
  for (const text of ['web', 'south', 'tag:db', 'notes~shop', 'uptime>0', 'kind:hvm'])
    expect(compileQuery(text).host(HOST), text).toBe(false);
});

test.each([
  ['sit:north', 'unknown-field', 'sit', 'site'],
  ['nmae~web', 'unknown-field', 'nmae', 'name'],
  ['state:runing', 'unknown-value', 'runing', 'running'],
  ['state:off,pausd', 'unknown-value', 'pausd', 'paused'],
  ['cpu>', 'missing-value', 'cpu>', null],
  ['cpu>much', 'not-a-number', 'much', null],
  ['memory>2', 'needs-unit', '2', '2GiB'],
  ['net>10GHz', 'unknown-unit', '10GHz', null],
  ['name>web', 'needs-figure', '>', ':'],
  ['cpu~80', 'needs-text', '~', '='],
  ['web >80', 'no-field', '>80', null],
  ['name:"web 1', 'unclosed-quote', '"web 1', '"web 1"'],
  ['OR web', 'dangling-or', 'OR', ''],
  ['web OR', 'dangling-or', 'OR', ''],
  ['a OR OR b', 'dangling-or', 'OR', '']
] as const)('“%s” is marked as %s at “%s”', (text, code, place, fix) => {
  const [problem, ...more] = parseQuery(text).problems;
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ code, found: place, fix });
  expect(text.slice(problem?.start, problem?.end)).toBe(place);
});

test('what is valid still filters, whatever stands beside it', () => {
  expect(found('web sit:north cpu>much')).toEqual(['Web 1']);
  expect(found('sit:x OR tag:db')).toEqual(['db-1']);
  expect(found('state:off,pausd')).toEqual(['db-1']);
});

test('a mended query has that problem no more', () => {
  for (const text of [
    'sit:north',
    'state:runing',
    'memory>2',
    'name>web',
    'cpu~80',
    'name:"a b',
    'web OR',
    'state:off,pausd'
  ]) {
    const [problem] = parseQuery(text).problems;
    expect(problem?.fix).not.toBeNull();
    expect(codes(text.slice(0, problem?.start) + (problem?.fix ?? '') + text.slice(problem?.end)), text).toEqual([]);
  }
});

const aText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const amount = (units: readonly string[]) =>
  fc
    .tuple(fc.nat(10_000), fc.integer({ min: 0, max: 3 }), fc.constantFrom(...units))
    .map(([n, decimals, unit]) => ({ amount: Number((n / 1000).toFixed(decimals)), decimals, unit }));
const meaning: fc.Arbitrary<Meaning> = fc.oneof(
  aText.map((text): Meaning => ({ kind: 'word', text })),
  fc.constantFrom(...FIELD_NAMES).chain((field): fc.Arbitrary<Meaning> => {
    const about = fieldOf(field);
    const present = fc.constant<Meaning>({ kind: 'present', field });
    if (about.kind === 'figure') {
      const one = amount(about.dimension === 'count' ? [''] : unitsOf(about.dimension));
      return fc.oneof(
        present,
        fc
          .tuple(fc.constantFrom('<', '<=', '>', '>='), one)
          .map(([compare, first]): Meaning => ({ kind: 'figure', field, compare, amounts: [first] })),
        fc
          .array(one, { minLength: 1, maxLength: 3 })
          .map((amounts): Meaning => ({ kind: 'figure', field, compare: '=', amounts }))
      );
    }
    const is = about.values === null ? aText : fc.constantFrom(...about.values);
    const many = (each: fc.Arbitrary<string>) => fc.array(each, { minLength: 1, maxLength: 3 });
    return fc.oneof(
      present,
      many(is).map((values): Meaning => ({ kind: 'text', field, how: 'is', values })),
      many(aText).map((values): Meaning => ({ kind: 'text', field, how: 'contains', values }))
    );
  })
);
const term = fc.tuple(meaning, fc.boolean()).map(([what, negated]): Term => ({ start: 0, end: 0, negated, ...what }));
const clauses = fc.array(fc.array(term, { minLength: 1, maxLength: 3 }), { maxLength: 3 });
const placeless = (query: Query): unknown =>
  query.clauses.map((terms) => terms.map((each) => ({ ...each, start: 0, end: 0 })));

test('a query is read back as it was printed', () => {
  fc.assert(
    fc.property(clauses, (written) => {
      const text = printQuery({ clauses: written });
      fc.pre(text.length <= QUERY_MAX);
      const read = parseQuery(text);
      expect(read.problems).toEqual([]);
      expect(placeless(read)).toEqual(written);
    })
  );
});

const likelyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '-',
        '!',
        ':',
        '~',
        '<',
        '>',
        '=',
        '"',
        ',',
        '\\',
        '*',
        ' ',
        ' OR ',
        ...FIELD_NAMES,
        'off',
        '2',
        'GiB',
        '%'
      ),
      aText
    ),
    {
      maxLength: 20
    }
  )
  .map((parts) => parts.join(''));

test('no text is too strange: problems have places within it, terms do not overlap, and it filters without a throw', () => {
  fc.assert(
    fc.property(likelyText, (text) => {
      const { errors, query, vm, host } = compileQuery(text, () => NOW);
      for (const { start, end } of errors) expect(0 <= start && start <= end && end <= text.length).toBe(true);
      const terms = query.clauses.flat().sort((a, b) => a.start - b.start);
      for (const [index, { end }] of terms.entries())
        expect(end).toBeLessThanOrEqual(terms[index + 1]?.start ?? text.length);
      expect(typeof vm(HOST, WEB)).toBe('boolean');
      expect(typeof host(HOST)).toBe('boolean');
    })
  );
});

test('words alone filter as the naive model: all occur, in any order, in the joined words', () => {
  const word = fc.stringMatching(/^[a-z0-9.]{1,3}$/);
  const vmOf = fc
    .record({ name: fc.stringMatching(/^[A-Za-z0-9. ]{1,6}$/), description: fc.stringMatching(/^[a-z ]{0,6}$/) })
    .map((more) => aVm(3, more));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 3 }), vmOf, (words, vm) => {
      const own = [vm.name, vm.id, vm.state, vm.description, 'n1', 'n1', 'north', 'emulated', 'qemu'];
      const naive = words.every((each) => own.join('\n').toLowerCase().includes(each));
      expect(found(words.join(' '), [vm]).length === 1).toBe(naive);
    })
  );
});

test('a negation is the complement, and OR the union', () => {
  fc.assert(
    fc.property(term, term, (a, b) => {
      const matches = (...written: Term[][]): boolean => found(printQuery({ clauses: written }), [WEB]).length === 1;
      expect(matches([{ ...a, negated: !a.negated }])).toBe(!matches([a]));
      expect(matches([a, b])).toBe(matches([a]) || matches([b]));
      expect(matches([a], [b])).toBe(matches([a]) && matches([b]));
    })
  );
});
