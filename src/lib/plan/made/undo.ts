// The way back from what a run has done: VMs to where they were, sizes to what they were. What cannot be taken back is named. Pure.
import type { HostId, VmId } from '../../model/ids.ts';
import { textAt } from '../../plugin/columns.ts';
import type { Resize, Survey } from '../fleet/survey.ts';
import type { Change } from './changes.ts';
import type { PlannedStep } from './planned-step.ts';
import type { Run } from './progress.ts';
import type { MoveBack } from './request.ts';

/**
 * `started`, `created`: taking that back would end what may be in use by now. `at-next-boot`: its size is still the old one. A change:
 * the VM is no longer as it was left.
 */
export type NotUndone = {
  readonly vm: string;
  readonly why: 'started' | 'created' | 'at-next-boot' | 'size-unknown' | Change;
};
export type Undo = {
  readonly moves: readonly MoveBack[];
  readonly resizes: readonly Resize[];
  readonly not: readonly NotUndone[];
};

/** @param survey of the newest fleet, with nothing asked for */
export function undoOf({ steps, progress }: Run, survey: Survey): Undo {
  const done = steps.filter((_, at) => progress[at]!.state === 'done');
  const moves: MoveBack[] = [];
  const resizes: Resize[] = [];
  const not: NotUndone[] = [];
  for (const own of byVm(done).values()) {
    const [first] = own;
    const { name, vm } = first!;
    const leave = (why: NotUndone['why']): unknown => not.push({ vm: name, why });
    if (own.some(({ kind }) => kind === 'place')) leave('created');
    if (own.some(({ kind }) => kind === 'start')) leave('started');
    const moved = own.filter(({ kind }) => kind === 'move');
    const resized = own.filter(({ kind }) => kind === 'resize');
    if (moved.length + resized.length === 0) continue;
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
    const [from, to] = [resized[0], resized.at(-1)];
    if (from === undefined || to === undefined) continue;
    const held = [now.vcpus, now.vcpusNext].includes(to.vcpus as never);
    const same = held && [now.memory, now.memoryNext].includes(to.memory as never);
    if (from.wasVcpus === 0) leave('size-unknown');
    else if (!same) leave({ kind: 'vm-resized', vm: name });
    else if (now.vcpus === from.wasVcpus && now.memory === from.wasMemory) leave('at-next-boot');
    else resizes.push({ vm: vm as VmId, vcpus: from.wasVcpus, memory: from.wasMemory });
  }
  return { moves, resizes, not };
}

function byVm(steps: readonly PlannedStep[]): ReadonlyMap<string, readonly PlannedStep[]> {
  const found = new Map<string, PlannedStep[]>();
  for (const step of steps) found.set(step.vm, [...(found.get(step.vm) ?? []), step]);
  return found;
}
