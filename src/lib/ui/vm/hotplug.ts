// What a change of vCPUs or memory would mean on this host: live or at the next boot, by which means, and why not.
import type { Messages } from '#lib/messages/messages.ts';
import type { Capability, CapabilityName, Host, Vm } from '#lib/model/fleet.ts';

export type Prospect = {
  /** The guest runs: “now” and “at next boot” are two different wishes. */
  readonly running: boolean;
  readonly live: boolean;
  /** One sentence on how it is done, or why it is not; null when there is nothing to say. */
  readonly words: string | null;
};

const NAMES = {
  vcpus: { up: 'vcpu-add', down: 'vcpu-remove' },
  memory: { up: 'memory-add', down: 'memory-remove' }
} as const satisfies Record<string, Record<'up' | 'down', CapabilityName>>;

/** Whether the change can be made while the guest runs. */
export const isLive = (host: Host, vm: Vm, what: 'vcpus' | 'memory', to: number): boolean =>
  capabilityFor(host, vm, what, to)?.live ?? true;

const capabilityFor = (host: Host, vm: Vm, what: 'vcpus' | 'memory', to: number): Capability | undefined =>
  host.facts?.capabilities.find(({ name }) => name === NAMES[what][to < vm[what] ? 'down' : 'up']);

export const prospect = (m: Messages, host: Host, vm: Vm, what: 'vcpus' | 'memory', to: number): Prospect =>
  prospectOf(m, host, vm, NAMES[what][to < vm[what] ? 'down' : 'up']);

/** The same of what has no more and no less. */
export function prospectOf(m: Messages, host: Host, vm: Vm, name: CapabilityName): Prospect {
  const running = vm.state === 'running' || vm.state === 'paused';
  if (!running) return { running, live: true, words: null };
  const capability = host.facts?.capabilities.find((each) => each.name === name);
  if (!capability) return { running, live: true, words: null };
  return { running, live: capability.live, words: capability.reason ?? m.vm.byMeans(capability.means) };
}
