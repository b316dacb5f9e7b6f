// What the way through browser protocol, gateway, agent and journal adds to a hotplug: the same change on the same running
// guest, in turns, by `Client.run` and by bare `virsh` (with the same device XML the agent uses, written once).
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { online } from '../../scripts/sample/vms.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import type { HostId, VmId } from '../../src/lib/model/ids.ts';
import { mib } from '../../src/lib/model/units.ts';
import type { Args, Op } from '../../src/lib/protocol/schema.ts';
import { Client } from '../../src/lib/session/client.ts';
import { parsePairingUrl } from '../../src/lib/session/pairing.ts';
import { webSocketTransport } from '../../src/lib/session/websocket.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import { series, verdict } from './report.ts';
import type { Figure, Result, Verdict } from './report.ts';

const ROUNDS = 12;
const execute = promisify(execFile);

/** `state` holds files of this run; `uri` is libvirt's own, past the agent. */
type Guest = {
  readonly host: HostId;
  readonly vm: VmId;
  readonly name: string;
  readonly uri: string;
  readonly state: string;
};
type Timed = { readonly attach: number; readonly detach: number };

export async function hotplug(): Promise<Result> {
  const fleet = await startSampleFleet(['--hosts', '1', '--driver', 'libvirt']);
  try {
    const { gateway, tickets } = parsePairingUrl(fleet.url);
    const [ticket] = tickets;
    if (ticket === undefined) throw new Error('no ticket');
    const provider = nodeProvider();
    const client = new Client({
      provider,
      identity: await provider.generateKeyPair(false),
      pairings: [],
      transport: webSocketTransport,
      savePairing: () => undefined,
      removePairing: () => undefined
    });
    try {
      await client.pair(gateway, ticket, 'bench');
      await online(client, [ticket.host], 60_000);
      const vm = await booted(client, ticket.host);
      const { state } = fleet;
      return await measured(client, {
        host: ticket.host,
        vm: vm.id,
        name: vm.name,
        uri: fleet.uri(ticket.host),
        state
      });
    } finally {
      client.close();
    }
  } finally {
    await fleet.stop();
  }
}

/** A running VM whose guest has spoken: before that it would not see a hotplug. */
function booted(client: Client, host: HostId): Promise<Vm> {
  return new Promise((resolve) => {
    const look = (): void => {
      const vms = [...(client.fleet.hosts.get(host)?.vms.values() ?? [])];
      const vm = vms.find(({ state, seen }) => state === 'running' && seen !== null && seen.by !== 'hypervisor');
      if (vm === undefined) return;
      end();
      resolve(vm);
    };
    const end = client.onFleet(look);
    look();
  });
}

async function measured(client: Client, guest: Guest): Promise<Result> {
  const [figures, verdicts]: [Figure[], Verdict[]] = [[], []];
  const add = (name: string, ours: readonly number[], bare: readonly number[]): void => {
    const [a, b] = [series(`${name}, sealed`, 'ms', ours), series(`${name}, virsh`, 'ms', bare)];
    figures.push(a, b);
    verdicts.push(verdict(`${name}: sealed − virsh, p50`, a.p50 - b.p50, 'ms', { atMost: 50 }));
  };
  const nic = await turns(
    () => nicByClient(client, guest),
    () => nicByVirsh(guest)
  );
  add(
    'attach NIC',
    nic.ours.map(({ attach }) => attach),
    nic.bare.map(({ attach }) => attach)
  );
  add(
    'detach NIC',
    nic.ours.map(({ detach }) => detach),
    nic.bare.map(({ detach }) => detach)
  );
  const memory = await turns(
    () => memoryByClient(client, guest),
    () => memoryByVirsh(guest)
  );
  add('memory', memory.ours, memory.bare);
  return { figures, verdicts, notes: [`${ROUNDS} rounds in turns on one running guest`] };
}

async function turns<T>(ours: () => Promise<T>, bare: () => Promise<T>): Promise<{ ours: T[]; bare: T[] }> {
  const all: { ours: T[]; bare: T[] } = { ours: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    all.ours.push(await ours());
    all.bare.push(await bare());
  }
  return all;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function run<O extends Op>(client: Client, guest: Guest, op: O, args: Args<O>): Promise<Vm | null> {
  const reply = await client.run(guest.host, op, args);
  if (reply.status !== 'done') throw new Error(`${op}: ${reply.fault?.message ?? reply.status}`);
  return reply.vm;
}

const virsh = (guest: Guest, ...args: string[]) => execute('virsh', ['-q', '-c', guest.uri, ...args]);

const macs = (client: Client, guest: Guest): string[] =>
  client.fleet.hosts
    .get(guest.host)
    ?.vms.get(guest.vm)
    ?.nics.map(({ mac }) => mac) ?? [];

async function nicByClient(client: Client, guest: Guest): Promise<Timed> {
  const network = client.fleet.hosts.get(guest.host)?.networks[0]?.name ?? '';
  const before = macs(client, guest);
  let after: readonly string[] = [];
  const attach = await timed(async () => {
    const vm = await run(client, guest, 'vm.attach-nic', { vm: guest.vm, network });
    after = vm?.nics.map(({ mac }) => mac) ?? [];
  });
  const mac = after.find((each) => !before.includes(each)) ?? '';
  const detach = await timed(() => run(client, guest, 'vm.detach-nic', { vm: guest.vm, mac }));
  return { attach, detach };
}

async function nicByVirsh(guest: Guest): Promise<Timed> {
  const file = join(guest.state, 'nic.xml');
  writeFileSync(file, `<interface type='user'><mac address='52:54:00:be:9c:01'/><model type='virtio'/></interface>`);
  const attach = await timed(() => virsh(guest, 'attach-device', guest.name, file, '--live', '--config'));
  const detach = await timed(() => virsh(guest, 'detach-device', guest.name, file, '--live', '--config'));
  return { attach, detach };
}

/** Two steps that take each other back, MiB. */
const MEMORY = [120, 128] as const;

async function memoryByClient(client: Client, guest: Guest): Promise<number> {
  const times: number[] = [];
  for (const to of MEMORY) {
    times.push(await timed(() => run(client, guest, 'vm.set-memory', { vm: guest.vm, memory: mib(to), when: 'now' })));
  }
  return Math.min(...times);
}

async function memoryByVirsh(guest: Guest): Promise<number> {
  const times: number[] = [];
  for (const to of MEMORY)
    times.push(await timed(() => virsh(guest, 'setmem', guest.name, `${to}M`, '--live', '--config')));
  return Math.min(...times);
}
