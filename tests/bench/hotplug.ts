// What a hotplug costs sealed, against bare `virsh`, in turns on one running guest of the sample; by the driver alone too.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { online } from '../../scripts/sample/vms.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { parsePairingUrl } from '../../src/lib/session/pairing.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import { bareVirsh, direct, sealed } from './hotplug-ways.ts';
import type { Guest, Way } from './hotplug-ways.ts';
import { series, verdict } from './report.ts';
import type { Result } from './report.ts';
import { newClient } from '../support/new-client.ts';

/** Milliseconds before each step: none pays for what the guest still has to do about the one before. */
const BREATH = 700;
/** MiB: two steps that take each other back. */
const MEMORY = [120, 128] as const;
/** What the guest boots with, a third that its agent takes online and offline, and one more to be added. */
const VCPUS = { booted: 2, given: 3, max: 4 };

export async function hotplug(rounds: number): Promise<Result> {
  const fleet = await startSampleFleet(['--hosts', '1', '--driver', 'libvirt']);
  try {
    const { gateway, tickets } = parsePairingUrl(fleet.url);
    const [ticket] = tickets;
    if (ticket === undefined) throw new Error('no ticket');
    const { host } = ticket;
    const provider = nodeProvider();
    const client = await newClient(provider);
    try {
      await client.pair(gateway, ticket, 'bench');
      await online(client, [host], 60_000);
      const { id: vm } = await booted(client, host);
      const { networks, pools } = client.fleet.hosts.get(host) ?? { networks: [], pools: [] };
      const [network = '', pool = ''] = [networks[0]?.name, pools[0]?.name];
      return await measured(client, { host, vm, network, pool, uri: fleet.uri(host), state: fleet.state }, rounds);
    } finally {
      client.close();
    }
  } finally {
    await fleet.stop();
  }
}

/** A running VM with one disk whose guest has spoken: before that it would not see a hotplug. */
function booted(client: Client, host: HostId): Promise<Vm> {
  return new Promise((resolve) => {
    const look = (): void => {
      const vms = [...(client.fleet.hosts.get(host)?.vms.values() ?? [])];
      const vm = vms.find(
        ({ state, seen, disks }) =>
          state === 'running' && seen !== null && seen.by !== 'hypervisor' && seen.vcpus !== null && disks.length === 1
      );
      if (vm === undefined) return;
      end();
      resolve(vm);
    };
    const end = client.onFleet(look);
    look();
  });
}

async function measured(client: Client, guest: Guest, rounds: number): Promise<Result> {
  const driver = libvirtDriver({ uri: guest.uri, images: join(guest.state, 'h', 'images') });
  const ours = sealed(client, guest);
  const { restart, ...bare } = await bareVirsh(guest);
  const ways: [string, Way][] = [
    ['sealed', ours],
    ['driver', direct(driver, guest)],
    ['virsh', bare]
  ];
  const times = new Map<string, number[]>();
  const timed = async <Value>(name: string, work: () => Promise<Value>): Promise<Value> => {
    await pause(BREATH);
    const began = performance.now();
    const value = await work();
    times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
    return value;
  };
  const turn = async (name: string, way: Way): Promise<void> => {
    const mac = await timed(`attach NIC, ${name}`, () => way.attachNic());
    await timed(`detach NIC, ${name}`, () => way.detachNic(mac));
    const disk = await timed(`attach disk, ${name}`, () => way.attachDisk(16));
    await timed(`grow disk, ${name}`, () => way.growDisk(disk, 24));
    await timed(`detach disk, ${name}`, () => way.detachDisk(disk));
    for (const to of MEMORY) await timed(`memory, ${name}`, () => way.memory(to));
    await timed(`vCPU online, ${name}`, () => way.vcpus(VCPUS.given));
    await timed(`vCPU offline, ${name}`, () => way.vcpus(VCPUS.booted));
  };
  await bare.hotAdd(VCPUS.given);
  await bare.vcpus(VCPUS.booted);
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of ways) await turn(name, way);
    // Who goes first changes.
    ways.push(...ways.splice(0, 1));
  }
  // Where CPUs are emulated, what was added can be taken away only by starting the guest anew.
  for (let boot = 0; boot < rounds / 2; boot++) {
    await restart(VCPUS.booted);
    const turns = [() => timed('hot-add vCPU, sealed', () => ours.hotAdd(VCPUS.given + (boot % 2)))];
    turns.push(() => timed('hot-add vCPU, virsh', () => bare.hotAdd(VCPUS.max - (boot % 2))));
    for (const turn of boot % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  await driver.close();
  const figures = [...times].map(([name, values]) => series(name, 'ms', values));
  const p50 = (name: string): number => figures.find((figure) => figure.name === name)?.p50 ?? NaN;
  const verdicts = [...times.keys()].flatMap((name) => {
    const what = /^(.*), sealed$/.exec(name)?.[1];
    if (what === undefined) return [];
    return verdict(`${what}: sealed − virsh`, p50(name) - p50(`${what}, virsh`), 'ms', { atMost: 50 });
  });
  return { figures, verdicts, notes: [`differences at p50; ${rounds} rounds in turns on one running guest`] };
}
