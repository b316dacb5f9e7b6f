// What a hotplug costs by three ways, in turns on the same running guest: sealed, through gateway and agent; by the agent's
// driver called directly; and by bare `virsh`. Each ends when the guest is known to have it, which is what the agent
// reports; for virsh the time of the change alone is shown too.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { online } from '../../scripts/sample/vms.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import type { HostId, VmId } from '../../src/lib/model/ids.ts';
import { mib } from '../../src/lib/model/units.ts';
import type { Args, Op } from '../../src/lib/protocol/schema.ts';
import { Client } from '../../src/lib/session/client.ts';
import { parsePairingUrl } from '../../src/lib/session/pairing.ts';
import { webSocketTransport } from '../../src/lib/session/websocket.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import { series, verdict } from './report.ts';
import type { Result } from './report.ts';

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
  const driver = libvirtDriver({ uri: guest.uri, images: join(guest.state, 'h', 'images') });
  const network = client.fleet.hosts.get(guest.host)?.networks[0]?.name ?? '';
  const ways: Record<string, Way> = {
    sealed: {
      attach: async () => {
        const before = macs(client, guest);
        const vm = await run(client, guest, 'vm.attach-nic', { vm: guest.vm, network });
        return newMac(vm, before);
      },
      detach: async (mac) => {
        await run(client, guest, 'vm.detach-nic', { vm: guest.vm, mac });
      },
      memory: async (to) => {
        await run(client, guest, 'vm.set-memory', { vm: guest.vm, memory: mib(to), when: 'now' });
      }
    },
    driver: {
      attach: async () => {
        const before = (await driver.get(guest.vm))?.nics.map(({ mac }) => mac) ?? [];
        accepted(await driver.attachNic(guest.vm, network));
        return newMac(await driver.get(guest.vm), before);
      },
      detach: async (mac) => accepted(await driver.detachNic(guest.vm, mac)),
      memory: async (to) => accepted(await driver.setMemory(guest.vm, mib(to), 'now'))
    },
    virsh: bareVirsh(guest)
  };
  const times = new Map<string, number[]>();
  const note = (name: string, ms: number): void => void times.set(name, [...(times.get(name) ?? []), ms]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      let mac = '';
      note(`attach NIC, ${name}`, await timed(async () => (mac = await way.attach(note))));
      note(`detach NIC, ${name}`, await timed(() => way.detach(mac, note)));
      for (const to of MEMORY) note(`memory, ${name}`, await timed(() => way.memory(to, note)));
    }
  }
  await driver.close();
  const figures = [...times].map(([name, values]) => series(name, 'ms', values));
  const p50 = (name: string): number => figures.find((figure) => figure.name === name)?.p50 ?? NaN;
  const verdicts = ['attach NIC', 'detach NIC', 'memory'].flatMap((what) => [
    verdict(`${what}: sealed − virsh`, p50(`${what}, sealed`) - p50(`${what}, virsh`), 'ms', { atMost: 50 }),
    verdict(`${what}: sealed − driver`, p50(`${what}, sealed`) - p50(`${what}, driver`), 'ms', { atMost: 50 })
  ]);
  return { figures, verdicts, notes: [`differences at p50; ${ROUNDS} rounds in turns on one running guest`] };
}

/** Each resolves when the guest has it. `note` takes the time of a part. */
type Way = {
  attach(note: Note): Promise<string>;
  detach(mac: string, note: Note): Promise<void>;
  memory(mib: number, note: Note): Promise<void>;
};
type Note = (name: string, ms: number) => void;

const newMac = (vm: Vm | null, before: readonly string[]): string =>
  vm?.nics.find(({ mac }) => !before.includes(mac))?.mac ?? '';

function accepted(outcome: Outcome<unknown>): void {
  if (outcome.status === 'refused') throw outcome.fault;
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

const macs = (client: Client, guest: Guest): string[] =>
  client.fleet.hosts
    .get(guest.host)
    ?.vms.get(guest.vm)
    ?.nics.map(({ mac }) => mac) ?? [];

/** Two steps that take each other back, MiB. */
const MEMORY = [120, 128] as const;

function bareVirsh(guest: Guest): Way {
  const virsh = async (...args: string[]): Promise<string> =>
    (await execute('virsh', ['-q', '-c', guest.uri, ...args])).stdout;
  const mac = '52:54:00:be:9c:01';
  const file = join(guest.state, 'nic.xml');
  writeFileSync(file, `<interface type='user'><mac address='${mac}'/><model type='virtio'/></interface>`);
  return {
    attach: async (note) => {
      const change = () => virsh('attach-device', guest.name, file, '--live', '--config');
      note('attach NIC, virsh, the change alone', await timed(change));
      const ask = '{"execute":"guest-network-get-interfaces"}';
      while (!(await virsh('qemu-agent-command', guest.name, ask)).includes(mac));
      return mac;
    },
    // virsh itself waits until the guest has let go of it.
    detach: async () => {
      await virsh('detach-device', guest.name, file, '--live', '--config');
    },
    memory: async (to, note) => {
      note(
        'memory, virsh, the change alone',
        await timed(() => virsh('setmem', guest.name, `${to}M`, '--live', '--config'))
      );
      while (!(await virsh('domstats', '--balloon', guest.name)).includes(`balloon.current=${to * 1024}\n`));
    }
  };
}
