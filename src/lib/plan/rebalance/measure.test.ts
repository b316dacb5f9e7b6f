import fc from 'fast-check';
import { expect, test } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, HOST_SHARES } from '../../plugin/columns.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import type { Move } from '../../plugin/scheduler.ts';
import { checkMoves } from '../check-moves.ts';
import { costAfter } from '../made/figures.ts';
import { withShares } from '../shares.ts';
import { aFleet } from '../testkit/a-fleet.ts';
import { costNow, imbalanceNow, openHosts, proposalOf, spreadOf } from './measure.ts';

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

test('a cap that could be taken back is an imbalance, though it costs what it always did; taken back, it is none', () => {
  const host = { room: [99, 1e6, 1e6, 8_000], safe: [99, 1e6, 1e6, 5_600], flags: HOST_ONLINE | HOST_SHARES };
  const capped = (other: number) =>
    someColumns(
      [host],
      [
        { on: 0, needs: [4, 1, 0, 2_000], share: [256, 200, 200, 4_000] },
        { on: 0, needs: [4, 1, 0, other] }
      ]
    );
  const weights = { ...DEFAULT_WEIGHTS, balance: 0 };
  const [busy, calm] = [capped(4_000), capped(1_000)];
  expect([costNow(calm, weights), costNow(busy, weights)]).toEqual([6.25, 11.25]);
  expect(imbalanceNow(busy, weights)).toBe(costNow(busy, weights));
  expect(imbalanceNow(calm, weights)).toBeCloseTo(6.25 + 6.25 - 0.1, 9);
  const free = [{ vm: 0, weight: 256, cap: null }];
  expect(imbalanceNow(withShares(calm, free), weights)).toBe(0);
  expect(proposalOf(calm, weights, [], free)).toEqual({ moves: 0, shares: 1, saves: 6.25, costs: 0.1 });
});
