// Why VMs move neither to nor from a libvirt host: said by the driver, and by docs/HYPERVISORS.md.
import type { Unmoved } from '../migration.ts';

export const UNMOVED = {
  xen: {
    reason:
      'libvirt shows a VM of Xen as running while it stands still at the end of a move: the agents cannot make sure yet that after an interruption it runs on exactly one host',
    instead: 'shut it down, and make it anew there from its disks'
  },
  beside: { reason: 'the agent is not on the hypervisor’s own machine', instead: 'run the agent there' },
  sockets: {
    reason: 'it has no directory for the sockets of migrations',
    instead: 'set “sockets” in its agent.json (docs/OPERATING.md, “Moving VMs”)'
  }
} as const satisfies Record<string, Unmoved>;
