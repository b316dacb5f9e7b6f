// For tests: an intent with time enough, or what a test says instead.
import type { Intent, Scheduler } from '../../src/lib/plugin/index.ts';
import { DEFAULT_WEIGHTS, configOf } from '../../src/lib/plugin/index.ts';

export const anIntent = ({ manifest }: Scheduler, other: Partial<Intent> = {}): Intent => ({
  ...{ kind: 'rebalance', place: [], leave: [], weights: DEFAULT_WEIGHTS, config: configOf(manifest), budget: 1000 },
  ...{ elapsed: () => 0, random: () => 0.5, seed: 1 },
  ...other
});
