// One step on the newest fleet: whether it is done already, can be done, or what stands in the way.
import { HARD, HOST_MAINTENANCE, HOST_ONLINE, WIDTH, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Vm } from '../../model/fleet.ts';
import type { Survey } from '../fleet/survey.ts';
import type { Reason } from '../reason.ts';
import { lacking } from '../steps/occupancy.ts';
import type { Change } from './changes.ts';
import type { PlannedStep } from './planned-step.ts';

export type StepCheck =
  | { readonly is: 'done' }
  | { readonly is: 'free' }
  | { readonly is: 'stopped'; readonly change: Change | null; readonly lacks: Reason | null };

const changed = (change: Change): StepCheck => ({ is: 'stopped', change, lacks: null });

/** @param survey of the fleet as it is, with nothing asked for */
export function checkStep(survey: Survey, step: PlannedStep): StepCheck {
  const { columns, hosts, vms } = survey;
  const on = hosts.findIndex(({ id }) => id === step.host);
  if (on < 0) return changed({ kind: 'host-gone', host: step.hostName });
  const at = vms.findIndex((vm, index) =>
    step.kind === 'place' ? vm?.name === step.name && columns.vmHost[index] === on : vm?.id === step.vm
  );
  const vm = vms[at] ?? null;
  const here = columns.vmHost[at] === on;
  if (vm !== null && here && isDone(step, vm)) return { is: 'done' };
  if ((columns.hostFlags[on]! & HOST_ONLINE) === 0) return changed({ kind: 'host-offline', host: step.hostName });
  if (step.kind !== 'resize' && (columns.hostFlags[on]! & HOST_MAINTENANCE) !== 0) {
    return changed({ kind: 'host-maintenance', host: step.hostName });
  }
  if (step.kind !== 'place') {
    if (vm === null) return changed({ kind: 'vm-gone', vm: step.name });
    const home = columns.vmHost[at]!;
    if (step.kind === 'move' ? textAt(columns.hostId, home) !== step.from : !here) {
      return changed({ kind: 'vm-moved', vm: step.name, host: textAt(columns.hostName, home) });
    }
  }
  const lacks = shortage(columns, step, at, on);
  return lacks === null ? { is: 'free' } : { is: 'stopped', change: null, lacks };
}

function isDone({ kind, vcpus, memory }: PlannedStep, vm: Vm): boolean {
  switch (kind) {
    case 'move':
    case 'place':
      return true;
    case 'start':
      return vm.state === 'running' || vm.state === 'starting';
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
