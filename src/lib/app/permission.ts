// Whether a command can be sent at all, decided before it is: the link and the role. The agent decides for itself again.
import { faultWords } from '#lib/messages/fault-words.ts';
import type { Messages, ShellMessages } from '#lib/messages/messages.ts';
import { Fault } from '#lib/model/fault.ts';
import { inMaintenance, roleAllows } from '#lib/model/fleet.ts';
import type { Host, Role, Vm } from '#lib/model/fleet.ts';
import { absoluteTime } from '#lib/ui/format.ts';

/** Null when a command that needs the role `needs` can be sent to `host` now, else the fault that says why not. */
export function refusal(host: Host, needs: Role = 'operator', what = 'do this'): Fault | null {
  if (host.link !== 'online') {
    return new Fault('offline', {
      host: host.name,
      since: host.heardAt === null ? 'this tab opened' : absoluteTime(host.heardAt)
    });
  }
  if (host.role !== null && !roleAllows(host.role, needs)) {
    return new Fault('forbidden', { role: host.role, needs, op: what });
  }
  return null;
}

/** The same as one sentence for a button's tooltip. */
export const whyNot = (m: ShellMessages, host: Host, needs: Role = 'operator'): string | null => {
  const fault = refusal(host, needs);
  return fault === null ? null : faultWords(m, fault);
};

/** Why nothing can be done to this VM, as one sentence; null when it can. */
export const whyNotVm = (m: Messages, { host, vm }: { readonly host: Host; readonly vm: Vm }): string | null =>
  whyNot(m, host) ?? (vm.unmanaged === null ? null : m.problem.unmanaged(vm.name, vm.unmanaged));

/** Why its size, its devices and its name cannot be changed, as one sentence; null when they can. */
export const whyNoChange = (m: Messages, placed: { readonly host: Host; readonly vm: Vm }): string | null =>
  whyNotVm(m, placed) ?? (placed.vm.state === 'saved' ? m.problem.changeSaved(placed.vm.name) : null);

/** Why no VM can be made on `host`, brought to it or started there, as one sentence; null when it can. */
export const whyNoVm = (m: Messages, host: Host): string | null =>
  whyNot(m, host) ?? (inMaintenance(host) ? m.problem.inMaintenance(host.name) : null);
