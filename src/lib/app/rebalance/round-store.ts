// What the rebalance loop saw and decided, round by round, and where it stands: in a store of their own, so that whichever tab leads
// goes on where another stopped. Where the browser refuses that, they last as long as the tab.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { isList, isRecord, isText, numberIn } from '#lib/plan/made/read.ts';
import { FRESH, HINDRANCES, type Decision, type LoopState, type Proposal } from '#lib/plan/rebalance/decide.ts';
import type { Spread } from '#lib/plan/rebalance/measure.ts';

export type Round = {
  /** Ms since 1970. */
  readonly at: number;
  readonly cost: number;
  readonly spread: Spread;
  /** What was found; null: nothing, or nothing was looked for. */
  readonly found: Proposal | null;
  readonly decision: Decision;
  /** Id of the plan that was made of it. */
  readonly plan: string | null;
};
/** @param plan that waits for the operator, or runs */
export type Kept = { readonly state: LoopState; readonly plan: string | null };

/** A day and a half at 30 s. */
export const MOST_ROUNDS = 4_000;
const MOST_RUNS = 10_000;

interface Schema extends DBSchema {
  rounds: { key: number; value: unknown };
  state: { key: string; value: unknown };
}

export class RoundStore {
  readonly #db: IDBPDatabase<Schema> | null;

  private constructor(db: IDBPDatabase<Schema> | null) {
    this.#db = db;
  }

  /** Never rejects, as none of this. */
  static async open(): Promise<RoundStore> {
    try {
      const db = await openDB<Schema>('smps-rebalance', 1, {
        upgrade: (fresh) => {
          fresh.createObjectStore('rounds', { autoIncrement: true });
          fresh.createObjectStore('state');
        }
      });
      return new RoundStore(db);
    } catch {
      return new RoundStore(null);
    }
  }

  /** Oldest first; what cannot be read any more is left out. */
  async rounds(): Promise<readonly Round[]> {
    const kept = (await this.#db?.getAll('rounds').catch(() => [])) ?? [];
    return kept.flatMap((value) => readRound(value) ?? []);
  }

  async kept(): Promise<Kept> {
    const value = await this.#db?.get('state', 'state').catch(() => undefined);
    return readKept(value) ?? { state: FRESH, plan: null };
  }

  async put(round: Round | null, kept: Kept): Promise<void> {
    try {
      if (round !== null) {
        const key = await this.#db?.add('rounds', round);
        if (key !== undefined && key > MOST_ROUNDS)
          await this.#db?.delete('rounds', IDBKeyRange.upperBound(key - MOST_ROUNDS));
      }
      await this.#db?.put('state', kept, 'state');
    } catch {
      // It goes on without.
    }
  }
}

/** Null: not what this version keeps. */
export function readRound(value: unknown): Round | null {
  if (!isRecord(value) || !isRecord(value.spread)) return null;
  const { at, cost, spread, found, plan } = value;
  const decision = readDecision(value.decision);
  if (!numberIn(at, 0, 1e15) || !numberIn(cost, 0, 1e12) || decision === null) return null;
  if (!numberIn(spread.cpu, 0, 1e6) || !numberIn(spread.memory, 0, 1e6)) return null;
  const read = found === null ? null : readProposal(found);
  if (read === null && found !== null) return null;
  return plan === null || isText(plan, 40) ? ({ ...value, found: read } as Round) : null;
}

/** Null: not what this version keeps. */
export function readKept(value: unknown): Kept | null {
  if (!isRecord(value) || !isRecord(value.state) || !(value.plan === null || isText(value.plan, 40))) return null;
  const { held, settled, coolUntil, standing, runs, hosts } = value.state;
  const figures = [held, coolUntil, hosts].every((figure) => numberIn(figure, 0, 1e15));
  const isSettled = settled === null || settled === 'next' || numberIn(settled, 0, 1e12);
  const good = isList(runs, MOST_RUNS) && runs.every((run) => isRecord(run) && isRun(run));
  return figures && isSettled && good && typeof standing === 'boolean' ? (value as Kept) : null;
}

const isRun = ({ at, moves }: Record<string, unknown>): boolean => numberIn(at, 0, 1e15) && numberIn(moves, 0, 1e6);

function readProposal(value: unknown): Proposal | null {
  if (!isRecord(value)) return null;
  // Rounds that were kept before there were shares found none.
  const { moves, shares = 0, saves, costs } = value;
  const counts = numberIn(moves, 0, 1e6) && numberIn(shares, 0, 1e6);
  return counts && numberIn(saves, -1e12, 1e12) && numberIn(costs, 0, 1e12) ? { moves, shares, saves, costs } : null;
}

function readDecision(value: unknown): Decision | null {
  if (!isRecord(value)) return null;
  switch (value.is) {
    case 'hindered':
      return HINDRANCES.some((one) => one === value.by) ? (value as Decision) : null;
    case 'cooling':
      return numberIn(value.until, 0, 1e15) ? (value as Decision) : null;
    case 'holds':
      return numberIn(value.rounds, 1, 100) && numberIn(value.of, 1, 100) ? (value as Decision) : null;
    case 'propose':
      return ['level', 'quiet-hours', 'moves-per-hour'].some((one) => one === value.because)
        ? (value as Decision)
        : null;
    case 'balanced':
    case 'settled':
    case 'standing':
    case 'gone':
    case 'no-better':
    case 'too-dear':
    case 'run':
      return { is: value.is };
    default:
      return null;
  }
}
