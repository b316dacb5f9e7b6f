import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetView, Intent, Scheduler } from '../../plugin/index.ts';
import { DEFAULT_WEIGHTS, FleetView as View, HARD, mayBe } from '../../plugin/index.ts';
import { aFleet } from './a-fleet.ts';
import { faultsOf } from './recount.ts';
import { testScheduler } from './test-scheduler.ts';

const manifest = { id: 'tried', version: '1.0.0', api: 1, title: 'Tried', description: 'For a test.' };
const texts = (plugin: object): string[] => [
  ...new Set(testScheduler({ manifest, ...plugin }, { huge: false }).map(({ of, text }) => `${of}: ${text}`))
];

const shapes = fc.record({
  hosts: fc.integer({ min: 0, max: 9 }),
  vms: fc.integer({ min: 0, max: 40 }),
  fresh: fc.integer({ min: 0, max: 4 }),
  full: fc.constantFrom(0.3, 0.6, 0.98),
  rules: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer({ min: 0, max: 1e6 })
});

describe('a fleet to try on', () => {
  it('begins within its capacity and its rules', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const fleet = new View(aFleet(shape));
        expect(fleet.room.length).toBe(fleet.hosts * HARD);
        expect(fleet.room.every((room) => room >= 0)).toBe(true);
        for (let vm = 0; vm < fleet.vms; vm++) {
          if (fleet.placedOn[vm]! < 0) continue;
          expect(mayBe(fleet, vm, fleet.placedOn[vm]!)).toBe(true);
          expect(fleet.rules.holdFor(vm)).toBe(true);
        }
      })
    );
  });

  it('is the same for the same seed', () => {
    expect(aFleet({ seed: 3 })).toEqual(aFleet({ seed: 3 }));
    expect(aFleet({ seed: 3 })).not.toEqual(aFleet({ seed: 4 }));
  });
});

describe('the recount', () => {
  it('has nothing against any number of moves that were allowed one by one', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(10_000)), (shape, numbers) => {
        const columns = aFleet({ ...shape, fresh: 0 });
        const fleet = new View(columns);
        const next = (limit: number): number => (numbers.next().value as number) % limit;
        for (let step = 0; step < 30 && columns.hosts > 0 && columns.vms > 0; step++) {
          const [vm, host] = [next(columns.vms), next(columns.hosts)];
          if (fleet.isMovable(vm) && mayBe(fleet, vm, host) === true) fleet.assign(vm, host);
        }
        const moves = [...fleet.placedOn.entries()].map(([vm, host]) => ({ vm, host }));
        const intent = { kind: 'rebalance', place: [], leave: [], weights: DEFAULT_WEIGHTS } as unknown as Intent;
        expect(faultsOf(columns, intent, moves)).toEqual([]);
      })
    );
  });
});

describe('a scheduler', () => {
  it('that is well has no findings', () => {
    expect(texts({ filter: () => true, score: (vm: number, host: number) => (vm + host) % 101 })).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such luck');
      },
      'score: throws: no such luck'
    ],
    ['is no number', () => Number.NaN, 'score: answers null: it must be a number from 0 to 100'],
    ['is too high', () => 101, 'score: answers 101: it must be a number from 0 to 100'],
    [
      'asks for the time',
      () => Date.now() % 2,
      'score: uses Date.now: time and chance are in the intent, and there is nothing else'
    ],
    [
      'asks for a date',
      () => new Date().getTime() % 1,
      'score: uses new Date: time and chance are in the intent, and there is nothing else'
    ],
    [
      'asks for chance',
      () => Math.random(),
      'score: uses Math.random: time and chance are in the intent, and there is nothing else'
    ],
    [
      'waits',
      () => {
        setTimeout(() => undefined, 0);
        return 1;
      },
      'score: uses setTimeout: time and chance are in the intent, and there is nothing else'
    ]
  ])('is found out when its score %s', (_, score, finding) => {
    expect(texts({ score })).toContain(finding);
  });

  it('is found out when it remembers', () => {
    let calls = 0;
    expect(texts({ score: () => calls++ % 2 })).toContain(
      'score: is something else when asked again: the same question must have the same answer'
    );
  });

  it.each([
    [false, 'answers false: it must be true, or a reason of 1 to 200 characters'],
    ['', 'answers "": it must be true, or a reason of 1 to 200 characters'],
    ['x'.repeat(201), `answers "${'x'.repeat(59)}…: it must be true, or a reason of 1 to 200 characters`]
  ])('is found out when its verdict is %j', (verdict, finding) => {
    expect(texts({ filter: () => verdict })).toContain(`filter: ${finding}`);
  });

  it.each<[string, Scheduler['propose'], string]>([
    [
      'changes columns',
      (fleet) => {
        if (fleet.vms > 0) fleet.columns.demand[0]! += 1;
        return { moves: [] };
      },
      'changes `demand` of the columns, which are to be read only'
    ],
    [
      'caps what does not yield',
      (fleet) => ({ moves: [], shares: fleet.vms > 0 ? [{ vm: 0, weight: 256, cap: null }] : [] }),
      'gives vm-0 a share, whose tags do not say that it yields'
    ],
    [
      'answers shares that are no list',
      () => ({ moves: [], shares: 'all' as never }),
      'answers shares "all": they must be a list'
    ],
    [
      'plans on the fleet itself',
      (fleet) => {
        if (fleet.vms > 0 && fleet.hosts > 0) fleet.assign(0, fleet.placedOn[0] === 0 ? -1 : 0);
        return { moves: [] };
      },
      'changes `placedOn` of the fleet: plan on fleet.copy()'
    ],
    [
      'never ends',
      function* () {
        for (;;) yield { moves: [] };
      },
      'goes on when its budget is used up: ask intent.elapsed()'
    ],
    ['names strangers', (fleet) => ({ moves: [{ vm: fleet.vms, host: 0 }] }), 'names VM 0, which is none of 0'],
    ['names no moves', () => ({}) as never, 'answers {}: it must have `moves`'],
    ['leaves VMs behind', () => ({ moves: [] }), 'leaves vm-']
  ])('is found out when its plan %s', (_, propose, finding) => {
    expect(texts({ propose }).join('\n')).toContain(`propose: ${finding}`);
  });

  it('is found out when it is not as local as it says', () => {
    const score = (_vm: number, host: number, fleet: FleetView) => fleet.running[(host + 1) % fleet.hosts]! % 101;
    expect(texts({ score })).toEqual([]);
    expect(texts({ score, local: true })).toEqual(['score: changes when other hosts do, although it is `local`']);
  });

  it('is found out when all of its VMs go to one host', () => {
    const found = texts({
      propose: (fleet: FleetView) => ({
        moves: fleet.hosts === 0 ? [] : Array.from({ length: fleet.vms }, (_, vm) => ({ vm, host: 0 }))
      })
    });
    for (const what of [
      'more memory than there is',
      'breaks rule “apart-0”',
      'may not be moved',
      'was not asked for',
      'in maintenance',
      'is to be left'
    ]) {
      expect(found.join('\n')).toContain(what);
    }
  });

  it.each([
    [undefined, 'the default export must be an object'],
    [{}, 'manifest must be an object'],
    [{ manifest }, 'has none of filter, score and propose'],
    [{ manifest, score: 1 }, 'score must be a function']
  ])('is none when it is %j', (plugin, text) => {
    expect(
      testScheduler(plugin)
        .map((finding) => finding.text)
        .join()
    ).toContain(text);
  });
});
