import { expect, it } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import type { Intent, Scheduler } from '../../plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { checkMoves } from '../check-moves.ts';
import { placeByScore } from './by-score.ts';

const manifest = { id: 'last', version: '1.0.0', api: 1, title: 'Last', description: 'The last host.' };
const last: Scheduler = { manifest, local: true, score: (_vm, host) => host };
const intent: Intent = {
  kind: 'evacuate',
  place: [3],
  leave: [2],
  weights: DEFAULT_WEIGHTS,
  config: {},
  budget: 1_000,
  elapsed: () => 0,
  random: () => 0,
  seed: 1
};

it('places what is new and what has to leave by score, never on a host to be emptied, and says how many find none', () => {
  const columns = someColumns(
    [{ room: [9, 4] }, { room: [9, 6] }, {}],
    [
      { on: 2, needs: [1, 4] },
      { on: 2, needs: [1, 3] },
      { on: 2, needs: [1, 9] },
      { on: -1, needs: [1, 2] }
    ]
  );
  const { moves, note } = placeByScore(last, new FleetView(columns), intent);
  expect(moves).toEqual([
    { vm: 0, host: 1 },
    { vm: 1, host: 0 },
    { vm: 3, host: 1 }
  ]);
  expect(note).toBe('1 VMs find no host');
  expect(checkMoves(columns, moves)).toEqual([]);
});
