// The command line as an operator uses it, against a real gateway and real agents with simulated hypervisors.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../gateway/server.ts';
import type { Gateway } from '../gateway/server.ts';
import { startAgent } from '../host-agent/agent.ts';
import type { Agent } from '../host-agent/agent.ts';
import { simulatedDriver } from '../host-agent/drivers/simulated/driver.ts';
import { initState } from '../host-agent/state.ts';
import { main } from './cli/main.ts';
import { hostId } from './lib/model/ids.ts';

const directory = mkdtempSync(join(tmpdir(), 'smps-cli-'));
const home = join(directory, 'home');
const table = join(directory, 'hosts.json');
const agents = new Map<string, Agent>();
const ports = new Map<string, number>();
let gateway: Gateway;

async function startHost(id: string, site: string): Promise<Agent> {
  const driver = simulatedDriver({
    speed: null,
    latency: { reboot: 1_000 },
    vms: [
      { name: `web-${id}`, vcpus: 1, memory: 256, state: 'running', disks: [64], nics: 1 },
      { name: 'twin', vcpus: 1, memory: 128, state: 'off', disks: [], nics: 0 }
    ],
    seed: site.length + id.charCodeAt(1)
  });
  const agent = await startAgent({ state: join(directory, id), port: ports.get(id) ?? 0, driver });
  agents.set(id, agent);
  ports.set(id, agent.port);
  return agent;
}

const openGateway = (port: number): Promise<Gateway> =>
  startGateway({
    table,
    port,
    address: '127.0.0.1',
    origins: [],
    staticDirectory: null,
    tls: null,
    log: () => undefined
  });

beforeAll(async () => {
  for (const [id, site] of [
    ['n1', 'north'],
    ['s1', 'south']
  ] as const) {
    const driver = { kind: 'simulated', config: {} } as const;
    const config = { id: hostId(id), name: `Host ${id}`, site, address: '127.0.0.1', port: 0, driver };
    await initState(join(directory, id), config);
    await startHost(id, site);
  }
  const hosts = [...agents].map(([id, { port, pin }]) => [id, { url: `https://127.0.0.1:${port}`, pin }]);
  writeFileSync(table, JSON.stringify({ hosts: Object.fromEntries(hosts) as object }));
  gateway = await openGateway(0);
}, 60_000);

afterAll(async () => {
  await gateway.close();
  for (const agent of agents.values()) await agent.close();
  rmSync(directory, { recursive: true });
});

type Ran = { readonly status: number; readonly out: string; readonly err: string };

async function smps(...words: string[]): Promise<Ran> {
  const said = { out: '', err: '' };
  const status = await main(words, {
    out: (line) => (said.out += `${line}\n`),
    err: (line) => (said.err += `${line}\n`),
    env: { SMPS_HOME: home },
    version: '0',
    signal: new AbortController().signal
  });
  return { status, ...said };
}

/** The program itself, as a shell starts it. */
function start(words: readonly string[]) {
  const program = new URL('../bin/smps.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, ...words], { env: { ...process.env, SMPS_HOME: home } });
  let out = '';
  let err = '';
  const waiting = new Set<(ended: boolean) => void>();
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
    for (const check of waiting) check(false);
  });
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<Ran>((resolve) => {
    child.on('close', (code) => {
      resolve({ status: code ?? -1, out, err });
      for (const check of waiting) check(true);
    });
  });
  const line = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (over: boolean): void => {
        if (over) reject(new Error(`it ended without ${String(pattern)}: ${out}${err}`));
        if (!pattern.test(out)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check(false);
    });
  return { child, ended, line };
}

const page = (): string => `http://127.0.0.1:${gateway.port}/`;
type Listed = {
  hosts: { id: string; state: string; simulated: boolean; reason: string | null }[];
  vms: { id: string; name: string; host: string; state: string; vcpus: number; memory: number }[];
};
const list = async (): Promise<Listed> => JSON.parse((await smps('ls', '--json')).out) as Listed;

