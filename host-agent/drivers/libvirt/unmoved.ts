// Why VMs move neither to nor from a libvirt host, and which of Xen's do not: said by the driver, and by docs/HYPERVISORS.md.
import { join } from 'node:path';
import type { Unmoved } from '../migration.ts';
import type { LibvirtConfig } from './config.ts';
import { isLocal, isXen } from './uri.ts';

export const UNMOVED = {
  beside: { reason: 'the agent is not on the hypervisor’s own machine', instead: 'run the agent there' },
  root: {
    reason: 'its agent may not ask Xen itself how a VM stands that moves: only root may',
    instead: 'run the agent of both hosts as root (docs/OPERATING.md, “Least privilege”)'
  },
  sockets: {
    reason: 'it has no directory for the sockets of migrations',
    instead: 'set “sockets” in its agent.json (docs/OPERATING.md, “Moving VMs”)'
  }
} as const satisfies Record<string, Unmoved>;

/** On Xen. */
export const XEN_MOVES = {
  pv: {
    reason: 'Debian’s Xen cannot track what a running PV guest writes: it is built without shadow paging',
    instead: 'shut it down, and make it anew there from its disks'
  },
  hvm: {
    reason: 'only PVH guests are moved: with an emulated machine it has not been tried',
    instead: 'shut it down, and make it anew there from its disks'
  },
  disks: {
    reason:
      'libvirt’s Xen driver copies no disks, and of storage that both hosts see it cannot be made sure that one has written all before the other reads',
    instead: 'shut it down, and make it anew there from its disks'
  },
  off: {
    reason: 'Xen moves what runs',
    instead: 'start it, and move it while it runs; or make it anew there from its disks'
  }
} as const satisfies Record<string, Unmoved>;

/** Why there is no migration on a host so configured; null where there is. @param uid the agent's own */
export function unmovedBecause({ uri, sockets = null }: LibvirtConfig, uid = process.getuid?.()): Unmoved | null {
  if (isXen(uri)) return isLocal(uri) ? (uid === 0 ? null : UNMOVED.root) : UNMOVED.beside;
  if (daemonSocket(uri) === null) return UNMOVED.beside;
  return sockets === null ? UNMOVED.sockets : null;
}

/** The daemon's own socket on this machine; null when the hypervisor is elsewhere. */
export function daemonSocket(uri: string): string | null {
  const parts = /^qemu(?:\+unix)?:\/\/\/(system|session)(?:\?(.*))?$/.exec(uri);
  if (parts === null) return null;
  const socket = new URLSearchParams(parts[2] ?? '').get('socket');
  if (socket !== null) return socket;
  const session = join(process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`, 'libvirt/libvirt-sock');
  return parts[1] === 'system' ? '/run/libvirt/libvirt-sock' : session;
}
