// Hosts that are apart: each with its libvirtd and its agent (a process of its own) in a network namespace, all behind one gateway
// (a process too), and one operator's client. Every part can be killed and started again, and the network between them cut.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { writeDurably } from '../../host-agent/files/durable.ts';
import { initState } from '../../host-agent/state.ts';
import type { State } from '../../host-agent/state.ts';
import { buildGuest } from '../../scripts/guest/build.ts';
import { makeTicket } from '../../scripts/sample/agents.ts';
import { Apart } from '../../scripts/sample/apart.ts';
import type { Place } from '../../scripts/sample/apart.ts';
import { parseListening } from '../../scripts/sample/child.ts';
import { freePort } from '../../scripts/sample/ports.ts';
import { pairingUrl } from '../../scripts/sample/ready.ts';
import { startLibvirtHost } from '../../scripts/sample/libvirt-host.ts';
import type { LibvirtHost } from '../../scripts/sample/libvirt-host.ts';
import type { Fleet } from '../../src/lib/model/fleet.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { printTicket } from '../../src/lib/seal/ticket.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { gatewayUrl } from '../../src/lib/session/pairing.ts';
import { imagesDir } from '../conformance/libvirt-subject.ts';
import { readInGuest } from './guest-agent.ts';
import { newClient } from './new-client.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const AGENT_PORT = 4433;

/** A program of ours that prints where it listens. */
class Program {
  readonly #command: readonly string[];
  readonly #log: string;
  #child: ChildProcess | null = null;

  constructor(command: readonly string[], log: string) {
    this.#command = command;
    this.#log = log;
  }

