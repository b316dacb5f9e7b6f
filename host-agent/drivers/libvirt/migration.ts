// VMs moving to and from a libvirt host. libvirt does it, managed by the client (virsh on the source); what the two daemons and
// the two QEMUs say to each other goes over UNIX sockets, and so through the agents. Facts: docs/decisions/migration.md.
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { ArrivalState, Made, Migration } from '../migration.ts';
import { mark } from './autostart.ts';
import { depart } from './depart.ts';
import type { LibvirtHost } from './host.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { settle } from './refusal.ts';
import { remains, settle as settleDeparture } from './settle.ts';
import { daemonSocket } from './unmoved.ts';
import { hypervisorFault, VirshError } from './virsh.ts';
import { xenMigrationOf } from './xen-migration.ts';

export type Sockets = { readonly directory: string; readonly path: string };
/** One socket of memory and one of disks for each VM that moves. */
export const socketName = (vm: VmId, kind: 'memory' | 'disks'): string => `${vm}.${kind}`;

/** Null where it is `unmovedBecause` of something. */
export function migrationOf(host: LibvirtHost): Migration | null {
  if (host.ground !== null) return xenMigrationOf(host, host.ground);
  const { sockets = null, uri } = host.config;
  const daemon = daemonSocket(uri);
  if (sockets === null || daemon === null) return null;
  return {
    sockets: sockets.path,
    witness: 'hypervisor',
    prepare: (coming, note) => settle(() => prepare(host, coming, note)),
    connect(vm, kind) {
      if (kind === 'talk' || kind === 'image') {
        const [here, there] = duplexPair();
        void receive(host, vm, kind, here);
        return there;
      }
      return connect(kind === 'control' ? daemon : join(sockets.directory, socketName(vm, kind)));
    },
    look: (vm) => look(host, vm),
    setAutostart: (vm, on) => trying(() => mark(host, vm, on)),
    welcome(vm) {
      host.arriving.delete(vm);
      host.expected.delete(vm);
      host.storage.forget();
      host.changed(vm);
    },
    async release(vm, made) {
      host.expected.delete(vm);
      const state = await release(host, vm, made);
      for (const kind of ['memory', 'disks'] as const) {
        await rm(join(sockets.directory, socketName(vm, kind)), { force: true });
      }
      return state;
    },
    evict: (vm, made) =>
      trying(async () => {
        host.domains.forget(vm);
        const all = { running: true, autostart: false, volumes: made, stays: null };
        await settleDeparture(host, vm, all, 'arrived');
      }),
    depart: (vm, passage, options, control, watch) =>
      settle(() => depart(host, sockets, vm, passage, options, control, watch)),
    remains: (vm) => trying(() => remains(host, vm)),
    settle: (vm, leaving, there) => trying(() => settleDeparture(host, vm, leaving, there))
  };
}

async function trying<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    throw hypervisorFault(thrown);
  }
}

async function look(host: LibvirtHost, vm: VmId): Promise<ArrivalState> {
  host.domains.forget(vm);
  const domain = await host.domains.get(vm);
  if (domain === null) return 'absent';
  if (['starting', 'unknown'].includes(domain.state)) return 'arriving';
  // One that stood still when it left stands still “for migration” for good: libvirt keeps its configuration once it has arrived.
  if (domain.state === 'moving' && !(await isKept(host, vm))) return 'arriving';
  // It was off, and has been started for the way here alone.
  if (domain.live?.movedOff === true) await host.virsh.change(['destroy', vm]);
  return 'arrived';
}

async function isKept(host: LibvirtHost, vm: VmId): Promise<boolean> {
  const [info = ''] = await host.virsh.read([`dominfo ${vm}`]);
  return /^Persistent:\s+yes/m.test(info);
}

async function release(host: LibvirtHost, vm: VmId, made: readonly Made[]): Promise<ArrivalState> {
  const state = await look(host, vm);
  if (state === 'arrived') {
    host.arriving.delete(vm);
    host.changed(vm);
    return state;
  }
  if (state === 'arriving') await host.virsh.change(['destroy', vm]);
  if ((await look(host, vm)) !== 'absent') return 'arriving';
  for (const { pool, volume } of made) {
    try {
      await host.storage.remove(pool, volume);
    } catch (thrown) {
      if (!(thrown instanceof VirshError && /not found|no storage vol/i.test(thrown.message))) throw thrown;
    }
  }
  host.arriving.delete(vm);
  host.changed(vm);
  return 'absent';
}
