// What a plan is asked for: data that can be kept, compared and asked again. What was kept is read strictly.
import { HOST_ID, UUID } from '../../model/ids.ts';
import type { HostId, VmId } from '../../model/ids.ts';
import type { Config } from '../../plugin/manifest.ts';
import type { Resize } from '../fleet/survey.ts';
import { readPlannedShare } from './planned-share.ts';
import type { PlannedShare } from './planned-share.ts';
import { isList, isRecord, isText, numberIn } from './read.ts';

/** Which VMs may move. */
export type PlanScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'hosts'; readonly hosts: readonly HostId[] }
  /** In the search language. */
  | { readonly kind: 'query'; readonly query: string };

/** Those an operator asks for. */
export const PLAN_KINDS = ['rebalance', 'evacuate', 'place', 'resize', 'start'] as const;
/** `undo`: the way back from another plan, which no scheduler is asked for. */
const ALL_KINDS = [...PLAN_KINDS, 'undo'] as const;
export type PlanKind = (typeof ALL_KINDS)[number];

/** One change of a fleet that is imagined: what would be if. */
export type BranchChange =
  | { readonly what: 'drain' | 'lose'; readonly host: HostId }
  | { readonly what: 'lose-site'; readonly site: string }
  | { readonly what: 'add-hosts'; readonly like: HostId; readonly count: number }
  | { readonly what: 'add-vms'; readonly like: VmId; readonly count: number }
  | { readonly what: 'busier'; readonly factor: number };

/** `image`: what they are made from; null: it is chosen when they are made. */
export type Wanted = { readonly like: VmId; readonly count: number; readonly image: string | null };

export type MoveBack = { readonly vm: VmId; readonly to: HostId };
/** `of`: id of the plan that is undone. */
export type Back = {
  readonly of: string;
  readonly moves: readonly MoveBack[];
  readonly shares: readonly PlannedShare[];
};

export type PlanRequest = {
  readonly scope: PlanScope;
  readonly kind: PlanKind;
  /** Hosts to be emptied, of `evacuate`. */
  readonly leave: readonly HostId[];
  /** Of `evacuate`: VMs that are off go from these hosts too. */
  readonly off: boolean;
  /** New VMs, of `place`. */
  readonly wanted: Wanted | null;
  /** Of `undo`, beside `resizes`. */
  readonly back: Back | null;
  /** Sizes that VMs are to have, of `resize` and `undo`; in the order in which room is found for them, as `starts`. */
  readonly resizes: readonly Resize[];
  /** VMs that are off, of `start`. */
  readonly starts: readonly VmId[];
  /** Ids of plugins; several are compared, and one of their plans is chosen. */
  readonly schedulers: readonly string[];
  /** Settings of plugins that differ from what the operator set for all plans. */
  readonly configs: Readonly<Record<string, Config>>;
  /** Milliseconds for each scheduler. */
  readonly budget: number;
  readonly seed: number;
  readonly branch: readonly BranchChange[];
};

export const BUDGETS = [1_000, 5_000, 30_000] as const;
export const MOST = {
  hosts: 5_000,
  schedulers: 20,
  changes: 50,
  count: 1_000,
  factor: 100,
  resizes: 100,
  starts: 1_000,
  moves: 200_000
} as const;
export const NEW_REQUEST: PlanRequest = {
  scope: { kind: 'all' },
  kind: 'rebalance',
  leave: [],
  off: false,
  wanted: null,
  back: null,
  resizes: [],
  starts: [],
  schedulers: [],
  configs: {},
  budget: 5_000,
  seed: 1,
  branch: []
};

const QUERY_MAX = 500;
const PLUGIN_ID = /^[a-z][a-z0-9-]{0,39}$/;

/** Changes that exist only in the mind: no plan made on them can be carried out. */
export const imagined = (branch: readonly BranchChange[]): readonly BranchChange[] =>
  branch.filter(({ what }) => what !== 'drain' && what !== 'busier');

