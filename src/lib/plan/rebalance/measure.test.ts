import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOST_MAINTENANCE, HOST_ONLINE } from '../../plugin/columns.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import type { Move } from '../../plugin/scheduler.ts';
import { checkMoves } from '../check-moves.ts';
import { costAfter } from '../made/figures.ts';
import { aFleet } from '../testkit/a-fleet.ts';
import { costNow, openHosts, proposalOf, spreadOf } from './measure.ts';

const columns = aFleet({ hosts: 6, vms: 40, seed: 3, full: 0.9 });
const moves = fc
  .array(fc.record({ vm: fc.nat(39), host: fc.nat(5) }), { maxLength: 8 })
  .map((all) => all.filter((one, at) => all.findIndex(({ vm }) => vm === one.vm) === at))
  .map((all) =>
    all.reduce<Move[]>((good, move) => (checkMoves(columns, [...good, move]).length === 0 ? [...good, move] : good), [])
  );

test('no plan saves more than the placement costs: where that is little, none has to be looked for', () => {
  fc.assert(
    fc.property(moves, (all) => {
      const now = costNow(columns, DEFAULT_WEIGHTS);
      const { saves, costs } = proposalOf(columns, DEFAULT_WEIGHTS, all);
      expect(saves).toBeLessThanOrEqual(now + 1e-9);
      expect(now - saves + costs).toBeCloseTo(costAfter(columns, DEFAULT_WEIGHTS, all), 6);
    })
  );
});

test('the spread is between the fullest and the emptiest host that VMs can move between', () => {
  const hostFlags = columns.hostFlags.map((_, host) => (host < 2 ? HOST_ONLINE : HOST_ONLINE | HOST_MAINTENANCE));
  expect(openHosts({ ...columns, hostFlags })).toEqual([0, 1]);
  const { cpu, memory } = spreadOf(columns);
  for (const between of [cpu, memory]) expect(between).toBeGreaterThan(0);
  expect(spreadOf({ ...columns, hostFlags: hostFlags.fill(0) })).toEqual({ cpu: 0, memory: 0 });
});
