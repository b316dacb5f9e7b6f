// Load over time as a sparkline takes it: the samples of which anything is known, thinned to a few values. Pure.
import type { HostLoad } from '#lib/model/fleet.ts';
import { percent } from '#lib/model/units.ts';
import type { BytesPerSecond, Mib, Millis } from '#lib/model/units.ts';
import type { LoadSeries } from './series.ts';

export type Sample = HostLoad;
/** A young chart is empty on the left, instead of two samples drawn as wide as the whole: two minutes of what hosts remember. */
const FEWEST = 12;
/** A gap longer than this is drawn as one, if steps are not longer themselves. */
const GAP = 15_000 as Millis;

/** The steps of which anything is known. */
export const samplesOf = (series: LoadSeries): readonly Sample[] =>
  Array.from(series.at).flatMap((at, index): Sample[] => {
    const sample: Sample = {
      at: at as Millis,
      cpu: ((value) => (value === null ? null : percent(value)))(series.cpu[index] ?? null),
      memoryUsed: (series.memoryUsed[index] ?? null) as Mib | null,
      diskRead: (series.diskRead[index] ?? null) as BytesPerSecond | null,
      diskWrite: (series.diskWrite[index] ?? null) as BytesPerSecond | null,
      netReceive: (series.netReceive[index] ?? null) as BytesPerSecond | null,
      netTransmit: (series.netTransmit[index] ?? null) as BytesPerSecond | null
    };
    return Object.entries(sample).some(([name, value]) => name !== 'at' && value !== null) ? [sample] : [];
  });

/**
 * One figure for a sparkline: `FEWEST` to about `points` values (each the mean of its span), with a null where nothing is known
 * for longer than `GAP` (or than the samples are apart).
 */
export function series(
  samples: readonly Sample[],
  figure: (sample: Sample) => number | null,
  points = 120
): readonly (number | null)[] {
  const values: (number | null)[] = [];
  const span = Math.max(1, Math.ceil(samples.length / points));
  const apart = samples
    .slice(1)
    .reduce((least, { at }, index) => Math.min(least, at - (samples[index]?.at ?? 0)), Infinity);
  const gap = Math.max(GAP, Number.isFinite(apart) ? apart : 0);
  for (let from = 0; from < samples.length; from += span) {
    const first = samples[from];
    const before = samples[from - 1];
    if (first && before && first.at - before.at > gap) values.push(null);
    const known = samples.slice(from, from + span).flatMap((sample) => figure(sample) ?? []);
    values.push(known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  return [...Array<null>(Math.max(0, FEWEST - values.length)).fill(null), ...values];
}
