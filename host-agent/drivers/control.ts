// How an operator keeps hold of a change that takes long: it tells how far it is, and ends early when that is wanted.
import type { Progress, ProgressStage } from '../../src/lib/model/fleet.ts';
import type { FaultDetail } from '../../src/lib/model/fault.ts';
import { percent } from '../../src/lib/model/units.ts';
import type { Percent } from '../../src/lib/model/units.ts';

export type Control = {
  /** Aborted with the label of the operator who cancels. A driver that obeys ends as refused, `cancelled`. */
  readonly signal: AbortSignal;
  /** `share`: how much of the stage is done, 0 to 1; null where that cannot be known. */
  readonly progress: (stage: ProgressStage, share?: number | null, sent?: Sent) => void;
};

/** How a VM that moves comes along: bytes still to be sent, how many go in a second, which time over; null where that is not known. */
export type Sent = Pick<Progress, 'remaining' | 'rate' | 'pass'>;

/** Nobody looks, and nobody cancels. */
export const UNATTENDED: Control = { signal: new AbortController().signal, progress: () => undefined };

/** @param left what is not as it was before; empty: everything is */
export const cancelledBy = (signal: AbortSignal, left: string): FaultDetail<'cancelled'> => ({
  by: typeof signal.reason === 'string' ? signal.reason : 'an operator',
  left
});

/** Whole percent of a share; null for null. */
export const wholePercent = (share: number | null): Percent | null =>
  share === null ? null : percent(Math.floor(100 * share));
