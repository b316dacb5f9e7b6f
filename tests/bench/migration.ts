// What it costs to move a running guest through the agents, against bare `virsh migrate` over UNIX sockets of its own: the same
// guest between the same two hosts, in turns, to and fro. Once with nothing but memory, once with a disk that is copied along.
import { execFile } from 'node:child_process';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { apartLab } from '../support/apart-lab.ts';
import type { ApartHost, ApartLab } from '../support/apart-lab.ts';
import { comingOf } from '../support/coming.ts';
import { series, verdict } from './report.ts';
import type { Result } from './report.ts';

const run = promisify(execFile);
/** Of the network and the hosts' ports: apart from those of tests. */
const INDEX = 91;
const BOOT = 120_000;
const BREATH = 1_500;
const DISK = mib(256);
/** Milliseconds: what a host with KVM asks for by itself (host-agent/drivers/libvirt/downtime.ts), and all of it an idle guest needs. */
const LIKE_KVM = 30;
const GOALS = { memory: 1.15, disk: 1.2, downtime: 1.2 };

type Took = { readonly ms: number; readonly downtime: number };
type Way = (from: ApartHost, to: ApartHost, vm: VmId) => Promise<void>;

export async function migration(rounds: number): Promise<Result> {
  const lab = await apartLab(INDEX);
  const shared = join(dirname(lab.hosts[0]?.directory ?? ''), 'shared');
  await mkdir(shared);
  // The daemons' user makes its sockets there.
  await chmod(shared, 0o777);
  try {
    const times = new Map<string, Took[]>();
    for (const kind of ['memory', 'disk'] as const) {
      const vm = await booted(lab, kind);
      const ways: [string, Way][] = [
        ['agents', sealed(lab, LIKE_KVM)],
        ['agents, as emulated guests move', sealed(lab, null)],
        ['virsh', bare(shared)]
      ];
      for (let round = 0; round < rounds; round++) {
        // None is always first, and each goes both ways.
        for (const [name, way] of round % 2 === 0 ? ways : ways.toReversed()) {
          const took = await measured(lab, vm, way);
          times.set(`${kind}, ${name}`, [...(times.get(`${kind}, ${name}`) ?? []), took]);
        }
      }
      const [on] = await sides(lab, vm);
      await lab.client().run(on.id, 'vm.power-off', { vm });
      await lab.client().run(on.id, 'vm.delete', { vm, deleteDisks: true });
    }
    return report(times);
  } finally {
    await lab.close();
    await rm(shared, { recursive: true, force: true });
  }
}

function report(times: ReadonlyMap<string, readonly Took[]>): Result {
  const of = (name: string, what: keyof Took) =>
    series(
      `${name}: ${what === 'ms' ? 'time' : 'downtime'}`,
      'ms',
      (times.get(name) ?? []).map((each) => each[what])
    );
  const ratio = (kind: string, what: keyof Took): number =>
    of(`${kind}, agents`, what).p50 / of(`${kind}, virsh`, what).p50;
  return {
    figures: [...times.keys()].flatMap((name) => [of(name, 'ms'), of(name, 'downtime')]),
    verdicts: [
      verdict('memory: time against virsh', ratio('memory', 'ms'), 'x', { atMost: GOALS.memory }),
      verdict('disk: time against virsh', ratio('disk', 'ms'), 'x', { atMost: GOALS.disk }),
      verdict('memory: downtime against virsh', ratio('memory', 'downtime'), 'x', { atMost: GOALS.downtime }),
      verdict('disk: downtime against virsh', ratio('disk', 'downtime'), 'x', { atMost: GOALS.downtime })
    ],
    notes: [
      'time: from the question whether the target can take it until its source has nothing of it; for virsh, with the volume made and removed',
      `agents: asked for a downtime of ${LIKE_KVM} ms, as where guests are not emulated; virsh: QEMU’s own limit, 300 ms`,
      'as emulated guests move: so that nothing they write is lost (docs/decisions/migration.md, “Emulated guests”); virsh does not see to that',
      'downtime: as QEMU tells it (`virsh domjobinfo --completed` on the target); medians are compared'
    ]
  };
}

async function measured(lab: ApartLab, vm: VmId, way: Way): Promise<Took> {
  const [from, to] = await sides(lab, vm);
  await pause(BREATH);
  const began = performance.now();
  await way(from, to, vm);
  const ms = performance.now() - began;
  const job = await to.virsh('domjobinfo', vm, '--completed', '--rawstats');
  const downtime = /^downtime\s*[:=]\s*(\d+)/m.exec(job)?.[1];
  if (downtime === undefined) throw new Error(`libvirt tells no downtime:\n${job}`);
  return { ms, downtime: Number(downtime) };
}

/** Where it runs, and the other. */
async function sides({ hosts }: ApartLab, vm: VmId): Promise<[ApartHost, ApartHost]> {
  const [one, other] = hosts;
  if (one === undefined || other === undefined) throw new Error('two hosts are needed');
  return (await one.virsh('domstate', vm).catch(() => '')) === 'running' ? [one, other] : [other, one];
}

const sealed =
  (lab: ApartLab, downtime: number | null): Way =>
  async (from, to, vm) => {
    const client = lab.client();
    const { permit, fault } = await client.run(to.id, 'migration.prepare', await comingOf(client, from.id, vm));
    if (permit === null) throw new Error(`refused: ${fault?.message}`);
    const { url, pin, token } = permit;
    const args = { vm, to: to.id, url, pin, token, bandwidth: null, autoConverge: false, downtime };
    const reply = await client.run(from.id, 'vm.migrate', args);
    if (reply.status !== 'done') throw new Error(`not moved: ${reply.fault?.message}`);
  };

const bare =
  (shared: string): Way =>
  async (from, to, vm) => {
    const volumes = await from.volumes();
    const make = ['vol-create-as', 'local', '--format', 'qcow2', '--capacity', `${DISK}MiB`, '--name'];
    for (const volume of volumes) await to.virsh(...make, volume);
    const uri = (name: string): string => `unix://${shared}/${name}`;
    const sockets = ['--migrateuri', uri('memory'), '--disks-uri', uri('disks')];
    const how = ['--live', '--persistent', '--undefinesource', '--abort-on-error', '--copy-storage-all'];
    await run('virsh', ['-q', '-c', from.uri, 'migrate', ...how, ...sockets, vm, to.uri]);
    for (const volume of volumes) await from.virsh('vol-delete', '--pool', 'local', volume);
  };

async function booted(lab: ApartLab, kind: 'memory' | 'disk'): Promise<VmId> {
  const [host] = lab.hosts;
  if (host === undefined) throw new Error('no host');
  const reply = await lab.client().run(host.id, 'vm.create', {
    name: kind,
    description: null,
    tags: null,
    protected: false,
    autostart: null,
    image: lab.image,
    vcpus: vcpus(1),
    vcpusMax: vcpus(2),
    memory: mib(256),
    memoryMax: mib(256),
    start: true,
    userData: null,
    disks: kind === 'disk' ? [{ pool: 'local', capacity: DISK }] : [],
    nics: [],
    sshKeys: []
  });
  const vm = vmId(reply.vm?.id ?? '');
  for (const until = Date.now() + BOOT; ;) {
    if ((await host.guest(vm).catch(() => null)) !== null) return vm;
    if (Date.now() > until) throw new Error(`the guest has not booted: ${reply.fault?.message ?? ''}`);
    await pause(BREATH);
  }
}
