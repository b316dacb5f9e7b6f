// How an approved plan is run: how many moves at once, and how each of them goes.
import { MOST_BANDWIDTH } from '../../model/move.ts';
import { isRecord, numberIn } from './read.ts';

export type RunOptions = {
  /** Moves at once, of all hosts; and moves or other steps that one host takes part in, as source or target. 1 and up. */
  readonly moves: number;
  readonly perHost: number;
  /** MiB per second for each move; null: as fast as it goes. */
  readonly bandwidth: number | null;
  /** A guest that writes faster than can be copied is slowed down. */
  readonly autoConverge: boolean;
};

export const DEFAULT_RUN: RunOptions = { moves: 2, perHost: 1, bandwidth: null, autoConverge: true };
export const MOST_AT_ONCE = { moves: 50, perHost: 10, bandwidth: MOST_BANDWIDTH } as const;

const countIn = (value: unknown, most: number): value is number => numberIn(value, 1, most) && Number.isInteger(value);

/** Null: not what this version keeps. */
export function readRunOptions(value: unknown): RunOptions | null {
  if (!isRecord(value)) return null;
  const { moves, perHost, bandwidth, autoConverge } = value;
  if (!countIn(moves, MOST_AT_ONCE.moves) || !countIn(perHost, MOST_AT_ONCE.perHost)) return null;
  if (bandwidth !== null && !countIn(bandwidth, MOST_AT_ONCE.bandwidth)) return null;
  return typeof autoConverge === 'boolean' ? { moves, perHost, bandwidth, autoConverge } : null;
}
