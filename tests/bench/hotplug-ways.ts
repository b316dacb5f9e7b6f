// The same hotplugs of one running guest by three ways: sealed, through gateway and agent; by the agent's driver called
// directly; by bare `virsh`. Each step ends when guest or hypervisor is known to have it: what the agent then reports.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import type { HostId, VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import type { Args, Op } from '../../src/lib/protocol/schema.ts';
import type { Client } from '../../src/lib/session/client.ts';

export type Guest = {
  readonly host: HostId;
  readonly vm: VmId;
  readonly network: string;
  readonly pool: string;
  /** libvirt's own, past the agent. */
  readonly uri: string;
  /** Holds files of this run. */
  readonly state: string;
};

/** What is attached is called by its MAC address or target. Sizes in MiB. */
export type Way = {
  attachNic(): Promise<string>;
  detachNic(mac: string): Promise<void>;
  attachDisk(size: number): Promise<string>;
  growDisk(target: string, size: number): Promise<void>;
  /** With its volume. */
  detachDisk(target: string): Promise<void>;
  /** As many as the hypervisor has given already: the guest's agent takes them online and offline. */
  vcpus(count: number): Promise<void>;
  hotAdd(count: number): Promise<void>;
  memory(size: number): Promise<void>;
};

/** The first word of what was asked names the device. @throws Error when a guest that can has not confirmed it */
function named([effect]: readonly Effect[], confirms: boolean): string {
  if (confirms && effect?.seen !== effect?.asked) throw new Error(`unconfirmed: ${JSON.stringify(effect)}`);
  return effect?.asked.split(' ', 1)[0] ?? '';
}

export function sealed(client: Client, { host, vm, network, pool }: Guest): Way {
  const run = async <O extends Op>(op: O, args: Args<O>): Promise<string> => {
    const { status, fault, effects } = await client.run(host, op, args);
    if (status !== 'done') throw new Error(`${op}: ${fault?.message ?? status}`);
    return named(effects, true);
  };
  const ran = async <O extends Op>(op: O, args: Args<O>): Promise<void> => {
    await run(op, args);
  };
  const count = (to: number): Promise<void> => ran('vm.set-vcpus', { vm, vcpus: vcpus(to), when: 'now' });
  return {
    attachNic: () => run('vm.attach-nic', { vm, network }),
    detachNic: (mac) => ran('vm.detach-nic', { vm, mac }),
    attachDisk: (size) => run('vm.attach-disk', { vm, pool, volume: null, capacity: mib(size) }),
    growDisk: (target, size) => ran('vm.grow-disk', { vm, target, capacity: mib(size) }),
    detachDisk: (target) => ran('vm.detach-disk', { vm, target, deleteVolume: true }),
    vcpus: count,
    hotAdd: count,
    memory: (size) => ran('vm.set-memory', { vm, memory: mib(size), when: 'now' })
  };
}

/** @param confirms whether its guest can say what it sees */
export function direct(driver: Driver, { vm, network, pool }: Guest, confirms = true): Way {
  const run = async (change: ReturnType<Driver['attachNic']>): Promise<string> => {
    const outcome = await change;
    if (outcome.status === 'refused') throw outcome.fault;
    return named(outcome.value, confirms);
  };
  const ran = async (change: ReturnType<Driver['attachNic']>): Promise<void> => {
    await run(change);
  };
  const count = (to: number): Promise<void> => ran(driver.setVcpus(vm, vcpus(to), 'now'));
  return {
    attachNic: () => run(driver.attachNic(vm, network)),
    detachNic: (mac) => ran(driver.detachNic(vm, mac)),
    attachDisk: (size) => run(driver.attachDisk(vm, { pool, volume: null, capacity: mib(size) })),
    growDisk: (target, size) => ran(driver.growDisk(vm, target, mib(size))),
    detachDisk: (target) => ran(driver.detachDisk(vm, target, true)),
    vcpus: count,
    hotAdd: count,
    memory: (size) => ran(driver.setMemory(vm, mib(size), 'now'))
  };
}

