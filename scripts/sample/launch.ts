// Brings the sample up, step by step, and down again. Whatever was started is stopped, however far it came; a stop in the
// middle of a start makes the start end with Fault `interrupted`.
import { mkdirSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAN } from '../../bin/lean.mjs';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Fleet } from '../../src/lib/model/fleet.ts';
import { printTicket } from '../../src/lib/seal/ticket.ts';
import { Client } from '../../src/lib/session/client.ts';
import { webSocketTransport } from '../../src/lib/session/websocket.ts';
import { Home } from '../../src/cli/home.ts';
import { gatewayUrl } from '../../src/lib/session/pairing.ts';
import type { Pairing } from '../../src/lib/session/pairing.ts';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { writeDurably } from '../../host-agent/files/durable.ts';
import type { State as AgentState } from '../../host-agent/state.ts';
import { buildGuest } from '../guest/build.ts';
import { locked } from '../setup/lock.mjs';
import { agentDirectory, isPaired, makeTicket, prepareAgent } from './agents.ts';
import { Child } from './child.ts';
import { chooseDriver, DEFAULT_HOSTS, planHosts, XEN_HOST } from './hosts.ts';
import { LibvirtDaemons } from './libvirt-daemons.ts';
import { stopLibvirtHost } from './libvirt-host.ts';
import type { Options } from './options.ts';
import { forgetLibvirtPlace, libvirtPlace } from './place.ts';
import { freePort, isFree, listenError } from './ports.ts';
import { forget, loadSample } from './state.ts';
import type { HostRecord, State } from './state.ts';
import { makeVms, online } from './vms.ts';
import { demandXen, SampleXenHost } from './xen-host.ts';

export type Running = {
  readonly port: number;
  readonly hosts: readonly HostRecord[];
  readonly fleet: Fleet;
  /** Fresh ones at each call, one per host: each pairs one browser, within ten minutes. */
  tickets(): Promise<readonly string[]>;
};

const DEFAULT_PORT = 8480;
const ROOT = join(import.meta.dirname, '../..');
const ONLINE_WITHIN = 60_000;
const AGENT_GRACE = 5_000;

export class Launch {
  readonly #state: State;
  readonly #say: (line: string) => void;
  readonly #daemons: LibvirtDaemons;
  readonly #xen: SampleXenHost;
  readonly #children: Child[] = [];
  readonly #provider = nodeProvider();
  readonly #root = process.getuid?.() === 0;
  #client: Client | null = null;
  #stopping: Promise<void> | null = null;

  constructor(state: State, say: (line: string) => void) {
    this.#state = state;
    this.#say = say;
    this.#daemons = new LibvirtDaemons(say);
    this.#xen = new SampleXenHost(join(state.dir, 'xen'), say);
  }

