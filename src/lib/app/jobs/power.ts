// Power: start, shut down, power off, reboot, pause, resume, save, discard what was saved; each needs the VM in certain states.
import { inMaintenance, type VmState } from '#lib/model/fleet.ts';
import type { Job, VmTarget } from './job.ts';

export const POWER_ACTIONS = [
  'start',
  'shutdown',
  'reboot',
  'pause',
  'resume',
  'save',
  'discard-saved',
  'power-off'
] as const;
export type PowerAction = (typeof POWER_ACTIONS)[number];

const FROM: Readonly<Record<PowerAction, readonly VmState[]>> = {
  start: ['off', 'crashed', 'saved'],
  shutdown: ['running'],
  reboot: ['running'],
  pause: ['running'],
  resume: ['paused'],
  save: ['running'],
  'discard-saved': ['saved'],
  'power-off': ['running', 'paused', 'starting', 'stopping', 'crashed', 'unknown']
};

/** True when `action` makes sense for a VM in `state`. */
export const powerFits = (action: PowerAction, state: VmState): boolean => FROM[action].includes(state);

export const power = (action: PowerAction): Job<`vm.${PowerAction}`, VmTarget, null> => ({
  title:
    ({ vm: { name, state } }) =>
    (m) =>
      action === 'start' && state === 'saved' ? m.tasks.job.restore(name) : m.tasks.job.power[action](name),
  validate: ({ common, problem }, { host, vm }) =>
    powerFits(action, vm.state)
      ? action === 'start' && inMaintenance(host)
        ? problem.inMaintenance(host.name)
        : null
      : problem.powerInState(vm.name, vm.state, FROM[action].map((state) => common.vmState[state]).join(problem.or)),
  command: ({ vm }) => ({ op: `vm.${action}`, args: { vm: vm.id } })
});