const MAC = '52:54:00:be:9c:01';
/** The next free one of a guest with one disk, by hypervisor and guest alike. */
const TARGET = 'vdb';
const VOLUME = 'bench-vdb.qcow2';
const NIC = `<interface type='user'><mac address='${MAC}'/><model type='virtio'/></interface>`;
const diskXml = (pool: string): string =>
  `<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='${pool}' volume='${VOLUME}'/><target dev='${TARGET}' bus='virtio'/></disk>`;

/** What one would write in a shell: as few processes as do it, asking again without a pause. */
export async function bareVirsh({
  vm,
  uri,
  state,
  pool
}: Guest): Promise<Way & { restart: (vcpus: number) => Promise<void> }> {
  const execute = promisify(execFile);
  const virsh = async (...args: string[]): Promise<string> =>
    (await execute('virsh', ['-q', '-c', uri, ...args])).stdout;
  const [nic, disk] = [join(state, 'nic.xml'), join(state, 'disk.xml')];
  await Promise.all([writeFile(nic, NIC), writeFile(disk, diskXml(pool))]);
  const both = ['--live', '--config'];

  const agent = (execute: string, args: object = {}): string =>
    `qemu-agent-command ${vm} '${JSON.stringify({ execute, arguments: args })}'`;
  /** Until the guest's kernel says that its disk has so many MiB. */
  const seenDisk = async (size: number): Promise<void> => {
    for (;;) {
      const opened = await virsh(agent('guest-file-open', { path: `/sys/block/${TARGET}/size` })).catch(() => '');
      const handle = Number(/:(\d+)/.exec(opened)?.[1] ?? NaN);
      if (Number.isNaN(handle)) continue;
      const read = await virsh(`${agent('guest-file-read', { handle })}; ${agent('guest-file-close', { handle })}`);
      const text = Buffer.from(/"buf-b64":"([^"]*)"/.exec(read)?.[1] ?? '', 'base64').toString();
      if (Number(text) * 512 === size * 2 ** 20) return;
    }
  };
  const seenVcpus = async (count: number): Promise<void> => {
    while ((await virsh(agent('guest-get-vcpus'))).split('"online":true').length - 1 !== count);
  };
  return {
    async restart(count) {
      await virsh('setvcpus', vm, String(count), '--config');
      await virsh('destroy', vm);
      await virsh('start', vm);
      while ((await virsh(agent('guest-get-vcpus')).catch(() => '')) === '') await pause(1_000);
      // It goes on booting when its agent answers already.
      await pause(3_000);
    },
    async attachNic() {
      await virsh('attach-device', vm, nic, ...both);
      while (!(await virsh(agent('guest-network-get-interfaces'))).includes(MAC));
      return MAC;
    },
    // virsh itself waits until the guest has let go of it.
    async detachNic() {
      await virsh('detach-device', vm, nic, ...both);
    },
    async attachDisk(size) {
      await virsh('vol-create-as', pool, VOLUME, `${size}M`, '--format', 'qcow2');
      await virsh('attach-device', vm, disk, ...both);
      await seenDisk(size);
      return TARGET;
    },
    async growDisk(_, size) {
      await virsh('blockresize', vm, TARGET, `${size}M`);
      await seenDisk(size);
    },
    async detachDisk() {
      await virsh('detach-disk', vm, TARGET, ...both);
      await virsh('vol-delete', VOLUME, pool);
    },
    async vcpus(count) {
      await virsh('setvcpus', vm, String(count), '--guest');
      await virsh('setvcpus', vm, String(count), '--config');
      await seenVcpus(count);
    },
    async hotAdd(count) {
      await virsh('setvcpus', vm, String(count), ...both);
      await seenVcpus(count);
    },
    // The balloon: below what it booted with it is the means of the agent, too.
    async memory(size) {
      await virsh('setmem', vm, `${size}M`, ...both);
      while (!(await virsh('domstats', '--balloon', vm)).includes(`balloon.current=${size * 1024}\n`));
    }
  };
}