describe('smps', { timeout: 30_000 }, () => {
  it('lists nothing and says how to begin before anything is paired', async () => {
    const { status, out } = await smps('ls');
    expect(status).toBe(0);
    expect(out).toContain('smps pair');
    expect(await list()).toEqual({ hosts: [], vms: [] });
  });

  it('pairs with all hosts of a link, as the agents then say, with files for the operator alone', async () => {
    const tickets = await Promise.all([...agents.values()].map((agent) => agent.ticket('admin')));
    const { status, out, err } = await smps('pair', `${page()}#pair=${tickets.join(',')}`, '--label', 'tester');
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out).toMatch(/n1 \(Host n1, north\): paired as admin; check number \d{4} \d{4}/);
    for (const file of readdirSync(home, { recursive: true }) as string[]) {
      const { mode } = statSync(join(home, file));
      expect(mode & 0o077, file).toBe(0);
    }
    const operators = await smps('run', 'operator.list', '--host', 'n1');
    expect(operators.out).toMatch(/tester +admin/);
  });

  it('is refused with status 3 when a ticket was used before, and keeps the pairing it has', async () => {
    const agent = agents.get('n1');
    const ticket = (await agent?.ticket('viewer')) ?? '';
    expect((await smps('pair', '--gateway', page(), ticket)).status).toBe(0);
    const again = await smps('pair', '--gateway', page(), ticket);
    expect(again.status).toBe(3);
    expect(again.err).toContain('refused the pairing code');
    expect((await list()).hosts.map((host) => host.state)).toEqual(['online', 'online']);
    // The second code granted no more than the first: whoever is known keeps the role.
    expect((await smps('run', 'operator.list', '--host', 'n1')).status).toBe(0);
  });

  it('lists hosts and VMs as one object in the documented shape', async () => {
    const { hosts, vms } = await list();
    expect(hosts[0]).toMatchObject({
      id: 'n1',
      name: 'Host n1',
      site: 'north',
      hypervisor: 'simulated',
      accelerator: 'simulated',
      simulated: true,
      state: 'online'
    });
    expect(vms.map(({ name, host, state, vcpus, memory }) => ({ name, host, state, vcpus, memory }))).toEqual([
      { name: 'twin', host: 'n1', state: 'off', vcpus: 1, memory: 128 },
      { name: 'web-n1', host: 'n1', state: 'running', vcpus: 1, memory: 256 },
      { name: 'twin', host: 's1', state: 'off', vcpus: 1, memory: 128 },
      { name: 'web-s1', host: 's1', state: 'running', vcpus: 1, memory: 256 }
    ]);
  });

  it('lists for people in aligned columns', async () => {
    const lines = (await smps('ls')).out.split('\n');
    const heading = lines.find((line) => line.startsWith('VM'));
    const web = lines.find((line) => line.startsWith('web-s1'));
    expect(web?.indexOf('s1', 6)).toBe(heading?.indexOf('HOST'));
  });

  it('changes a running VM by name, on whatever host it is, and says what the guest sees', async () => {
    const { status, out } = await smps('run', 'vm.set-vcpus', 'vm=web-s1', 'vcpus=2');
    expect(status).toBe(0);
    expect(out).toMatch(/vcpus: asked: 2/);
    expect((await list()).vms.find((vm) => vm.name === 'web-s1')?.vcpus).toBe(2);
  });

  it('gives the reply as an object to programs', async () => {
    const { status, out } = await smps('run', 'vm.start', 'vm=twin', '--host', 'n1', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ host: 'n1', op: 'vm.start', status: 'done', vm: { name: 'twin' } });
  });

  it('does not guess which of two VMs of one name is meant', async () => {
    const { status, err } = await smps('run', 'vm.power-off', 'vm=twin');
    expect(status).toBe(2);
    expect(err).toMatch(/several VMs.*n1.*s1/s);
  });

  it('carries out a command id once, and refuses it for anything else', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const create = ['run', 'vm.create', 'name=once', 'image=tiny-linux', 'memory=64', '--host', 'n1', '--id', id];
    expect((await smps(...create)).status).toBe(0);
    expect((await smps(...create)).status).toBe(0);
    const other = await smps('run', 'vm.start', 'vm=once', '--id', id);
    expect(other.status).toBe(3);
    expect(other.err).toContain('already used');
    expect((await list()).vms.filter((vm) => vm.name === 'once')).toHaveLength(1);
  });

  it.each([
    [2, 'no command', ['dance']],
    [2, 'no option', ['ls', '--gateway', 'x']],
    [2, 'takes no', ['ls', 'n1']],
    [2, 'no operation', ['run', 'vm.explode']],
    [2, 'vcpus is missing', ['run', 'vm.set-vcpus', 'vm=web-n1']],
    [2, 'say which host', ['run', 'operator.list']],
    [2, 'longer than 128', ['run', 'vm.rename', 'vm=web-n1', `name=${'x'.repeat(300)}`]],
    [2, 'must be', ['run', 'vm.rename', 'vm=web-n1', 'name=\u202Egpj.exe']],
    [2, 'revision', ['run', 'vm.start', 'vm=web-n1', '--expect', 'yesterday']],
    [3, 'there is no host', ['run', 'operator.list', '--host', 'nowhere']],
    [3, 'there is no VM', ['run', 'vm.start', 'vm=nobody']],
    [3, 'changed meanwhile', ['run', 'vm.reboot', 'vm=web-n1', '--expect', '0123456789abcdef']],
    [3, 'refused', ['run', 'vm.delete', 'vm=web-n1']],
    [3, 'there is no image', ['run', 'vm.create', 'name=x', 'image=none', 'memory=64', '--host', 'n1']]
  ])('ends with status %i and says “%s”', async (status, text, words) => {
    const ran = await smps(...words);
    expect(ran.err).toContain(text);
    expect(ran.status).toBe(status);
    expect(ran.out).toBe('');
  });

  it('lists what is known when a host is away, and says which one on standard error', async () => {
    await agents.get('s1')?.close();
    const ran = await smps('ls', '--json');
    expect(ran.status).toBe(0);
    expect(ran.err).toContain('s1 (Host s1) is offline');
    const { hosts, vms } = JSON.parse(ran.out) as Listed;
    expect(hosts.map((host) => [host.id, host.state])).toEqual([
      ['n1', 'online'],
      ['s1', 'offline']
    ]);
    expect(new Set(vms.map((vm) => vm.host))).toEqual(new Set(['n1']));
    expect((await smps('run', 'vm.start', 'vm=twin')).status).toBe(2);
    const there = await smps('run', 'operator.list', '--host', 's1', '--json');
    expect(there.status).toBe(1);
    expect(JSON.parse(there.out)).toMatchObject({ status: 'failed', fault: { code: 'unreachable' } });
    await startHost('s1', 'south');
    expect((await list()).hosts.map((host) => host.state)).toEqual(['online', 'online']);
  });

  it('fails with status 1 when the gateway is away', async () => {
    const { port } = gateway;
    await gateway.close();
    const ran = await smps('ls');
    expect(ran.status).toBe(1);
    expect(ran.err).toContain('gateway');
    gateway = await openGateway(port);
    expect((await smps('ls')).status).toBe(0);
  });

  it('refuses a host whose journal went back, and believes it again when told to', async () => {
    const file = join(home, 'hosts', 'n1.json');
    const kept = readFileSync(file, 'utf8');
    writeFileSync(file, kept.replace(/"hash": "[0-9a-f]{64}"/, `"hash": "${'0'.repeat(64)}"`));
    const refused = await smps('ls', '--host', 'n1');
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('journal of host n1 went back');
    expect((await smps('run', 'operator.list', '--host', 'n1')).status).toBe(3);
    expect((await smps('accept-journal', 'n1')).status).toBe(0);
    expect((await smps('ls', '--host', 'n1')).status).toBe(0);
  });

  it('reports a corrupt pairing file and touches nothing', async () => {
    const file = join(home, 'hosts', 's1.json');
    const kept = readFileSync(file, 'utf8');
    writeFileSync(file, kept.slice(0, 50));
    const ran = await smps('ls');
    expect(ran.status).toBe(1);
    expect(ran.err).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe(kept.slice(0, 50));
    writeFileSync(file, kept);
  });

  it('watches: a line for each change, whoever made it, until interrupted', async () => {
    const { child, ended, line } = start(['watch', '--json', '--host', 'n1']);
    await line(/"state":"online"/);
    await smps('run', 'vm.pause', 'vm=web-n1');
    await line(/"to":"paused"/);
    await line(/"op":"vm.pause".*"status":"done"/);
    expect((await smps('run', 'vm.resume', 'vm=web-n1')).status).toBe(0);
    child.kill('SIGINT');
    const { status, out, err } = await ended;
    expect(err).toBe('');
    expect(status).toBe(0);
    const items = out.trim().split('\n');
    expect(items.map((item) => (JSON.parse(item) as { host: string }).host)).toEqual(items.map(() => 'n1'));
  });

  it('gets the answer of a command though the gateway was lost meanwhile, and it was carried out once', async () => {
    const { child, ended, line } = start(['watch', '--json', '--host', 'n1']);
    await line(/"state":"online"/);
    const running = smps('run', 'vm.reboot', 'vm=web-n1', '--host', 'n1');
    await line(/"op":"vm.reboot".*"status":"running"/);
    const { port } = gateway;
    await gateway.close();
    gateway = await openGateway(port);
    expect(await running).toMatchObject({ status: 0, err: '' });
    await line(/"state":"offline".*"state":"online".*"op":"vm.reboot".*"status":"done"/s);
    child.kill('SIGTERM');
    expect((await ended).status).toBe(0);
    const { activities } = JSON.parse((await smps('run', 'activity.list', '--host', 'n1', '--json')).out) as {
      activities: { op: string; status: string }[];
    };
    expect(activities.filter(({ op }) => op === 'vm.reboot').map(({ status }) => status)).toEqual(['done']);
  });

  it('runs as a program, with nothing but the answer on either output', async () => {
    const { ended } = start(['ls', '--json']);
    const { status, out, err } = await ended;
    expect(err).toBe('');
    expect(status).toBe(0);
    expect((JSON.parse(out) as Listed).hosts).toHaveLength(2);
  });

  it('ends quietly when nobody reads its output any more', async () => {
    const { child, ended } = start(['help', 'run']);
    child.stdout.destroy();
    expect((await ended).err).toBe('');
  });

  it('forgets a host', async () => {
    expect((await smps('forget', 'Host s1')).status).toBe(0);
    expect((await list()).hosts.map((host) => host.id)).toEqual(['n1']);
  });
});
