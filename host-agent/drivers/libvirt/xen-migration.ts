// VMs moving to and from a Xen host. What is asked of both hosts' libvirt is as for QEMU (migration.ts); how the VM stands is Xen's to say.
import { duplexPair } from 'node:stream';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Migration } from '../migration.ts';
import { mark } from './autostart.ts';
import type { LibvirtHost } from './host.ts';
import { prepare } from './prepare.ts';
import { hypervisorFault } from './virsh.ts';
import { settle } from './refusal.ts';
import { xenLook, xenRelease } from './xen-arrival.ts';
import { departXen } from './xen-depart.ts';
import { xenRemains, xenSettle } from './xen-settle.ts';
import type { Held } from './xen-settle.ts';
import type { XenGround } from './xen-ground.ts';
import { receiveXen } from './xen-talk.ts';

export function xenMigrationOf(host: LibvirtHost, ground: XenGround): Migration {
  const held: Held = new Map();
  const forget = (vm: VmId): void => {
    host.expected.delete(vm);
    host.ports.delete(vm);
  };
  return {
    // Of sockets there are none to agree about.
    sockets: 'xen',
    witness: 'hypervisor',
    prepare: (coming, note) =>
      settle(async () => {
        // libvirt may have begun with it for a source that was gone by then.
        if ((await xenLook(host, ground, coming.vm)) === 'arriving') await xenRelease(host, ground, coming.vm);
        return prepare(host, coming, note);
      }),
    connect(vm, kind) {
      if (kind === 'control') return ground.daemon();
      const port = kind === 'memory' ? host.ports.get(vm) : undefined;
      if (port !== undefined) {
        host.domains.quiet.add(vm);
        return ground.connect(port);
      }
      const [here, there] = duplexPair();
      if (kind === 'talk') void receiveXen(host, ground, vm, here);
      else here.destroy();
      return there;
    },
    look: (vm) => trying(() => xenLook(host, ground, vm)),
    setAutostart: (vm, on) => trying(() => mark(host, vm, on)),
    welcome(vm) {
      host.arriving.delete(vm);
      forget(vm);
      host.changed(vm);
    },
    async release(vm) {
      forget(vm);
      return trying(() => xenRelease(host, ground, vm));
    },
    // What libvirt has begun to receive it would have to end by a call of its own, which nobody has tried with a VM that runs.
    evict: null,
    depart: (vm, passage, _, control, watch) => {
      held.delete(vm);
      return settle(() => departXen(host, ground, vm, passage, control, watch));
    },
    remains: (vm) => trying(() => xenRemains(host, ground, vm, held)),
    settle: (vm, leaving, there) => trying(() => xenSettle(host, ground, vm, leaving, there))
  };
}

async function trying<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    throw hypervisorFault(thrown);
  }
}
