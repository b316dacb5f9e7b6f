import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/lib/model/fault.ts';
import { HOST_ID, NAME, type HostId } from '../../src/lib/model/ids.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { gatewayUrl, parsePairingUrl } from '../../src/lib/session/pairing.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { online } from '../sample/vms.ts';
import { HELP, MAX_ON_ONE, parseSimOptions } from './options.ts';
import type { SimOptions } from './options.ts';
import { planFleet, shares } from './plan.ts';
import { Sim } from './sim.ts';
import { newClient } from '../../tests/support/new-client.ts';

const options = (...args: readonly string[]): SimOptions => {
  const parsed = parseSimOptions(args);
  if (parsed === null) throw new Error('help');
  return parsed;
};
const vmsOf = (of: SimOptions): number => planFleet(of).reduce((sum, { vms }) => sum + vms.length, 0);

describe('options of npm run sim', () => {
  it('default to a thousand hosts with twenty VMs each, on ten sites', () => {
    expect(options()).toMatchObject({ hosts: 1000, vms: 20_000, sites: 10, seed: 1, oneHost: null, flap: false });
    expect(options('--hosts', '3')).toMatchObject({ vms: 60, sites: 2 });
  });

  it('are all in the help', () => {
    for (const flag of [
      'hosts',
      'vms',
      'sites',
      'seed',
      'churn',
      'flap',
      'hostile-names',
      'one-host',
      'mark',
      'port'
    ]) {
      expect(HELP).toContain(`--${flag}`);
    }
    expect(parseSimOptions(['--help'])).toBeNull();
  });

  it.each([['--hosts', '0'], ['--hosts', '2001'], ['--one-host', `${MAX_ON_ONE + 1}`], ['--churn', 'x'], ['--many']])(
    'are refused where they make no sense: %s',
    (...args) => {
      try {
        parseSimOptions(args);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Fault);
        expect((thrown as Fault).code).toBe('usage');
        return;
      }
      throw new Error('accepted');
    }
  );
});

describe('a planned fleet', () => {
  it('has exactly as many hosts, sites and VMs as asked for, each with an id and a name of its own', () => {
    const plan = planFleet(options('--hosts', '250', '--vms', '4001', '--sites', '45'));
    expect(plan).toHaveLength(250);
    expect(new Set(plan.map(({ site }) => site)).size).toBe(45);
    expect(plan.reduce((sum, { vms }) => sum + vms.length, 0)).toBe(4001);
    expect(new Set(plan.map(({ id }) => id)).size).toBe(250);
    expect(new Set(plan.flatMap(({ vms }) => vms.map(({ name }) => name))).size).toBe(4001);
    for (const { id } of plan) expect(id).toMatch(HOST_ID);
  });

  it('is the same for the same seed, and another for another', () => {
    const few = ['--hosts', '20'];
    expect(planFleet(options(...few))).toEqual(planFleet(options(...few)));
    expect(planFleet(options(...few, '--seed', '2'))).not.toEqual(planFleet(options(...few)));
  });

  it('gives each host room for its VMs', () => {
    for (const { memory, vms } of planFleet(options('--hosts', '100', '--one-host', '3000'))) {
      expect(vms.reduce((sum, vm) => sum + vm.memory, 0)).toBeLessThanOrEqual(memory);
    }
  });

  it('has no two hosts of one seed: their VMs would have the same ids', () => {
    for (const more of [[], ['--mark', '100']]) {
      const plan = planFleet(options('--hosts', '8', '--flap', ...more, '--one-host', '500'));
      expect(new Set(plan.map(({ seed }) => seed)).size).toBe(plan.length);
    }
  });

  it('has one more host where one shall flap, or be crowded', () => {
    const plan = planFleet(options('--hosts', '3', '--flap', '--one-host', '500'));
    expect(plan.slice(3).map(({ id, vms }) => [id, vms.length])).toEqual([
      ['flapping', 4],
      ['crowded', 500]
    ]);
    expect(vmsOf(options('--hosts', '3', '--vms', '7'))).toBe(7);
  });

  it('has hostile names only where hosts may have them: what a host cannot be called, none is', () => {
    const plan = planFleet(options('--hosts', '200', '--hostile-names'));
    for (const { name, site } of plan) {
      expect(name).toMatch(NAME);
      expect(site).toMatch(NAME);
    }
    expect(plan.some(({ name }) => name.includes('<img'))).toBe(true);
    expect(plan.some(({ vms }) => vms.some(({ name }) => name.includes('\u202E')))).toBe(true);
  });

  it('loses nothing in dividing', () => {
    expect(shares(10, [1, 1, 1])).toEqual([3, 4, 3]);
    expect(shares(0, [5, 1])).toEqual([0, 0]);
  });
});

