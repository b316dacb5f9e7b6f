// The six steps of the load ramp (tokens `--load-0` … `--load-5`).
import type { Percent } from '#lib/model/units.ts';

type Step = 0 | 1 | 2 | 3 | 4 | 5;

const step = (load: Percent): Step => Math.min(5, Math.floor(load / (100 / 6))) as Step;

/** 0..5 for 0..100 %; null for an absent figure, which is drawn hatched, never as idle. */
export const loadStep = (load: Percent | null): Step | null => (load === null ? null : step(load));

/** For a thin bar, whose length already says how little it is: never so pale that it cannot be seen. */
export const barStep = (load: Percent): Step => Math.max(2, step(load)) as Step;
