// One step on the newest fleet: whether it is done already, can be done, or what stands in the way.
import { HARD, HOST_MAINTENANCE, HOST_ONLINE, HOST_SHARES, WIDTH, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { sameShare } from '../../model/cpu-share.ts';
import type { Activity, Vm, VmState } from '../../model/fleet.ts';
import type { Survey } from '../fleet/survey.ts';
import type { Reason } from '../reason.ts';
import { lacking } from '../steps/occupancy.ts';
import type { Change } from './changes.ts';
import type { PlannedStep } from './planned-step.ts';

/** `under-way`: it is being done; the hosts say so, whoever began it. */
export type StepCheck =
  | { readonly is: 'done' | 'under-way' }
  | { readonly is: 'free' }
  | { readonly is: 'stopped'; readonly change: Change | null; readonly lacks: Reason | null };

const changed = (change: Change): StepCheck => ({ is: 'stopped', change, lacks: null });
/** Of a VM that has not arrived where it is listed, or not yet left. */
const UNSETTLED: readonly VmState[] = ['moving', 'starting', 'unknown'];

/** @param survey of the fleet as it is, with nothing asked for */
export function checkStep(survey: Survey, step: PlannedStep): StepCheck {
  const { columns, hosts, vms } = survey;
  const on = hosts.findIndex(({ id }) => id === step.host);
  if (on < 0) return changed({ kind: 'host-gone', host: step.hostName });
  const at =
    step.kind === 'move'
      ? homeOf(survey, step, on)
      : step.kind === 'place'
        ? vms.findIndex((vm, index) => vm?.name === step.name && columns.vmHost[index] === on)
        : (placesOf(vms, step.vm)[0] ?? -1);
  const vm = vms[at] ?? null;
  const here = columns.vmHost[at] === on;
  if (step.kind === 'move' && isUnderWay(survey, step, on)) return { is: 'under-way' };
  if (vm !== null && here && isDone(step, vm)) return { is: 'done' };
  if ((columns.hostFlags[on]! & HOST_ONLINE) === 0) return changed({ kind: 'host-offline', host: step.hostName });
  if (step.kind !== 'resize' && step.kind !== 'share' && (columns.hostFlags[on]! & HOST_MAINTENANCE) !== 0) {
    return changed({ kind: 'host-maintenance', host: step.hostName });
  }
  if (step.kind !== 'place') {
    const home = columns.vmHost[at]!;
    if (vm === null) return goneOr(survey, step);
    if (step.kind === 'move' ? textAt(columns.hostId, home) !== step.from : !here) {
      return changed({ kind: 'vm-moved', vm: step.name, host: textAt(columns.hostName, home) });
    }
    if ((columns.hostFlags[home]! & HOST_ONLINE) === 0) {
      return changed({ kind: 'host-offline', host: textAt(columns.hostName, home) });
    }
  }
  if (step.share !== null) {
    if (!sameShare(vm?.cpuShare ?? null, step.share.was)) return changed({ kind: 'vm-shared', vm: step.name });
    const can = (columns.hostFlags[on]! & HOST_SHARES) !== 0;
    return can ? { is: 'free' } : { is: 'stopped', change: null, lacks: { kind: 'no-shares' } };
  }
  const lacks = shortage(columns, step, at, on);
  return lacks === null ? { is: 'free' } : { is: 'stopped', change: null, lacks };
}

const indices = new WeakMap<Survey['vms'], ReadonlyMap<string, readonly number[]>>();
/** Where a VM is listed, by index. */
function placesOf(vms: Survey['vms'], id: string): readonly number[] {
  let known = indices.get(vms);
  if (known === undefined) {
    const found = new Map<string, number[]>();
    for (const [index, vm] of vms.entries()) if (vm !== null) found.set(vm.id, [...(found.get(vm.id) ?? []), index]);
    indices.set(vms, (known = found));
  }
  return known.get(id) ?? [];
}

/** Two hosts never report at the same instant: where both have it, it is at the source until that says otherwise. */
function homeOf({ columns, vms, hosts }: Survey, step: PlannedStep, on: number): number {
  const all = placesOf(vms, step.vm);
  const isAway = (index: number): boolean => hosts[columns.vmHost[index]!]!.link !== 'online';
  const arrived = all.find((index) => columns.vmHost[index] === on && !UNSETTLED.includes(vms[index]!.state));
  const others = all.filter((index) => columns.vmHost[index] !== on);
  // What a host that is away last said of it is older.
  if (arrived !== undefined && others.every(isAway)) return arrived;
  return others.find((index) => !isAway(index)) ?? others[0] ?? all[0] ?? -1;
}

function isUnderWay({ columns, vms, hosts }: Survey, step: PlannedStep, on: number): boolean {
  const from = hosts.find(({ id }) => id === step.from);
  if (from?.link !== 'online') return false;
  const all = placesOf(vms, step.vm);
  const there = all.some((index) => columns.vmHost[index] === on);
  const still = all.map((index) => vms[index]!).find((vm) => from.vms.get(vm.id) === vm);
  const sends = ({ op, vm, status }: Activity): boolean =>
    op === 'vm.migrate' && vm === step.vm && status === 'running';
  return still?.state === 'moving' || (still !== undefined && there) || from.activity.some(sends);
}

/** Of a VM that no host tells of: while a host that had it is away, nobody knows. */
function goneOr({ hosts }: Survey, { from, fromName, name }: PlannedStep): StepCheck {
  const source = hosts.find(({ id }) => id === from);
  const away = source !== undefined && source.link !== 'online';
  return changed(away ? { kind: 'host-offline', host: fromName } : { kind: 'vm-gone', vm: name });
}

function isDone({ kind, vcpus, memory, share }: PlannedStep, vm: Vm): boolean {
  switch (kind) {
    case 'move':
    case 'place':
      return true;
    case 'start':
      return vm.state === 'running' || vm.state === 'starting';
    case 'share':
      return sameShare(vm.cpuShare, share?.to ?? null);
    case 'resize':
      return [vm.vcpus, vm.vcpusNext].includes(vcpus as never) && [vm.memory, vm.memoryNext].includes(memory as never);
  }
}

/** What the host has not enough of for the step; null when it has. */
function shortage(
  { demand, base, capacity, vms, vmHost }: Columns,
  step: PlannedStep,
  vm: number,
  on: number
): Reason | null {
  const wanted = [step.vcpus, step.memory];
  for (let r = 0; r < HARD; r++) {
    let used = base[on * WIDTH + r]!;
    for (let other = 0; other < vms; other++) if (vmHost[other] === on) used += demand[other * WIDTH + r]!;
    const held = vm >= 0 && vmHost[vm] === on ? demand[vm * WIDTH + r]! : 0;
    const more = (wanted[r] ?? held) - held;
    const short = used + more - capacity[on * WIDTH + r]!;
    if (more > 0 && short > 0) return lacking(r, short);
  }
  return null;
}
