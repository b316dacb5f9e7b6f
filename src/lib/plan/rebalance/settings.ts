// How the rebalance loop of this browser works, kept over reloads: text of this browser's store, read strictly.
import { isRecord, numberIn } from '../made/read.ts';

export const LEVELS = ['off', 'advise', 'ask', 'act'] as const;
/** `advise`: says what would help. `ask`: has a plan that waits for approval. `act`: approves and runs it, within its limits. */
export type Level = (typeof LEVELS)[number];

export type RebalanceSettings = {
  readonly level: Level;
  /** Ms from one round to the next. 30 s: loads are averages over ten minutes. */
  readonly every: number;
  /** Rounds in a row in which moving must pay. 3. */
  readonly rounds: number;
  /** Points a plan must save at least, and by which an imbalance must grow to be one again. 5: a twentieth of a host's CPUs overloaded. */
  readonly least: number;
  /** How many times what its moves cost a plan must save. 2. */
  readonly factor: number;
  /** Ms after a run in which nothing is proposed. Ten minutes: so long the averages take to follow. */
  readonly coolDown: number;
  /** Moves an hour that are begun unasked. 20. */
  readonly movesPerHour: number;
  /** Local times between which nothing is moved unasked, as minutes of the day; null: none. May go over midnight. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
};

export const DEFAULT_REBALANCE: RebalanceSettings = {
  level: 'off',
  every: 30_000,
  rounds: 3,
  least: 5,
  factor: 2,
  coolDown: 600_000,
  movesPerHour: 20,
  quiet: null
};

/** What each figure may be. */
export const RANGES = {
  every: [1_000, 3_600_000],
  rounds: [1, 100],
  least: [0.1, 10_000],
  factor: [1, 100],
  coolDown: [0, 86_400_000],
  movesPerHour: [0, 10_000]
} as const;
const WHOLE = ['rounds', 'movesPerHour'] as const;
const DAY = 1_440;

/** What cannot be read is as usual, that is: off. */
export function readRebalance(text: string | null): RebalanceSettings {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    // as if there were none
  }
  if (!isRecord(kept)) return DEFAULT_REBALANCE;
  const level = LEVELS.find((one) => one === (kept as { level?: unknown }).level);
  const figures = Object.entries(RANGES);
  const { quiet } = kept;
  if (level === undefined || !figures.every(([name, [least, most]]) => numberIn(kept[name], least, most))) {
    return DEFAULT_REBALANCE;
  }
  if (!WHOLE.every((name) => Number.isInteger(kept[name]))) return DEFAULT_REBALANCE;
  if (quiet !== null && !(isRecord(quiet) && isMinute(quiet.from) && isMinute(quiet.to))) return DEFAULT_REBALANCE;
  const read = Object.fromEntries(figures.map(([name]) => [name, kept[name]])) as Record<keyof typeof RANGES, number>;
  return { level, ...read, quiet: quiet as RebalanceSettings['quiet'] };
}

const isMinute = (value: unknown): value is number => numberIn(value, 0, DAY - 1) && Number.isInteger(value);

/** @param minute of the day, local */
export function isQuiet({ quiet }: Pick<RebalanceSettings, 'quiet'>, minute: number): boolean {
  if (quiet === null) return false;
  const { from, to } = quiet;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Of the day at this place, as quiet hours are meant. @param at ms since the epoch */
export function minuteOfDay(at: number): number {
  const date = new Date(at);
  return date.getHours() * 60 + date.getMinutes();
}