/** A client paired with every host of the fleet. */
async function pairedWith(sim: Sim): Promise<{ client: Client; hosts: readonly HostId[] }> {
  const provider = nodeProvider();
  const { gateway, tickets } = parsePairingUrl((await sim.links())[0] ?? '');
  expect(gateway).toBe(gatewayUrl(`http://localhost:${sim.port}/`));
  const client = await newClient(provider);
  for (const ticket of tickets) await client.pair(gateway, ticket, 'test');
  return { client, hosts: tickets.map(({ host }) => host) };
}

describe('a simulated fleet', () => {
  it('is paired with and watched through its gateway, says that it is simulated, changes by itself, and ends', async () => {
    const sim = new Sim(
      options(
        '--hosts',
        '3',
        '--vms',
        '9',
        '--hostile-names',
        '--churn',
        '200',
        '--flap',
        '--mark',
        '50',
        '--port',
        '0'
      ),
      () => undefined
    );
    let client: Client | null = null;
    try {
      await sim.start();
      const paired = await pairedWith(sim);
      client = paired.client;
      const watching = client;
      const steady = paired.hosts.filter((host) => host !== 'flapping');
      await online(watching, steady, 10_000);
      for (const host of steady) expect(watching.fleet.hosts.get(host)?.facts?.simulated).toBe(true);
      const marked = steady.find((host) => host === 'marked');
      expect(marked).toBeDefined();
      const nameNow = (): string =>
        [...(watching.fleet.hosts.get('marked' as HostId)?.vms.values() ?? [])][0]?.name ?? '';
      const before = nameNow();
      await new Promise<void>((resolve) => {
        const end = watching.onFleet(() => {
          if (!nameNow().startsWith('mark-') || nameNow() === before) return;
          end();
          resolve();
        });
      });
    } finally {
      client?.close();
      await sim.stop();
    }
  }, 30_000);

  it('moves a VM from one of its hosts to another, by a permit', async () => {
    const sim = new Sim(options('--hosts', '2', '--vms', '4', '--churn', '0', '--port', '0'), () => undefined);
    let client: Client | null = null;
    try {
      await sim.start();
      const paired = await pairedWith(sim);
      client = paired.client;
      await online(client, paired.hosts, 10_000);
      const [from, to] = paired.hosts.map((id) => paired.client.fleet.hosts.get(id));
      const size = ({ disks }: Vm): number => disks[0]?.capacity ?? 0;
      const [vm] = [...(from?.vms.values() ?? [])].sort((a, b) => size(a) - size(b));
      if (!from?.facts || to === undefined || vm === undefined) throw new Error('no VM');
      const { hypervisor, accelerator, cpuModel, pin: own } = from.facts;
      const disks = vm.disks.map(({ target, pool, volume, capacity, readOnly }) => {
        if (pool === null || volume === null || capacity === null) throw new Error('no volume');
        return { target, pool, volume, capacity, format: 'raw', readOnly };
      });
      const like = { vm: vm.id, name: vm.name, hypervisor, accelerator, cpuModel, memory: vm.memory, from: own };
      const has = { running: true, autostart: null, disks, nics: vm.nics };
      const prepared = await client.run(to.id, 'migration.prepare', { ...like, ...has });
      expect(prepared.fault).toBeNull();
      if (prepared.permit === null) throw new Error('no permit');
      const { url, pin, token } = prepared.permit;
      const how = { url, pin, token, bandwidth: null, autoConverge: true, downtime: null };
      const moved = await client.run(from.id, 'vm.migrate', { vm: vm.id, to: to.id, ...how });
      expect(moved).toMatchObject({ status: 'done', fault: null });
      await new Promise<void>((resolve) => {
        const end = paired.client.onFleet(({ hosts }) => {
          if (hosts.get(from.id)?.vms.has(vm.id) !== false || hosts.get(to.id)?.vms.has(vm.id) !== true) return;
          end();
          resolve();
        });
      });
    } finally {
      client?.close();
      await sim.stop();
    }
  }, 60_000);
});