/** Null: not what this version keeps. */
export function readRequest(value: unknown): PlanRequest | null {
  if (!isRecord(value)) return null;
  // Plans that were kept before there were resizes, starts and moves of what is off have none.
  const {
    kind,
    leave,
    off = false,
    wanted,
    back = null,
    resizes = [],
    starts = [],
    schedulers,
    budget,
    seed,
    branch
  } = value;
  const scope = readScope(value.scope);
  const configs = readConfigs(value.configs);
  const changes = isList(branch, MOST.changes) ? branch.map(readChange) : [null];
  const kindRead = ALL_KINDS.find((one) => one === kind);
  if (scope === null || configs === null || kindRead === undefined) return null;
  if (!isList(leave, MOST.hosts) || !leave.every(isHostId) || typeof off !== 'boolean') return null;
  if (
    !isList(resizes, kind === 'undo' ? MOST.moves : MOST.resizes) ||
    !resizes.every(isResize) ||
    twice(resizes.map(({ vm }) => vm))
  )
    return null;
  if (!isList(starts, MOST.starts) || !starts.every(isVmId) || twice(starts)) return null;
  if (!isList(schedulers, MOST.schedulers) || !schedulers.every(isPluginId)) return null;
  const read = changes.filter((change) => change !== null);
  if (read.length < changes.length || !numberIn(budget, 1, 600_000) || !numberIn(seed, 0, 2 ** 32 - 1)) return null;
  const like = wanted === null ? null : readWanted(wanted);
  const way = back === null ? null : readBack(back);
  if (like === undefined || way === undefined || (kind === 'undo') !== (way !== null)) return null;
  return {
    ...{ scope, kind: kindRead, leave, off, wanted: like, back: way, resizes, starts },
    ...{ schedulers, configs, budget, seed, branch: read }
  };
}

function readScope(value: unknown): PlanScope | null {
  if (!isRecord(value)) return null;
  const { kind, site, hosts, query } = value;
  if (kind === 'all') return { kind };
  if (kind === 'site' && isText(site, 200)) return { kind, site };
  if (kind === 'query' && isText(query, QUERY_MAX)) return { kind, query };
  return kind === 'hosts' && isList(hosts, MOST.hosts) && hosts.every(isHostId) ? { kind, hosts } : null;
}

function readWanted(value: unknown): PlanRequest['wanted'] | undefined {
  if (!isRecord(value) || !isVmId(value.like) || !isCount(value.count)) return undefined;
  const { like, count, image = null } = value;
  return image === null || isText(image, 200) ? { like, count, image } : undefined;
}

function readBack(value: unknown): Back | undefined {
  if (!isRecord(value) || !isText(value.of, 40) || !isList(value.moves, MOST.moves)) return undefined;
  // Those that were kept before there were shares have none.
  const { of, moves, shares = [] } = value;
  const read = isList(shares, MOST.moves) ? shares.map(readPlannedShare) : [null];
  const all = read.filter((share) => share !== null);
  return moves.every(isMoveBack) && all.length === read.length ? { of, moves, shares: all } : undefined;
}

function readChange(value: unknown): BranchChange | null {
  if (!isRecord(value)) return null;
  const { what, host, site, like, count, factor } = value;
  if ((what === 'drain' || what === 'lose') && isHostId(host)) return { what, host };
  if (what === 'lose-site' && isText(site, 200)) return { what, site };
  if (what === 'add-hosts' && isHostId(like) && isCount(count)) return { what, like, count };
  if (what === 'add-vms' && isVmId(like) && isCount(count)) return { what, like, count };
  return what === 'busier' && numberIn(factor, 0, MOST.factor) ? { what, factor } : null;
}

function readConfigs(value: unknown): PlanRequest['configs'] | null {
  if (!isRecord(value)) return null;
  const good = (config: unknown): boolean =>
    isRecord(config) &&
    Object.keys(config).length <= 100 &&
    Object.values(config).every((one) => ['number', 'boolean'].includes(typeof one) || isText(one, 1_000));
  const entries = Object.entries(value);
  return entries.length <= MOST.schedulers && entries.every(([id, config]) => isPluginId(id) && good(config))
    ? (value as PlanRequest['configs'])
    : null;
}

export const isHostId = (value: unknown): value is HostId => typeof value === 'string' && HOST_ID.test(value);
const isVmId = (value: unknown): value is VmId => typeof value === 'string' && UUID.test(value);
const isPluginId = (value: unknown): value is string => typeof value === 'string' && PLUGIN_ID.test(value);
const isResize = (value: unknown): value is Resize =>
  isRecord(value) && isVmId(value.vm) && isSize(value.vcpus, 4_096) && isSize(value.memory, 2 ** 33);
const isMoveBack = (value: unknown): value is MoveBack => isRecord(value) && isVmId(value.vm) && isHostId(value.to);
const isSize = (value: unknown, most: number): boolean => numberIn(value, 1, most) && Number.isInteger(value);
const twice = (ids: readonly VmId[]): boolean => new Set(ids).size < ids.length;
const isCount = (value: unknown): value is number => numberIn(value, 1, MOST.count) && Number.isInteger(value);
