// How a plugin's plans are asked for: its generator is pulled until it ends or the budget is used up, and what it yields goes out
// now and then.
import { placeByScore } from '../plan/place/by-score.ts';
import type { FleetView } from '../plugin/fleet-view.ts';
import type { Intent, Proposal, Scheduler } from '../plugin/scheduler.ts';
import { MAX_CAP, MAX_WEIGHT } from '../model/cpu-share.ts';
import { LIMITS, PROPOSAL_INTERVAL, SHARE_ROW } from './messages.ts';
import type { Moves } from './messages.ts';
import { Broken } from './words.ts';

/** @param send gets at most one each PROPOSAL_INTERVAL, and the last one in any case @throws Broken */
export function propose(scheduler: Scheduler, fleet: FleetView, intent: Intent, send: (moves: Moves) => void): void {
  const answer =
    scheduler.propose === undefined ? placeByScore(scheduler, fleet, intent) : scheduler.propose(fleet, intent);
  if (!isIterable(answer)) {
    send(movesOf(answer, fleet));
    return;
  }
  let waiting: Proposal | null = null;
  let sentAt = -Infinity;
  for (const proposal of answer) {
    const now = intent.elapsed();
    if (now - sentAt >= PROPOSAL_INTERVAL) {
      send(movesOf(proposal, fleet));
      sentAt = now;
      waiting = null;
    } else {
      waiting = proposal;
    }
    if (now >= intent.budget) break;
  }
  if (waiting !== null) send(movesOf(waiting, fleet));
}

/** @throws Broken that names the first move that cannot be */
function movesOf(proposal: Proposal, fleet: FleetView): Moves {
  const { moves, shares, note } = proposal as { readonly [Name in keyof Proposal]: unknown };
  if (!Array.isArray(moves)) throw new Broken('propose answered without a list of moves');
  if (moves.length > LIMITS.moves) {
    throw new Broken(`proposes ${moves.length} moves: at most ${LIMITS.moves} can be had`);
  }
  const [vms, hosts] = [new Int32Array(moves.length), new Int32Array(moves.length)];
  for (const [at, { vm, host }] of (moves as Proposal['moves']).entries()) {
    vms[at] = index(vm, fleet.vms, 'VM');
    hosts[at] = index(host, fleet.hosts, 'host');
  }
  return {
    vms,
    hosts,
    shares: sharesOf(shares, fleet),
    note: typeof note === 'string' ? note.slice(0, LIMITS.note) : ''
  };
}

/** @throws Broken that names the first share that cannot be */
function sharesOf(shares: unknown, fleet: FleetView): Int32Array {
  if (shares === undefined) return new Int32Array(0);
  if (!Array.isArray(shares)) throw new Broken('propose answered with shares that are no list');
  if (shares.length > LIMITS.shares) {
    throw new Broken(`proposes ${shares.length} shares: at most ${LIMITS.shares} can be had`);
  }
  const rows = new Int32Array(shares.length * SHARE_ROW);
  for (const [at, { vm, weight, cap }] of (shares as NonNullable<Proposal['shares']>).entries()) {
    const row = [
      index(vm, fleet.vms, 'VM', 'share'),
      whole(weight, MAX_WEIGHT, 'weight'),
      cap === null ? 0 : whole(cap, MAX_CAP, 'cap')
    ];
    rows.set(row, at * SHARE_ROW);
  }
  return rows;
}

function whole(value: unknown, most: number, what: string): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw new Broken(`proposes a share of ${what} ${String(value).slice(0, 40)}: it is 1 to ${most}`);
}

function index(value: unknown, count: number, what: string, of: 'move' | 'share' = 'move'): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < count) return value as number;
  throw new Broken(`proposes a ${of} of ${what} ${String(value).slice(0, 40)}: there are ${count}, counted from 0`);
}

const isIterable = (value: object): value is Iterable<Proposal> => Symbol.iterator in value;
