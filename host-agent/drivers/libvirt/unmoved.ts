// Why VMs move neither to nor from a libvirt host: said by the driver, and by docs/HYPERVISORS.md.
import type { Unmoved } from '../migration.ts';

export const UNMOVED = {
  xen: {
    reason: 'moves go over sockets that only QEMU has; those of Xen are not carried by the agents yet',
    instead: 'shut it down, and make it anew there from its disks'
  },
  beside: { reason: 'the agent is not on the hypervisor’s own machine', instead: 'run the agent there' },
  sockets: {
    reason: 'it has no directory for the sockets of migrations',
    instead: 'set “sockets” in its agent.json (docs/OPERATING.md, “Moving VMs”)'
  }
} as const satisfies Record<string, Unmoved>;
