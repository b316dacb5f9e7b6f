// A step by names instead of indices: what is approved, run, and found again after a reload.
import { MEMORY, VCPUS, WIDTH, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { CpuShare } from '../../model/cpu-share.ts';
import type { Ordered, Step } from '../steps/order.ts';
import { NO_SIZE } from '../steps/occupancy.ts';
import type { Before } from '../steps/occupancy.ts';
import { keyOfVm } from './planned-move.ts';
import { readShare, shareIn } from './planned-share.ts';
import { isList, isRecord, isText, numberIn } from './read.ts';

export const STEP_KINDS = ['move', 'place', 'resize', 'start', 'share'] as const;
/** Times in seconds from the beginning, estimated. */
export type PlannedStep = {
  readonly kind: Step['kind'];
  /** As `PlannedMove.vm`: the same for all steps of a VM. */
  readonly vm: string;
  readonly name: string;
  /** Id and name of the host it leaves; empty but for a move. */
  readonly from: string;
  readonly fromName: string;
  /** Where it is afterwards. */
  readonly host: string;
  readonly hostName: string;
  /** The size it has afterwards; memory in MiB. */
  readonly vcpus: number;
  readonly memory: number;
  /** The size it had before, of a resize that was planned since that is kept; else 0. */
  readonly wasVcpus: number;
  readonly wasMemory: number;
  /** The share of the CPUs it has afterwards, and the one it had before; null but for a share. */
  readonly share: { readonly to: CpuShare; readonly was: CpuShare } | null;
  /** MiB that are copied; 0 where nothing is. */
  readonly mib: number;
  readonly detour: boolean;
  readonly begins: number;
  readonly takes: number;
  /** Steps by index that have to be done before; all of them come before it. */
  readonly after: readonly number[];
};

export const MOST_STEPS = 200_000;

/** @param before sizes of the VMs that are resized, before it */
export const plannedSteps = (
  columns: Columns,
  { steps }: Pick<Ordered, 'steps'>,
  before: Before
): readonly PlannedStep[] =>
  steps.map((step): PlannedStep => {
    const was = (step.kind === 'resize' ? before.get(step.vm) : undefined) ?? NO_SIZE;
    const [host, from] = ['on' in step ? step.on : step.to, step.kind === 'move' ? step.from : -1];
    return {
      kind: step.kind,
      vm: keyOfVm(columns, step.vm),
      name: textAt(columns.vmName, step.vm),
      from: from < 0 ? '' : textAt(columns.hostId, from),
      fromName: from < 0 ? '' : textAt(columns.hostName, from),
      host: textAt(columns.hostId, host),
      hostName: textAt(columns.hostName, host),
      vcpus: columns.demand[step.vm * WIDTH + VCPUS]!,
      memory: columns.demand[step.vm * WIDTH + MEMORY]!,
      wasVcpus: was.vcpus,
      wasMemory: was.memory,
      share:
        step.kind === 'share' ? { to: { weight: step.weight, cap: step.cap }, was: shareIn(columns, step.vm)! } : null,
      mib: step.kind === 'move' ? step.mib : 0,
      detour: step.kind === 'move' && step.detour,
      begins: step.begins,
      takes: step.ends - step.begins,
      after: step.after
    };
  });

/** @param at its index. @returns null: not what this version keeps */
export function readPlannedStep(value: unknown, at: number): PlannedStep | null {
  if (!isRecord(value)) return null;
  // Steps that were kept before they could be undone have no size from before, and those before there were shares none.
  const {
    kind,
    vm,
    name,
    from,
    fromName,
    host,
    hostName,
    detour,
    after,
    wasVcpus = 0,
    wasMemory = 0,
    share = null
  } = value;
  const texts = [vm, name, from, fromName, host, hostName].every((text) => isText(text, 200));
  const figures = [value.vcpus, value.memory, wasVcpus, wasMemory, value.mib, value.begins, value.takes];
  if (!STEP_KINDS.some((one) => one === kind) || !texts || typeof detour !== 'boolean') return null;
  if (!figures.every((n) => numberIn(n, 0, 1e12))) return null;
  const shared = share === null ? null : readShares(share);
  if (shared === undefined || (kind === 'share') !== (shared !== null)) return null;
  const before = (n: unknown): boolean => numberIn(n, 0, at - 1) && Number.isInteger(n);
  return isList(after, MOST_STEPS) && after.every(before)
    ? ({ ...value, wasVcpus, wasMemory, share: shared } as PlannedStep)
    : null;
}

function readShares(value: unknown): PlannedStep['share'] | undefined {
  if (!isRecord(value)) return undefined;
  const [to, was] = [readShare(value.to), readShare(value.was)];
  return to === null || was === null ? undefined : { to, was };
}
