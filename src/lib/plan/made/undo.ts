// The way back from what a run has done: VMs to where they were, sizes to what they were. What cannot be taken back is named. Pure.
import { sameShare } from '../../model/cpu-share.ts';
import type { CpuShare } from '../../model/cpu-share.ts';
import type { HostId, VmId } from '../../model/ids.ts';
import { textAt } from '../../plugin/columns.ts';
import type { Resize, Survey } from '../fleet/survey.ts';
import type { Change } from './changes.ts';
import { checkShares } from '../check-shares.ts';
import type { PlannedShare } from './planned-share.ts';
import type { PlannedStep } from './planned-step.ts';
import type { Run } from './progress.ts';
import type { MoveBack } from './request.ts';

/**
 * `started`, `created`: taking that back would end what may be in use by now. `at-next-boot`: its size is still the old one.
 * `share-kept`: its tags let no plan give it the share it had. A change:
 * the VM is no longer as it was left.
 */
export type NotUndone = {
  readonly vm: string;
  readonly why: 'started' | 'created' | 'at-next-boot' | 'size-unknown' | 'share-kept' | Change;
};
export type Undo = {
  readonly moves: readonly MoveBack[];
  readonly resizes: readonly Resize[];
  readonly shares: readonly PlannedShare[];
  readonly not: readonly NotUndone[];
};

/** Moves of several, each VM once: as the last one says. */
export const movesOf = (all: readonly Pick<Undo, 'moves'>[]): readonly MoveBack[] => [
  ...new Map(all.flatMap(({ moves }) => moves).map((move) => [move.vm, move])).values()
];

/** @param survey of the newest fleet, with nothing asked for */
export function undoOf({ steps, progress }: Run, survey: Survey): Undo {
  const done = steps.filter((_, at) => progress[at]!.state === 'done');
  const moves: MoveBack[] = [];
  const resizes: Resize[] = [];
  const shares: PlannedShare[] = [];
  const not: NotUndone[] = [];
  for (const own of byVm(done).values()) {
    const [first] = own;
    const { name, vm } = first!;
    const leave = (why: NotUndone['why']): unknown => not.push({ vm: name, why });
    if (own.some(({ kind }) => kind === 'place')) leave('created');
    if (own.some(({ kind }) => kind === 'start')) leave('started');
    const moved = own.filter(({ kind }) => kind === 'move');
    const resized = own.filter(({ kind }) => kind === 'resize');
    const shared = own.flatMap(({ share }) => share ?? []);
    if (moved.length + resized.length + shared.length === 0) continue;
    const at = survey.vms.findIndex((one) => one?.id === vm);
    const now = survey.vms[at] ?? null;
    if (now === null) {
      leave({ kind: 'vm-gone', vm: name });
      continue;
    }
    const home = survey.columns.vmHost[at]!;
    const left = moved.at(-1);
    if (left !== undefined && textAt(survey.columns.hostId, home) !== left.host) {
      leave({ kind: 'vm-moved', vm: name, host: textAt(survey.columns.hostName, home) });
    } else if (left !== undefined && moved[0]!.from !== left.host) {
      moves.push({ vm: vm as VmId, to: moved[0]!.from as HostId });
    }
    const [initial, latest] = [shared[0], shared.at(-1)];
    if (initial !== undefined && latest !== undefined) {
      if (!sameShare(now.cpuShare, latest.to)) leave({ kind: 'vm-shared', vm: name });
      else if (!mayHave(survey, at, initial.was)) leave('share-kept');
      else if (!sameShare(initial.was, latest.to)) shares.push({ vm, name, to: initial.was, was: latest.to });
    }
    const [from, to] = [resized[0], resized.at(-1)];
    if (from === undefined || to === undefined) continue;
    const held = [now.vcpus, now.vcpusNext].includes(to.vcpus as never);
    const same = held && [now.memory, now.memoryNext].includes(to.memory as never);
    if (from.wasVcpus === 0) leave('size-unknown');
    else if (!same) leave({ kind: 'vm-resized', vm: name });
    else if (now.vcpus === from.wasVcpus && now.memory === from.wasMemory) leave('at-next-boot');
    else resizes.push({ vm: vm as VmId, vcpus: from.wasVcpus, memory: from.wasMemory });
  }
  return { moves, resizes, shares, not };
}

function mayHave({ columns }: Survey, vm: number, { weight, cap }: CpuShare): boolean {
  return checkShares(columns, [], [{ vm, weight, cap }]).length === 0;
}

function byVm(steps: readonly PlannedStep[]): ReadonlyMap<string, readonly PlannedStep[]> {
  const found = new Map<string, PlannedStep[]>();
  for (const step of steps) found.set(step.vm, [...(found.get(step.vm) ?? []), step]);
  return found;
}
