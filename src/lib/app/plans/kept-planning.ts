// The operator's weights and settings of plans, kept over reloads: text of this browser's store, read strictly.
import { DEFAULT_SETTINGS, type PlanSettings } from '#lib/plan/fleet/settings.ts';
import { readWeights } from '#lib/plan/made/plan.ts';
import { isRecord, numberIn } from '#lib/plan/made/read.ts';
import { DEFAULT_WEIGHTS, type Weights } from '#lib/plugin/weights.ts';

export type KeptPlanning = { readonly weights: Weights; readonly settings: PlanSettings };

const SHARES = ['cpu', 'memory', 'diskIo', 'net'] as const;
/** The most each figure may be. */
const MOST = {
  overcommit: 64,
  reserveShare: 0.9,
  reserveMib: 1e7,
  diskIo: 1e9,
  net: 1e9,
  assumedCpu: 1,
  idleWatts: 1e5
};

export const printPlanning = ({ weights, settings }: KeptPlanning): string => JSON.stringify({ weights, settings });

/** What cannot be read is as usual. */
export function readPlanning(text: string | null): KeptPlanning {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    // as if there were none
  }
  const { weights, settings } = isRecord(kept) ? kept : {};
  return { weights: readWeights(weights) ?? DEFAULT_WEIGHTS, settings: readSettings(settings) ?? DEFAULT_SETTINGS };
}

function readSettings(value: unknown): PlanSettings | null {
  if (!isRecord(value) || !isRecord(value.safety)) return null;
  const { safety } = value;
  const figures = Object.entries(MOST);
  if (!figures.every(([name, most]) => numberIn(value[name], 0, most))) return null;
  if (!SHARES.every((name) => numberIn(safety[name], 0, 1))) return null;
  return {
    ...(Object.fromEntries(figures.map(([name]) => [name, value[name]])) as Record<keyof typeof MOST, number>),
    safety: Object.fromEntries(SHARES.map((name) => [name, safety[name]])) as PlanSettings['safety']
  };
}
