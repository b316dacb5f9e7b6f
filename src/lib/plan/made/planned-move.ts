// A move by names instead of indices: it outlives the columns it was made on, and is found again in newer ones.
import { MEMORY, VCPUS, WIDTH, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Move } from '../../plugin/scheduler.ts';
import { isRecord, isText, numberIn } from './read.ts';

/** With what the plan saw of the VM: its host and its size. */
export type PlannedMove = {
  /** Id of the VM; of one that is not there yet, its name. */
  readonly vm: string;
  readonly name: string;
  /** Id of its host; empty for a new one. */
  readonly from: string;
  readonly to: string;
  readonly toName: string;
  readonly vcpus: number;
  /** MiB. */
  readonly memory: number;
};

export const keyOfVm = ({ vmId, vmName }: Columns, vm: number): string => textAt(vmId, vm) || textAt(vmName, vm);

export const plannedMoves = (columns: Columns, moves: readonly Move[]): readonly PlannedMove[] =>
  moves
    .filter(({ vm, host }) => columns.vmHost[vm] !== host)
    .map(({ vm, host }) => ({
      vm: keyOfVm(columns, vm),
      name: textAt(columns.vmName, vm),
      from: columns.vmHost[vm]! < 0 ? '' : textAt(columns.hostId, columns.vmHost[vm]!),
      to: textAt(columns.hostId, host),
      toName: textAt(columns.hostName, host),
      vcpus: columns.demand[vm * WIDTH + VCPUS]!,
      memory: columns.demand[vm * WIDTH + MEMORY]!
    }));

/** The same move as indices; -1 for what is not there. */
export function movesIn(columns: Columns, planned: readonly Pick<PlannedMove, 'vm' | 'to'>[]): readonly Move[] {
  const hosts = new Map(Array.from({ length: columns.hosts }, (_, host) => [textAt(columns.hostId, host), host]));
  const wanted = new Set(planned.map(({ vm }) => vm));
  const vms = new Map<string, number>();
  for (let vm = 0; vm < columns.vms; vm++) {
    const key = keyOfVm(columns, vm);
    if (wanted.has(key)) vms.set(key, vm);
  }
  return planned.map(({ vm, to }) => ({ vm: vms.get(vm) ?? -1, host: hosts.get(to) ?? -1 }));
}

/** Null: not what this version keeps. */
export function readPlannedMove(value: unknown): PlannedMove | null {
  if (!isRecord(value)) return null;
  const { vm, name, from, to, toName, vcpus, memory } = value;
  const texts = [vm, name, from, to, toName].every((text) => isText(text, 200));
  return texts && numberIn(vcpus, 0, 1e6) && numberIn(memory, 0, 1e12) ? (value as PlannedMove) : null;
}