  /** @throws Fault `port-in-use`, `unsupported`, `corrupt-state`, `interrupted`, and what its parts throw */
  async start(options: Options): Promise<Running> {
    const { dir } = this.#state;
    if (options.reset) await this.#forget();
    else loadSample(this.#state);
    const { sample } = this.#state;
    if (options.withXen) await demandXen();
    const firstPort = await choosePort(options.port, sample.port, this.#say);
    const driver = await chooseDriver(options.driver, sample.hosts[0]?.driver ?? null, this.#say);
    this.#demandRunning();
    const wanted = options.hosts ?? (sample.wanted || DEFAULT_HOSTS);
    const hosts = await planHosts(dir, sample.hosts, wanted, driver, options.withXen);
    const others = sample.hosts.filter((known) => !hosts.some(({ id }) => id === known.id));
    this.#state.save({ ...sample, port: firstPort, hosts: [...hosts, ...others], wanted });
    mkdirSync(join(dir, 'log'), { recursive: true, mode: 0o700 });
    mkdirSync(join(dir, 'agents'), { recursive: true, mode: 0o700 });

    const images = driver === 'libvirt' ? await this.#guestImages() : '';
    const starting: Promise<AgentState>[] = [];
    for (const [index, host] of hosts.entries()) {
      // One after another: each libvirtd asks QEMU what it can do, which takes a core for seconds.
      const agent = this.#startAgent(host, await this.#startDriver(host, index + 1, images));
      agent.catch(() => undefined); // told by Promise.all, unless something else failed before it
      starting.push(agent);
    }
    const agents = await Promise.all(starting);
    const port = await this.#startGateway(firstPort, options.port !== null, agents);
    const fleet = await this.#makeVms(port, agents);
    this.#demandRunning();
    const ticket = async (agent: AgentState): Promise<string> => printTicket(await makeTicket(agent, this.#provider));
    return { port, hosts, fleet, tickets: () => Promise.all(agents.map(ticket)) };
  }

  /** Ends everything that was started, guests included. Safe to call at any time, also twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#client?.close();
    await Promise.allSettled(this.#children.map((child) => child.stop(AGENT_GRACE)));
    await Promise.allSettled([this.#daemons.stop(), this.#xen.stop()]);
  }

  #demandRunning(): void {
    if (this.#stopping !== null) throw new Fault('interrupted', { what: 'starting' });
  }

  /** Ends what a killed start may have left running on this state, then removes it. */
  async #forget(): Promise<void> {
    const place = join(this.#state.dir, 'h');
    for (const name of listed(place)) await stopLibvirtHost(join(place, name));
    forgetLibvirtPlace(this.#state.dir);
    forget(this.#state);
    this.#say(`forgot what was kept in ${this.#state.dir}`);
  }

  /** Built once for this clone, then copied to where the daemons' user can read it. */
  async #guestImages(): Promise<string> {
    const cache = join(ROOT, 'node_modules/.cache/guest');
    const building = (holder: { pid: number }): void =>
      this.#say(`process ${holder.pid} is building the guest image, waiting`);
    const { dir, name } = await locked(join(cache, 'lock'), building, () =>
      buildGuest({ out: cache, progress: (line) => this.#say(line) })
    );
    this.#demandRunning();
    const images = join(libvirtPlace(this.#state.dir, this.#root), 'images');
    await cp(dir, join(images, name), { recursive: true, preserveTimestamps: true });
    return images;
  }

  /** @returns what its agent has to know of it */
  #startDriver(host: HostRecord, index: number, images: string): Promise<Readonly<Record<string, unknown>>> {
    this.#demandRunning();
    if (host.id === XEN_HOST.id) return this.#xen.start(host.id);
    return host.driver === 'libvirt' ? this.#startDaemon(host, index, images) : Promise.resolve({});
  }

  async #startDaemon(host: HostRecord, index: number, images: string): Promise<Readonly<Record<string, unknown>>> {
    this.#say(`starting libvirtd of ${host.id}`);
    const { dir } = this.#state;
    const reached = await this.#daemons.start(host.id, join(libvirtPlace(dir, this.#root), host.id), index);
    return { ...reached, images, probeFile: join(agentDirectory(dir, host.id), 'probe.json') };
  }

  async #startAgent(host: HostRecord, driver: Readonly<Record<string, unknown>>): Promise<AgentState> {
    this.#demandRunning();
    this.#say(`starting agent of ${host.id}${host.driver === 'simulated' ? ' (simulated)' : ''}`);
    const { dir } = this.#state;
    const directory = agentDirectory(dir, host.id);
    const agent = await prepareAgent(directory, host, driver);
    await this.#child({
      name: `agent ${host.id}`,
      args: [...LEAN, join(ROOT, 'host-agent/main.ts'), 'run', '--state', directory],
      log: join(dir, 'log', `agent-${host.id}.log`)
    });
    return agent;
  }

  /** @param fixed was this very port asked for? If not, one that was taken a moment ago gives way to the next. */
  async #startGateway(first: number, fixed: boolean, agents: readonly AgentState[]): Promise<number> {
    const table = join(this.#state.dir, 'hosts.json');
    const entry = ({ config, pin }: AgentState) =>
      [config.id, { url: `https://127.0.0.1:${config.port}`, pin }] as const;
    await writeDurably(table, `${JSON.stringify({ hosts: Object.fromEntries(agents.map(entry)) }, null, 2)}\n`);
    const args = [join(ROOT, 'gateway/main.ts'), '--table', table, '--static', join(ROOT, 'build')];
    const log = join(this.#state.dir, 'log', 'gateway.log');
    for (let port = first; ; port = await freePort(port + 1)) {
      try {
        await this.#child({ name: 'gateway', args: [...args, '--port', String(port)], log });
        if (port !== first) this.#state.save({ ...this.#state.sample, port });
        return port;
      } catch (error) {
        if (await isFree(port)) throw error;
        if (fixed) throw new Fault('port-in-use', { port: String(port) }, { cause: error });
      }
    }
  }

  async #child(options: { name: string; args: readonly string[]; log: string }): Promise<void> {
    this.#demandRunning();
    const child = new Child({ ...options, say: this.#say });
    this.#children.push(child);
    await child.start();
  }

  /** As an operator of its own, through the gateway: what it can do, any operator now can. */
  async #makeVms(port: number, agents: readonly AgentState[]): Promise<Fleet> {
    this.#demandRunning();
    const home = new Home(join(this.#state.dir, 'operator'));
    const gateway = gatewayUrl(`http://127.0.0.1:${port}`);
    const ids = agents.map(({ config }) => config.id);
    const identity = await home.identity(this.#provider);
    const stored = home.pairings();
    const pairings: Pairing[] = [];
    const strangers: AgentState[] = [];
    for (const agent of agents) {
      const pairing = stored.find(({ host }) => host === agent.config.id);
      if (pairing && (await isPaired(agent, pairing, identity, this.#provider))) pairings.push({ ...pairing, gateway });
      else strangers.push(agent);
    }
    const client = new Client({
      provider: this.#provider,
      identity,
      pairings,
      transport: webSocketTransport,
      savePairing: (pairing) => home.savePairing(pairing),
      removePairing: (host) => home.removePairing(host)
    });
    this.#client = client;
    for (const agent of strangers) await client.pair(gateway, await makeTicket(agent, this.#provider), 'npm start');
    await online(client, ids, ONLINE_WITHIN);
    const made = await makeVms(client, ids, this.#state.sample.made, (line) => {
      this.#demandRunning();
      this.#say(line);
    });
    this.#state.save({ ...this.#state.sample, made });
    const { fleet } = client;
    client.close();
    this.#client = null;
    return fleet;
  }
}

/** @throws Fault `port-in-use`, `bad-argument` when a port was asked for and cannot be had; one merely remembered gives way
 * to the next. */
async function choosePort(asked: number | null, known: number | null, say: (line: string) => void): Promise<number> {
  if (asked !== null) {
    const error = await listenError(asked);
    if (error === null) return asked;
    if (error !== 'EACCES') throw new Fault('port-in-use', { port: String(asked) });
    throw new Fault('bad-argument', { name: '--port', value: String(asked), reason: 'is for root alone to listen on' });
  }
  const port = await freePort(known ?? DEFAULT_PORT);
  if (known !== null && port !== known) {
    say(`port ${known} is taken: using ${port} this time (a browser paired at ${known} has to pair again there)`);
  }
  return port;
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name !== 'images');
  } catch {
    return [];
  }
}
