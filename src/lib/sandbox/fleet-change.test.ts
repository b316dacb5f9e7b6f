import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf } from '../../../tests/support/a-columns.ts';
import { WIDTH, textsOf } from '../plugin/columns.ts';
import type { Columns, Rule } from '../plugin/columns.ts';
import { changeOf, changed } from './fleet-change.ts';
import type { FleetChange } from './fleet-change.ts';

type SomeVm = {
  readonly id: number;
  readonly name: string;
  readonly host: number;
  readonly need: number;
  readonly tags: string[];
};

const HOSTS = 3;
const vm: fc.Arbitrary<SomeVm> = fc.record({
  // Wanted ones have no id; one that is on its way is on two hosts.
  id: fc.nat(20),
  name: fc.constantFrom('a', 'ab', 'b'),
  host: fc.nat(HOSTS - 1),
  need: fc.nat(3),
  tags: fc.subarray(['db', 'mail', 'web'])
});

/** As surveys make them: tags by name, rules with their VMs in order. */
function columnsWith(vms: readonly SomeVm[], flags: number, at: number): Columns {
  const tagName = [...new Set(vms.flatMap(({ tags }) => tags))].sort();
  const vmTagStart = new Int32Array(vms.length + 1);
  for (const [index, { tags }] of vms.entries()) vmTagStart[index + 1] = vmTagStart[index]! + tags.length;
  const rules = tagName.map((name): Rule => {
    const those = Int32Array.from([...vms.keys()].filter((index) => vms[index]!.tags.includes(name)));
    if (name === 'db') return { kind: 'apart', name, vms: those };
    return name === 'web'
      ? { kind: 'spread', name, vms: those, least: 2 }
      : { kind: 'needs', name, vms: those, of: those };
  });
  return {
    ...columnsOf(HOSTS, vms.length),
    at,
    hostFlags: new Uint8Array(HOSTS).fill(flags),
    vmId: textsOf(vms.map(({ id }) => (id === 0 ? '' : `id-${id}`))),
    vmName: textsOf(vms.map(({ name }) => name)),
    vmHost: Int32Array.from(vms, ({ host }) => host),
    demand: Float64Array.from({ length: vms.length * WIDTH }, (_, cell) => vms[Math.floor(cell / WIDTH)]!.need),
    vmMask: Int32Array.from(vms, ({ need }) => need % 2),
    masks: new Uint8Array(2 * HOSTS).fill(1),
    tagName,
    vmTag: Int32Array.from(
      vms.flatMap(({ tags }) => tags),
      (tag) => tagName.indexOf(tag)
    ),
    vmTagStart,
    rules
  };
}

/** VMs that come, go, and change at any place; most stay. */
const edit = fc.record({
  at: fc.nat(40),
  drop: fc.nat(2),
  add: fc.array(vm, { maxLength: 2 }),
  move: fc.option(fc.nat(40))
});
const applied = (
  vms: readonly SomeVm[],
  { at, drop, add, move }: typeof edit extends fc.Arbitrary<infer E> ? E : never
) => {
  const spliced = vms.toSpliced(at % (vms.length + 1), drop, ...add);
  if (move === null || spliced.length === 0) return spliced;
  const moved = spliced[move % spliced.length]!;
  return [...spliced.filter((one) => one !== moved), { ...moved, host: (moved.host + 1) % HOSTS }];
};
const small = ({ runs, came, rows }: FleetChange): number =>
  runs.length + came.length + rows.reduce((sum, { values }) => sum + values.length, 0);

test('whatever fleets are shown one after another, the worker has the last, and the one before is left as it was', () => {
  fc.assert(
    fc.property(
      fc.array(vm, { maxLength: 30 }),
      fc.array(fc.record({ edits: fc.array(edit, { maxLength: 3 }), flags: fc.nat(2) }), {
        minLength: 1,
        maxLength: 5
      }),
      (first, shows) => {
        let vms: readonly SomeVm[] = first;
        let shown = columnsWith(vms, 1, 0);
        let worker = structuredClone(shown);
        for (const [at, { edits, flags }] of shows.entries()) {
          for (const one of edits) vms = applied(vms, one);
          const now = columnsWith(vms, flags, at + 1);
          const before = structuredClone(worker);
          const next = changed(worker, structuredClone(changeOf(shown, now)!));
          expect(next).toEqual(now);
          expect(worker).toEqual(before);
          [shown, worker] = [now, next];
        }
      }
    )
  );
});

const fleet = columnsOf(10, 2_000);
const withoutRow = (vm: number): Columns => {
  const others = Array.from({ length: fleet.vms }, (_, at) => at).filter((at) => at !== vm);
  const ids = others.map((at) => `00000000-0000-4000-8000-${at}`);
  const now = columnsOf(10, fleet.vms - 1);
  return {
    ...now,
    vmId: textsOf(ids),
    vmName: textsOf(others.map((at) => `vm-${at}`)),
    vmHost: fleet.vmHost.filter((_, at) => at !== vm)
  };
};

test('one VM that needs more is one row, and one that went is two runs', () => {
  const demand = fleet.demand.slice();
  demand[77 * WIDTH] = 9;
  const more = changeOf(fleet, { ...fleet, demand })!;
  expect(more.rows).toEqual([
    { column: 'demand', rows: Int32Array.of(77), values: demand.slice(77 * WIDTH, 78 * WIDTH) }
  ]);
  const fewer = changeOf(fleet, withoutRow(77))!;
  expect([...fewer.runs]).toEqual([0, 0, 77, 78, 77, fleet.vms - 78]);
  expect(small(fewer)).toBeLessThan(10);
  expect(changed(fleet, fewer).vmHost[77]).toBe(78 % 10);
});

test('the same numbers under other ids are rows of those VMs', () => {
  const some = (id: number, need: number): SomeVm => ({ id, name: 'a', host: id, need, tags: [] });
  const before = columnsWith([some(1, 1), some(2, 3)], 1, 0);
  const now = { ...before, vmId: columnsWith([some(2, 3), some(1, 1)], 1, 0).vmId };
  expect(changed(before, changeOf(before, now)!)).toEqual(now);
});

test('other hosts, or a thousand other VMs, are another fleet', () => {
  expect(changeOf(fleet, columnsOf(11, 2_000))).toBeNull();
  expect(changeOf(fleet, { ...fleet, hostName: textsOf(Array.from({ length: 10 }, (_, at) => `n${at}`)) })).toBeNull();
  expect(
    changeOf(fleet, { ...fleet, vmId: textsOf(Array.from({ length: 2_000 }, (_, at) => `other-${at}`)) })
  ).toBeNull();
});

test('what does not fit the fleet before is not put together', () => {
  const change = changeOf(fleet, withoutRow(77))!;
  const wrong: readonly Partial<FleetChange>[] = [
    { runs: Int32Array.of(0, 0, 77, 78, 76, fleet.vms - 78) },
    { runs: Int32Array.of(0, 0, 77, 79, 77, fleet.vms - 78) },
    { runs: Int32Array.of(0, 0, 77, 78) },
    { vms: fleet.vms },
    { rows: [{ column: 'moveMib', rows: Int32Array.of(fleet.vms), values: Float64Array.of(1) }] },
    { rows: [{ column: 'moveMib', rows: Int32Array.of(1), values: Float64Array.of(1, 2) }] },
    { rows: [{ column: 'moveMib', rows: Int32Array.of(1), values: Int32Array.of(1) }] }
  ];
  for (const one of wrong) expect(() => changed(fleet, { ...change, ...one })).toThrow(/was handed/);
});