  /** Resolves with its port once it listens. */
  async start(): Promise<number> {
    const log = openSync(this.#log, 'a');
    const [file = '', ...args] = this.#command;
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    this.#child = child;
    if (child.stdout === null) throw new Error('it has no output');
    for await (const line of createInterface({ input: child.stdout })) {
      const listening = parseListening(line);
      if (listening !== null) return listening.port;
    }
    throw new Error(`${this.#command.join(' ')} ended:\n${await readFile(this.#log, 'utf8')}`);
  }

  /** At once, without a word. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

export class ApartHost {
  readonly id: HostId;
  readonly directory: string;
  readonly state: State;
  readonly agent: Program;
  readonly #libvirt: () => Promise<LibvirtHost>;
  #host: LibvirtHost;

  constructor(id: HostId, place: Place, state: State, host: LibvirtHost, libvirt: () => Promise<LibvirtHost>) {
    this.id = id;
    this.state = state;
    this.directory = state.directory;
    this.#host = host;
    this.#libvirt = libvirt;
    const program = [process.execPath, join(ROOT, 'host-agent/main.ts'), 'run', '--state', state.directory];
    this.agent = new Program([...place.enter, ...program], join(state.directory, 'agent.log'));
  }

  get uri(): string {
    return this.#host.uri;
  }

  get daemon(): number {
    return this.#host.pid;
  }

  async killDaemon(): Promise<void> {
    process.kill(this.#host.pid, 'SIGKILL');
    for (;;) {
      const there = await readFile(`/proc/${this.#host.pid}/stat`, 'utf8').catch(() => '');
      if (there === '' || /\) Z /.test(there)) return;
    }
  }

  async startDaemon(): Promise<void> {
    this.#host = await this.#libvirt();
  }

  /** Past the agent. */
  async virsh(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('virsh', ['-q', '-c', this.#host.uri, ...args], { timeout: 30_000 });
    return stdout.trim();
  }

  /** Names of its volumes. */
  async volumes(): Promise<readonly string[]> {
    const text = await this.virsh('vol-list', 'local');
    return text.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
  }

  /** What is written down of VMs on their way from here. */
  departures(): Promise<readonly string[]> {
    return readdir(join(this.directory, 'departures')).catch(() => []);
  }

  /** By the guest's own word: which run of it this is, and the seconds it counts. @throws when it does not answer */
  async guest(vm: string): Promise<{ readonly boot: string; readonly uptime: number }> {
    const read = (path: string): Promise<string> => readInGuest((...words) => this.virsh(...words), vm, path);
    return {
      boot: (await read('/proc/sys/kernel/random/boot_id')).trim(),
      uptime: Number.parseFloat(await read('/proc/uptime'))
    };
  }

  async stop(): Promise<void> {
    await this.agent.kill();
    await this.#host.stop();
  }
}

export type ApartLab = {
  readonly hosts: readonly ApartHost[];
  readonly net: Apart;
  readonly gateway: Program;
  readonly image: string;
  /** The address that pairs a browser with all hosts, when the gateway serves the app. */
  link(): Promise<string>;
  /** The operator's, which a test may close and open anew. */
  client(): Client;
  /** The tab is closed, and a new one opened. */
  reopen(): Promise<void>;
  close(): Promise<void>;
};

/**
 * @param index of the network, and of the first host's ports: 60 to 98 in tests
 * @param app where the built app is, for the gateway to serve; null: it serves none
 */
export async function apartLab(index: number, count = 2, app: string | null = null): Promise<ApartLab> {
  const guest = await buildGuest({ out: await imagesDir() });
  const dir = await mkdtemp(join(tmpdir(), 'smps-apart-'));
  await chmod(dir, 0o755);
  const images = join(dir, 'images');
  await mkdir(images);
  await symlink(guest.dir, join(images, guest.name));
  const net = await Apart.open(index, count);
  const hosts: ApartHost[] = [];
  for (let n = 0; n < count; n++) {
    const [id, place] = [hostId(`h${n + 1}`), net.place(n)];
    const options = { dir: join(dir, id), index: index + n, enter: place.enter, restart: false };
    const libvirt = (): Promise<LibvirtHost> => startLibvirtHost(options);
    const host = await libvirt();
    const { uri, sockets } = host;
    const driver = { kind: 'libvirt', config: { uri, images, sockets, accelerator: 'emulated' } } as const;
    const config = { id, name: id, site: 'here', address: place.address, port: AGENT_PORT, driver };
    hosts.push(new ApartHost(id, place, await initState(join(dir, `${id}.agent`), config), host, libvirt));
  }
  await Promise.all(hosts.map(({ agent }) => agent.start()));
  const table = join(dir, 'hosts.json');
  const entry = ({ id, state }: ApartHost, n: number): [string, object] => [
    id,
    { url: `https://${net.place(n).address}:${AGENT_PORT}`, pin: state.pin }
  ];
  await writeDurably(table, JSON.stringify({ hosts: Object.fromEntries(hosts.map(entry)) }));
  const first = [process.execPath, join(ROOT, 'gateway/main.ts'), '--table', table, '--port'];
  const log = join(dir, 'gateway.log');
  const port = await freePort(23_000 + index);
  const served = app === null ? [] : ['--static', join(ROOT, app)];
  const gateway = new Program([...first, String(port), ...served], log);
  await gateway.start();
  const provider = nodeProvider();
  const open = async (): Promise<Client> => {
    const client = await newClient(provider);
    for (const { state } of hosts) {
      await client.pair(gatewayUrl(`http://127.0.0.1:${port}`), await makeTicket(state, provider), randomUUID());
    }
    await linked(client, hosts.length);
    return client;
  };
  let client = await open();
  return {
    hosts,
    net,
    gateway,
    image: guest.name,
    link: async () =>
      pairingUrl(port, (await Promise.all(hosts.map(({ state }) => makeTicket(state, provider)))).map(printTicket)),
    client: () => client,
    async reopen() {
      client.close();
      client = await open();
    },
    async close() {
      client.close();
      await gateway.kill();
      for (const host of hosts) await host.stop();
      await net.close();
      await rm(dir, { recursive: true, force: true });
    }
  };
}

/** Resolves when so many hosts are online. */
async function linked(client: Client, count: number): Promise<void> {
  const are = ({ hosts }: Fleet): boolean =>
    [...hosts.values()].filter(({ link }) => link === 'online').length >= count;
  if (are(client.fleet)) return;
  await new Promise<void>((resolve) => {
    const stop = client.onFleet((fleet) => {
      if (!are(fleet)) return;
      stop();
      resolve();
    });
  });
}
