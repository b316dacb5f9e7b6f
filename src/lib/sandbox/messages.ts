// What is said over the port between the app and a plugin's worker. The app asks, one thing at a time; the worker answers. Nothing
// an answer says is believed before `answers.ts` has read it.
import type { Columns } from '../plugin/columns.ts';
import type { Config } from '../plugin/manifest.ts';
import type { Intent, Share } from '../plugin/scheduler.ts';
import type { Weights } from '../plugin/weights.ts';
import type { FleetChange } from './fleet-change.ts';
import type { Parcel } from './parcel.ts';

export const LIMITS = {
  /** Characters of a plugin's source, and bytes of the file. */
  source: 2 ** 20,
  /** Characters of a manifest as JSON. */
  manifest: 2 ** 16,
  /** Scores in one answer: VMs x hosts. */
  scores: 4_000_000,
  reasons: 200,
  reason: 200,
  moves: 200_000,
  shares: 200_000,
  note: 200,
  /** Lines of the console in one answer. */
  lines: 200,
  line: 500,
  /** Characters of what a plugin threw. */
  failure: 500
} as const;

/** Milliseconds between two proposals of one call; the last one comes in any case. */
export const PROPOSAL_INTERVAL = 100;

/** What a scheduler is told beside the fleet; the rest of its intent is made in the worker. */
export type Terms = { readonly config: Config; readonly weights: Weights; readonly seed: number };
export type RankTerms = Terms & {
  /** By index, in the order in which they are placed: each sees where those before it went. */
  readonly vms: Int32Array;
};
/** `budget` in milliseconds. */
export type ProposeTerms = Terms & Pick<Intent, 'kind' | 'place' | 'leave' | 'budget'>;

export type Ask =
  | { readonly ask: 'load'; readonly source: string }
  | { readonly ask: 'fleet'; readonly columns: Columns }
  | { readonly ask: 'change'; readonly change: FleetChange }
  | ({ readonly ask: 'rank' } & RankTerms)
  | ({ readonly ask: 'propose' } & ProposeTerms);

/** What the worker is asked: the same, a fleet as a parcel that the courier hands on. */
export type Asked = Exclude<Ask, { readonly ask: 'fleet' }> | { readonly ask: 'fleet'; readonly parcel: Parcel };

/** What a plugin wrote to its console in one call. */
export type Said = { readonly lines: readonly string[]; readonly dropped: number };

/** Which of the three functions a plugin has. */
export type Abilities = { readonly filter: boolean; readonly score: boolean; readonly propose: boolean };

/** Rows of hosts, one for each VM asked for. */
export type Ranking = {
  /** `vms x hosts`: 0 to 100; NaN where the VM may not be. */
  readonly scores: Float32Array;
  /** `vms x hosts`: 0 where it may be, else one more than the index of the reason. */
  readonly why: Uint16Array;
  readonly reasons: readonly string[];
  /** The host each VM was given, before the next one was ranked; -1: none. */
  readonly chosen: Int32Array;
};

/** VM `vms[i]` goes to host `hosts[i]`; `shares` are rows of VM, weight, and cap, 0: none. */
export type Moves = {
  readonly vms: Int32Array;
  readonly hosts: Int32Array;
  readonly shares: Int32Array;
  readonly note: string;
};
/** How wide a row of `Moves.shares` is. */
export const SHARE_ROW = 3;

export const sharesOf = (rows: Int32Array): readonly Share[] =>
  Array.from({ length: rows.length / SHARE_ROW }, (_, at) => {
    const [vm, weight, cap] = rows.subarray(at * SHARE_ROW, (at + 1) * SHARE_ROW);
    return { vm: vm!, weight: weight!, cap: cap === 0 ? null : cap! };
  });

/** `proposal` comes any number of times before the `done` of `propose`; all others once for what was asked. */
export type Answer =
  | { readonly is: 'loaded'; readonly manifest: string; readonly can: Abilities; readonly said: Said }
  | { readonly is: 'kept' }
  | ({ readonly is: 'ranked'; readonly said: Said } & Ranking)
  | ({ readonly is: 'proposal' } & Moves)
  | { readonly is: 'done'; readonly said: Said }
  | { readonly is: 'failed'; readonly reason: string; readonly said: Said };
