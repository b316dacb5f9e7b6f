import { describe, expect, test } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import type { SomeVm } from '../../../../tests/support/some-columns.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, HOST_SHARES, VM_RUNNING } from '../../plugin/columns.ts';
import type { Columns, Rule } from '../../plugin/columns.ts';
import { recheck, toTell } from './changes.ts';
import { checkPart } from './part.ts';
import { movesIn, plannedMoves } from './planned-move.ts';
import { plannedShares } from './planned-share.ts';
import type { PlannedStep } from './planned-step.ts';
import { newRun, WAITING, withProgress } from './progress.ts';

const HOST = { room: [8, 100, 100] };
const vm = (on: number, memory = 40): SomeVm => ({ on, needs: [1, memory, 1] });
const before = someColumns([HOST, HOST, HOST], [vm(0), vm(0), vm(1)]);
const planned = plannedMoves(before, [
  { vm: 0, host: 1 },
  { vm: 1, host: 2 },
  { vm: 2, host: 1 }
]);

describe('a plan by names', () => {
  test('has no move that moves nothing', () => {
    expect(planned.map(({ name, from, to }) => [name, from, to])).toEqual([
      ['v0', 'h0', 'h1'],
      ['v1', 'h0', 'h2']
    ]);
  });

  test('is found again in columns of another order, and what is gone is -1', () => {
    const moves = movesIn(before, [...planned, { ...planned[0]!, vm: 'gone', to: 'nowhere' }]);
    expect(moves).toEqual([
      { vm: 0, host: 1 },
      { vm: 1, host: 2 },
      { vm: -1, host: -1 }
    ]);
  });
});

describe('a plan looked at again', () => {
  test('holds as long as nothing it moves has changed', () => {
    const seen = recheck(before, planned);
    expect([seen.changes, seen.left.length, seen.violations]).toEqual([[], 2, []]);
  });

  test('tells VMs that moved, arrived, grew or may no longer be moved, and goes on with the rest', () => {
    expect(recheck(someColumns([HOST, HOST, HOST], [vm(2), vm(2), vm(1)]), planned)).toMatchObject({
      changes: [
        { kind: 'vm-moved', vm: 'v0', host: 'h2' },
        { kind: 'arrived', vm: 'v1', host: 'h2' }
      ],
      left: []
    });
    const held = recheck(someColumns([HOST, HOST, HOST], [{ ...vm(0), flags: VM_RUNNING }, vm(0, 41)]), planned);
    expect(held.changes).toEqual([
      { kind: 'vm-held', vm: 'v0' },
      { kind: 'vm-resized', vm: 'v1' }
    ]);
    expect(held.left).toEqual([{ move: { vm: 1, host: 2 }, of: 1 }]);
  });

  test('tells hosts that are away, and VMs that are gone', () => {
    const away = recheck(
      someColumns([HOST, { ...HOST, flags: 0 }, { ...HOST, flags: HOST_ONLINE | HOST_MAINTENANCE }], [vm(0), vm(0)]),
      planned
    );
    expect(away.changes).toEqual([
      { kind: 'host-offline', host: 'h1' },
      { kind: 'host-maintenance', host: 'h2' }
    ]);
    expect(recheck(someColumns([HOST, HOST, HOST], [vm(0)]), planned).changes).toEqual([{ kind: 'vm-gone', vm: 'v1' }]);
    expect(recheck(someColumns([HOST, HOST], [vm(0), vm(0)]), planned).changes).toEqual([
      { kind: 'host-gone', host: 'h2' }
    ]);
  });

  test('says what no longer fits, though each VM and host is as it was', () => {
    const full = recheck(someColumns([HOST, HOST, HOST], [vm(0), vm(0), vm(1, 90)]), planned);
    expect(full.changes).toEqual([]);
    expect(full.violations).toEqual([
      { vm: -1, host: 1, reason: { kind: 'lacks', resource: 'memory', amount: 30, meanwhile: false } }
    ]);
  });
});

describe('a part of a plan', () => {
  test('that can be done needs nothing', () => {
    const moves = [{ vm: 0, host: 1 }];
    expect(checkPart(before, moves, moves)).toEqual({ violations: [], needs: [] });
  });

  test('needs the VM that makes room for it', () => {
    const columns = someColumns([{ room: [1] }, { room: [1] }, { room: [1] }], [vm(0), vm(1)]);
    const moves = [
      { vm: 0, host: 1 },
      { vm: 1, host: 2 }
    ];
    expect(checkPart(columns, moves, moves.slice(0, 1))).toEqual({
      violations: [{ vm: -1, host: 1, reason: { kind: 'lacks', resource: 'vcpus', amount: 1, meanwhile: false } }],
      needs: [1]
    });
    expect(checkPart(columns, moves, moves.slice(1)).violations).toEqual([]);
  });

  test('needs the other VM of a rule that it would break', () => {
    const near: Rule = { kind: 'near', name: 'db', vms: Int32Array.of(0, 1) };
    const columns = someColumns([HOST, { ...HOST, site: 1 }, { ...HOST, site: 1 }], [vm(0), vm(0)], [near]);
    const moves = [
      { vm: 0, host: 1 },
      { vm: 1, host: 2 }
    ];
    expect(checkPart(columns, moves, moves.slice(0, 1)).needs).toEqual([1]);
  });

  test('that nothing left out would mend names none', () => {
    const columns = someColumns([HOST, { room: [1] }], [vm(0), vm(1)]);
    const moves = [{ vm: 0, host: 1 }];
    expect(checkPart(columns, moves, moves)).toMatchObject({ violations: [{ host: 1 }], needs: [] });
  });
});

test('a share is left while the VM has the one the plan saw; one that it has already is no news', () => {
  const columns = (cap: number, least = 100) =>
    someColumns(
      [{ flags: HOST_ONLINE | HOST_SHARES }],
      [{ on: 0, needs: [2, 1, 0, 500], share: [256, cap, least, 500] }]
    );
  const [share] = plannedShares(columns(0), [{ vm: 0, weight: 256, cap: 150 }]);
  const seen = (now: Columns, planned = share!) => {
    const { changes, leftShares, violations } = recheck(now, [], [planned]);
    return [changes, leftShares.map(({ of }) => of), violations.map(({ reason }) => reason.kind)];
  };
  expect(seen(columns(0))).toEqual([[], [0], []]);
  expect(seen(columns(150))).toEqual([[], [], []]);
  expect(seen(columns(120))).toEqual([[{ kind: 'vm-shared', vm: 'v0' }], [], []]);
  expect(seen(columns(0, 0))).toEqual([[], [0], ['no-yield']]);
  expect(seen(columns(0), { ...share!, vm: 'id-9', name: 'v9' })).toEqual([[{ kind: 'vm-gone', vm: 'v9' }], [], []]);
});

test('of a plan that runs, what has arrived is no news, and of one that is done nothing is', () => {
  const arrived = { kind: 'arrived', vm: 'v0', host: 'h1' } as const;
  const gone = { kind: 'vm-gone', vm: 'v1' } as const;
  const seen = { changes: [arrived, gone], left: [], leftShares: [], violations: [] };
  const run = newRun([{} as PlannedStep], 0);
  expect(toTell(seen, null)).toBe(seen);
  expect(toTell(seen, run).changes).toEqual([gone]);
  expect(toTell(seen, withProgress(run, 0, { ...WAITING, state: 'done' })).changes).toEqual([]);
});
