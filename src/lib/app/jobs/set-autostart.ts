// Whether its host starts the VM whenever it boots itself.
import type { Job, VmTarget } from './job.ts';

export type SetAutostart = { readonly autostart: boolean };

export const setAutostart: Job<'vm.set-autostart', VmTarget, SetAutostart> = {
  title:
    ({ vm: { name } }, input) =>
    (m) =>
      m.tasks.job.setAutostart(name, input.autostart),
  validate: () => null,
  command: ({ vm }, input) => ({ op: 'vm.set-autostart', args: { vm: vm.id, ...input } })
};
