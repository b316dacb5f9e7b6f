// What the agent costs in the domain 0 of a real Xen host (emulated): memory and processor time, idle and with twelve guests,
// against an empty Node there; and what a query and a hotplug cost by its driver, against bare `virsh` over the same connection.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { online } from '../../scripts/sample/vms.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { AGENT_PORT, Dom0Agent } from '../xen/dom0-agent.ts';
import { startXenHost } from '../xen/host/host.ts';
import type { XenHost } from '../xen/host/host.ts';
import { linked } from '../xen/linked.ts';
import { direct } from './hotplug-ways.ts';
import type { Way } from './hotplug-ways.ts';
import { rounded, series } from './report.ts';
import type { Figure, Result } from './report.ts';

const ID = hostId('bench');
const GUESTS = 12;
/** MiB. */
const MEMORY = { boot: 96, more: 112 };
const SETTLE = 20_000;
const WATCH = 60_000;
/** Milliseconds before each step: none pays for what the guest still has to do about the one before. */
const BREATH = 700;
const BOOT = 300_000;
const MAC = '00:16:3e:be:9c:01';
const VOLUME = 'bench.img';

type Hotplug = Pick<Way, 'attachNic' | 'detachNic' | 'attachDisk' | 'detachDisk' | 'vcpus' | 'memory'> & {
  query(): Promise<unknown>;
};

export async function xen(rounds: number): Promise<Result> {
  const host = await startXenHost({ name: 'bench', forward: [AGENT_PORT] });
  try {
    const agent = await Dom0Agent.install(host, ID);
    const empty = await inEmptyNode(host);
    const pid = await agent.start();
    const link = await linked(host, agent, ID);
    try {
      const idle = await watched(host, pid);
      const vm = await made(link.client, host, 'guest-1');
      const { figures, notes } = await latencies(host, vm, rounds);
      for (let guest = 2; guest <= GUESTS; guest++) await made(link.client, host, `guest-${guest}`);
      const full = await watched(host, pid);
      const value = (name: string, unit: string, of: number): Figure => ({ name, unit, value: rounded(of) });
      return {
        figures: [
          value('empty Node in dom0', 'MiB', empty),
          value('agent in dom0, no guest', 'MiB', idle.mib),
          value(`agent in dom0, ${GUESTS} guests`, 'MiB', full.mib),
          value('agent in dom0, no guest: processor', '%', idle.cpu),
          value(`agent in dom0, ${GUESTS} guests: processor`, '%', full.cpu),
          ...figures
        ],
        verdicts: [],
        notes: [
          `against empty Node: ${rounded(idle.mib / empty)} x with no guest, ${rounded(full.mib / empty)} x with ${GUESTS}`,
          'processor: of the one emulated processor of dom0, the programs the agent starts not counted',
          ...notes
        ]
      };
    } finally {
      await link.close();
    }
  } finally {
    await host.stop();
  }
}

/** MiB of a Node that does nothing. */
async function inEmptyNode(host: XenHost): Promise<number> {
  const start = `setsid node -e 'setInterval(() => undefined, 60000)' >/dev/null 2>&1 </dev/null & echo $!`;
  const pid = Number(await host.ssh(start));
  await pause(SETTLE);
  const held = await resident(host, pid);
  await host.ssh(`kill ${pid}`);
  return held;
}

async function resident(host: XenHost, pid: number): Promise<number> {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(await host.ssh(`cat /proc/${pid}/status`));
  if (found === null) throw new Error(`no VmRSS of process ${pid}`);
  return Number(found[1]) / 1024;
}

/** What it holds in MiB, and uses in percent of a processor over a minute: proc(5), in hundredths of a second. */
async function watched(host: XenHost, pid: number): Promise<{ readonly mib: number; readonly cpu: number }> {
  const look = async (): Promise<readonly [ticks: number, uptime: number]> => {
    const said = await host.ssh(`cat /proc/${pid}/stat /proc/uptime`);
    const [stat = '', uptime = ''] = said.split('\n');
    const fields = stat.split(') ').at(-1)?.split(' ') ?? [];
    return [Number(fields[11]) + Number(fields[12]), Number.parseFloat(uptime)];
  };
  await pause(SETTLE);
  const before = await look();
  await pause(WATCH);
  const after = await look();
  return { mib: await resident(host, pid), cpu: (after[0] - before[0]) / (after[1] - before[1]) };
}

