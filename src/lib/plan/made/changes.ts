// What became of a plan's ground since it was made: seen at the VMs and hosts it moves.
import { HOST_MAINTENANCE, HOST_ONLINE, MEMORY, VCPUS, VM_MOVABLE, WIDTH, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Move, Share } from '../../plugin/scheduler.ts';
import { checkMoves } from '../check-moves.ts';
import type { Violation } from '../check-moves.ts';
import { checkShares } from '../check-shares.ts';
import { sameShare } from '../../model/cpu-share.ts';
import { isRecord, isText } from './read.ts';
import { movesIn } from './planned-move.ts';
import type { PlannedMove } from './planned-move.ts';
import { shareIn, sharesIn } from './planned-share.ts';
import type { PlannedShare } from './planned-share.ts';
import type { Run } from './progress.ts';

/** `arrived`: it is where it should go. `host` is a name. */
export type Change =
  | { readonly kind: 'vm-gone' | 'vm-held' | 'vm-resized' | 'vm-shared'; readonly vm: string }
  | { readonly kind: 'vm-moved' | 'arrived'; readonly vm: string; readonly host: string }
  | { readonly kind: 'host-gone' | 'host-offline' | 'host-maintenance'; readonly host: string };

const OF_VM = ['vm-gone', 'vm-held', 'vm-resized', 'vm-shared'] as const;
const OF_BOTH = ['vm-moved', 'arrived'] as const;
const OF_HOST = ['host-gone', 'host-offline', 'host-maintenance'] as const;

/** Undefined: not what this version keeps. */
export function readChange(value: unknown): Change | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, vm, host } = value;
  const [ofVm, ofBoth, ofHost] = [OF_VM, OF_BOTH, OF_HOST].map((kinds) => kinds.some((one) => one === kind));
  const named = (ofVm || ofBoth ? isText(vm, 200) : true) && (ofHost || ofBoth ? isText(host, 200) : true);
  return (ofVm || ofBoth || ofHost) && named ? (value as Change) : undefined;
}

export type Recheck = {
  readonly changes: readonly Change[];
  /** Moves that are left, in the columns given; of each its index in the plan. */
  readonly left: readonly { readonly move: Move; readonly of: number }[];
  /** Shares that are left, likewise. */
  readonly leftShares: readonly { readonly share: Share; readonly of: number }[];
  /** Why those cannot be done together any more; empty when they can. */
  readonly violations: readonly Violation[];
};

/** What is to be told of it: of a plan that runs, what has arrived is no change, and nothing is when all of it is done. */
export function toTell(seen: Recheck, run: Run | null): Recheck {
  if (run === null) return seen;
  if (run.progress.every(({ state }) => state === 'done')) return { ...seen, changes: [], violations: [] };
  return { ...seen, changes: seen.changes.filter(({ kind }) => kind !== 'arrived') };
}

/** @param columns of the newest fleet, with what the plan imagines */
export function recheck(
  columns: Columns,
  planned: readonly PlannedMove[],
  shares: readonly PlannedShare[] = []
): Recheck {
  const changes = new Map<string, Change>();
  const left: { move: Move; of: number }[] = [];
  for (const [of, move] of movesIn(columns, planned).entries()) {
    const was = planned[of]!;
    const stops = [vmChange(columns, was, move), hostChange(columns, was, move)].filter((one) => one !== null);
    for (const change of stops) changes.set(JSON.stringify(change), change);
    if (stops.length === 0 || stops.every(({ kind }) => kind === 'vm-resized')) left.push({ move, of });
  }
  const leftShares: { share: Share; of: number }[] = [];
  for (const [of, share] of sharesIn(columns, shares).entries()) {
    const { name, to, was } = shares[of]!;
    const now = share.vm < 0 ? null : shareIn(columns, share.vm);
    // Of one that has it already nothing is left to do.
    if (sameShare(now, to)) continue;
    const kind = share.vm < 0 ? 'vm-gone' : sameShare(now, was) ? null : 'vm-shared';
    if (kind === null) leftShares.push({ share, of });
    else changes.set(`${kind} ${name}`, { kind, vm: name });
  }
  const moves = left.map(({ move }) => move);
  const shared = leftShares.map(({ share }) => share);
  return {
    changes: [...changes.values()],
    left,
    leftShares,
    violations: [...checkMoves(columns, moves), ...checkShares(columns, moves, shared)]
  };
}

function vmChange(columns: Columns, was: PlannedMove, { vm, host }: Move): Change | null {
  const { name } = was;
  if (vm < 0) return { kind: 'vm-gone', vm: name };
  const home = columns.vmHost[vm]!;
  if (home >= 0 && home === host) return { kind: 'arrived', vm: name, host: was.toName };
  const at = home < 0 ? '' : textAt(columns.hostId, home);
  if (at !== was.from) return { kind: 'vm-moved', vm: name, host: home < 0 ? '' : textAt(columns.hostName, home) };
  if ((columns.vmFlags[vm]! & VM_MOVABLE) === 0) return { kind: 'vm-held', vm: name };
  const [vcpus, memory] = [columns.demand[vm * WIDTH + VCPUS]!, columns.demand[vm * WIDTH + MEMORY]!];
  return vcpus === was.vcpus && memory === was.memory ? null : { kind: 'vm-resized', vm: name };
}

function hostChange({ hostFlags }: Columns, { toName }: PlannedMove, { host }: Move): Change | null {
  if (host < 0) return { kind: 'host-gone', host: toName };
  const flags = hostFlags[host]!;
  if ((flags & HOST_ONLINE) === 0) return { kind: 'host-offline', host: toName };
  return (flags & HOST_MAINTENANCE) === 0 ? null : { kind: 'host-maintenance', host: toName };
}
