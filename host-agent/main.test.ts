import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCommandId, newOperator, scratch } from '../tests/support/agent-lab.ts';
import { gatewayLab } from '../tests/support/gateway-lab.ts';
import type { GatewayLab } from '../tests/support/gateway-lab.ts';
import type { Fleet, Host } from '../src/lib/model/fleet.ts';
import { hostId } from '../src/lib/model/ids.ts';
import { millis, vcpus } from '../src/lib/model/units.ts';
import { nativeProvider } from '../src/lib/seal/native.ts';
import { parseTicket } from '../src/lib/seal/ticket.ts';
import type { Client } from '../src/lib/session/client.ts';
import { Operators } from './access/operators.ts';
import { initState } from './state.ts';
import type { State } from './state.ts';
import { silent } from './log.ts';
import { newClient } from '../tests/support/new-client.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const HOST = hostId('n1');

let parent: string;
let state: string;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  parent = await scratch();
  state = join(parent, 'n1');
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(parent, { recursive: true });
});

type Finished = { readonly status: number | null; readonly out: string; readonly err: string };
class Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  out = '';
  err = '';
  #look = (): void => undefined;

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args]);
    this.child.stdout.on('data', (data: Buffer) => {
      this.out += data.toString();
      this.#look();
    });
    this.child.stderr.on('data', (data: Buffer) => {
      this.err += data.toString();
      this.#look();
    });
    this.finished = new Promise((resolve) => {
      this.child.once('close', (status) => {
        resolve({ status, out: this.out, err: this.err });
        this.#look();
      });
    });
    ends.push(() => this.child.kill('SIGKILL'));
  }

  /** Resolves with the match once something on stdout or stderr matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const found = await new Promise<RegExpExecArray | null>((resolve) => {
      this.#look = () => {
        const match = pattern.exec(this.out) ?? pattern.exec(this.err);
        if (match || this.child.exitCode !== null) resolve(match);
      };
      this.#look();
    });
    if (found === null) throw new Error(`it ended without saying ${String(pattern)}:\n${this.out}${this.err}`);
    return found;
  }
}
const program = (...args: string[]): Promise<Finished> => new Program(args).finished;
const init = (): Promise<State> =>
  initState(state, {
    id: HOST,
    name: 'Nord 1',
    site: 'north',
    address: '127.0.0.1',
    port: 0,
    driver: { kind: 'simulated', config: { vms: 2 } }
  });
const run = async (): Promise<{ agent: Program; port: number; pin: string }> => {
  const agent = new Program(['run', '--state', state]);
  const [line] = await agent.says(/^\{"event":"listening".*\}$/m);
  return { agent, ...(JSON.parse(line) as { port: number; pin: string }) };
};

/** An operator with a gateway between, as in real life. */
async function operator(
  lab: GatewayLab
): Promise<{ client: Client; host: (is: (host: Host) => boolean) => Promise<Host> }> {
  const provider = nativeProvider();
  const client = await newClient(provider);
  ends.push(() => {
    client.close();
  });
  const host = (is: (host: Host) => boolean): Promise<Host> =>
    new Promise((resolve) => {
      const look = (fleet: Fleet): void => {
        const found = fleet.hosts.get(HOST);
        if (found && is(found)) {
          stop();
          resolve(found);
        }
      };
      const stop = client.onFleet(look);
      look(client.fleet);
    });
  const { out } = await program('pair', '--state', state);
  await client.pair(lab.url, parseTicket(out.trim()), 'Ada');
  return { client, host };
}