/** A PV guest that has spoken. A busy host may not have told what became of its creation, or of the VM: both show by themselves. */
async function made(client: Client, host: XenHost, name: string): Promise<VmId> {
  await online(client, [ID], BOOT);
  const creation = client.run(ID, 'vm.create', {
    name,
    description: null,
    tags: null,
    protected: false,
    autostart: null,
    image: 'tiny-pv',
    vcpus: vcpus(1),
    vcpusMax: vcpus(2),
    memory: mib(MEMORY.boot),
    memoryMax: mib(name === 'guest-1' ? MEMORY.more : MEMORY.boot),
    start: true,
    userData: null,
    sshKeys: [],
    disks: [],
    nics: []
  });
  const reply = await creation.catch((error: unknown) => {
    if (Fault.from(error).code === 'unanswered') return null;
    throw error;
  });
  if (reply !== null && reply.status !== 'done' && reply.status !== 'unknown') {
    throw new Error(`${name}: ${reply.fault?.message ?? reply.status}`);
  }
  const known = (): VmId | undefined =>
    reply?.vm?.id ?? [...(client.fleet.hosts.get(ID)?.vms.values() ?? [])].find((vm) => vm.name === name)?.id;
  for (const until = Date.now() + BOOT; ;) {
    const id = known();
    if (id !== undefined && (await host.guestStates(name)).length > 0) return id;
    if (Date.now() > until) throw new Error(`${name} has not booted`);
    await pause(BREATH);
  }
}

async function latencies(host: XenHost, vm: VmId, rounds: number): Promise<Pick<Result, 'figures' | 'notes'>> {
  const driver = libvirtDriver({ uri: host.uri, images: host.images });
  const dir = await mkdtemp(join(tmpdir(), 'smps-bench-'));
  try {
    const guest = { host: ID, vm, network: 'bridged', pool: 'local', uri: host.uri, state: dir };
    const ways: [string, Hotplug][] = [
      ['driver', { ...direct(driver, guest, false), query: () => driver.get(vm) }],
      ['virsh', await bare(host.uri, vm, dir)]
    ];
    const times = new Map<string, number[]>();
    const timed = async <Value>(name: string, work: () => Promise<Value>): Promise<Value> => {
      await pause(BREATH);
      const began = performance.now();
      const value = await work();
      times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
      return value;
    };
    for (let round = 0; round < rounds; round++) {
      for (const [name, way] of round % 2 === 0 ? ways : ways.toReversed()) {
        await timed(`query, ${name}`, () => way.query());
        await timed(`vCPU added, ${name}`, () => way.vcpus(2));
        await timed(`vCPU taken, ${name}`, () => way.vcpus(1));
        await timed(`memory added, ${name}`, () => way.memory(MEMORY.more));
        await timed(`memory taken, ${name}`, () => way.memory(MEMORY.boot));
        const disk = await timed(`disk attached, ${name}`, () => way.attachDisk(16));
        await timed(`disk detached, ${name}`, () => way.detachDisk(disk));
        const nic = await timed(`NIC attached, ${name}`, () => way.attachNic());
        await timed(`NIC detached, ${name}`, () => way.detachNic(nic));
      }
    }
    const figures = [...times].map(([name, values]) => series(name, 'ms', values));
    const p50 = (name: string): number => figures.find((figure) => figure.name === name)?.p50 ?? NaN;
    const notes = [...times.keys()].flatMap((name) => {
      const what = /^(.*), driver$/.exec(name)?.[1];
      return what === undefined
        ? []
        : [`${what}: driver ${Math.round(p50(name) - p50(`${what}, virsh`))} ms over bare virsh (medians)`];
    });
    return { figures, notes };
  } finally {
    await driver.close();
    await rm(dir, { recursive: true });
  }
}

/** What one would type: `virsh` returns when the hypervisor has done it. */
async function bare(uri: string, vm: VmId, dir: string): Promise<Hotplug> {
  const virsh = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('virsh', ['-q', '-c', uri, ...args])).stdout;
  const [nic, disk] = [join(dir, 'nic.xml'), join(dir, 'disk.xml')];
  const path = `${(await virsh('pool-dumpxml', 'local')).match(/<path>(.*)<\/path>/)?.[1] ?? ''}/${VOLUME}`;
  await writeFile(nic, `<interface type='network'><mac address='${MAC}'/><source network='bridged'/></interface>`);
  await writeFile(
    disk,
    `<disk type='file' device='disk'><driver type='raw'/><source file='${path}'/><target dev='xvdz' bus='xen'/></disk>`
  );
  const both = ['--live', '--config'];
  return {
    query: () => virsh('dominfo', vm),
    async vcpus(count) {
      await virsh('setvcpus', vm, String(count), ...both);
    },
    async memory(size) {
      await virsh('setmem', vm, `${size}MiB`, ...both);
    },
    async attachDisk(size) {
      await virsh('vol-create-as', 'local', VOLUME, `${size}M`, '--format', 'raw');
      await virsh('attach-device', vm, disk, ...both);
      return 'xvdz';
    },
    async detachDisk() {
      await virsh('detach-device', vm, disk, ...both);
      await virsh('vol-delete', '--pool', 'local', VOLUME);
    },
    async attachNic() {
      await virsh('attach-device', vm, nic, ...both);
      return MAC;
    },
    async detachNic() {
      await virsh('detach-device', vm, nic, ...both);
    }
  };
}
