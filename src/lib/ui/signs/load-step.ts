// The six steps of the load ramp (tokens `--load-0` … `--load-5`).
import type { Percent } from '#lib/model/units.ts';

/** 0..5 for 0..100 %; null for an absent figure, which is drawn hatched, never as idle. */
export const loadStep = (load: Percent | null): 0 | 1 | 2 | 3 | 4 | 5 | null =>
  load === null ? null : (Math.min(5, Math.floor(load / (100 / 6))) as 0 | 1 | 2 | 3 | 4 | 5);