test('an agent killed in the middle of a command starts again and answers the same id with unknown', async () => {
  await init();
  const config = join(state, 'agent.json');
  const { driver, ...rest } = JSON.parse(await readFile(config, 'utf8')) as { driver: object };
  await writeFile(config, JSON.stringify({ ...rest, driver: { ...driver, latency: { 'set-vcpus': 600_000 } } }));

  const first = await run();
  const lab = await gatewayLab({ n1: first });
  ends.push(() => lab.close());
  const { client, host } = await operator(lab);
  const online = await host(({ link, vms }) => link === 'online' && vms.size === 2);
  const [vm] = online.vms.values();
  if (vm === undefined) throw new Error('no VM');
  const id = newCommandId();
  const args = { vm: vm.id, vcpus: vcpus(vm.vcpusMax), when: 'now' as const };
  const reply = client.run(HOST, 'vm.set-vcpus', args, { id });
  await host(({ activity }) => activity.some(({ command, status }) => command === id && status === 'running'));
  first.agent.child.kill('SIGKILL');
  await first.agent.finished;

  const second = await run();
  await second.agent.says(/command-interrupted/);
  await lab.setTable({ n1: second });
  client.retry(HOST);
  // The client sends it again under its id by itself; the agent tells what it found instead of doing it.
  expect(await reply).toMatchObject({ status: 'unknown', fault: { code: 'interrupted' }, vm: { vcpus: vm.vcpus } });
  const after = await host(({ activity }) => activity.some(({ command }) => command === id));
  expect(after.activity.find(({ command }) => command === id)).toMatchObject({ status: 'unknown' });
}, 30_000);

test('an operator revoked by the administrator’s command line loses the link', async () => {
  await init();
  const agent = await run();
  const lab = await gatewayLab({ n1: agent });
  ends.push(() => lab.close());
  const { host } = await operator(lab);
  await host(({ link }) => link === 'online');
  const key = newOperator();
  const operators = new Operators(join(state, 'operators.json'), HOST, silent);
  await operators.enrol(key, 'Bo', 'admin', millis(1));
  const ada = operators.list().find(({ label }) => label === 'Ada');
  const revoked = await program('operators', '--state', state, '--revoke', ada?.key ?? '');
  expect(revoked.status).toBe(0);
  expect(revoked.out).toContain(key);
  const refused = await host(({ link }) => link === 'refused');
  expect(refused.reason).toContain('does not know');
}, 30_000);

test('SIGTERM ends the agent in good order: the links are told, the journal is whole, the directory is free', async () => {
  await init();
  const first = await run();
  const lab = await gatewayLab({ n1: first });
  ends.push(() => lab.close());
  const { host } = await operator(lab);
  await host(({ link }) => link === 'online');
  first.agent.child.kill('SIGTERM');
  expect(await first.agent.finished).toMatchObject({ status: 0, err: expect.stringContaining('"stopped"') as string });
  await host(({ link }) => link === 'offline');
  const second = await run();
  expect(second.agent.err).not.toContain('journal-torn');
  expect(second.pin).toBe(first.pin);
}, 30_000);

test('two agents on one state directory, or one port taken: a clear refusal with advice, and status 2', async () => {
  await init();
  const { agent } = await run();
  const twice = await program('run', '--state', state);
  expect(twice.status).toBe(2);
  expect(twice.err).toContain(`already running (process ${String(agent.child.pid)})`);
  agent.child.kill('SIGTERM');
  await agent.finished;
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  ends.push(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const refused = await program('run', '--state', state, '--port', String(port));
  expect(refused).toMatchObject({ status: 2, err: expect.stringContaining(`port ${port} is in use`) as string });
}, 30_000);

test('corrupt state is named and not run on', async () => {
  await init();
  const { agent } = await run();
  agent.child.kill('SIGTERM');
  await agent.finished;
  await appendFile(join(state, 'journal.jsonl'), '{"n":2}\n');
  const journal = await program('run', '--state', state);
  expect(journal).toMatchObject({
    status: 2,
    err: expect.stringContaining('journal.jsonl line 2 is corrupt') as string
  });
  await writeFile(join(state, 'agent.json'), '{}');
  const config = await program('run', '--state', state);
  expect(config).toMatchObject({ status: 2, err: expect.stringContaining('agent.json is corrupt') as string });
}, 30_000);

test('what the administrator typed wrong is told with status 2', async () => {
  const finished = await program('dance');
  expect(finished).toMatchObject({ status: 2, out: '', err: expect.stringContaining('there is no “dance”') as string });
});
