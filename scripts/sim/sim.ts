// A simulated fleet, up and down: many hosts in this process behind one HTTP/2 server, each with its own key and journal, and a
// real gateway in a process of its own. State is in a directory that goes when it ends.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../../host-agent/certificate.ts';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { writeDurably } from '../../host-agent/files/durable.ts';
import { realClock } from '../../host-agent/drivers/simulated/clock.ts';
import type { Clock } from '../../host-agent/drivers/simulated/clock.ts';
import { randomFrom } from '../../host-agent/drivers/simulated/random.ts';
import { serveHosts } from '../../host-agent/serve/serve.ts';
import type { AgentServer } from '../../host-agent/serve/serve.ts';
import type { OperatorKey, VmId } from '../../src/lib/model/ids.ts';
import { Child } from '../sample/child.ts';
import { pairingUrl } from '../sample/ready.ts';
import { Churn } from './churn.ts';
import { mark } from './mark.ts';
import type { SimOptions } from './options.ts';
import { planFleet } from './plan.ts';
import { SimHost } from './sim-host.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A whole fleet behind one address: a client may link to all of it at once, and again after a loss. */
const LIMITS = { links: 8_192, handshakes: 2_048, handshakeBurst: 16_384, handshakesPerSecond: 4_096 };
const OPENED_AT_ONCE = 16;
const GATEWAY_GRACE = 5_000;
/** Of one pairing link; a tab takes no more. */
const TICKETS = 1_000;
const FLAP = 1_000;
/** Of `--still`, far ahead: a tab whose clock is held at about the same has commands that do not expire. What takes time takes it. */
const STILL: Clock = { now: () => Date.UTC(2050, 0, 15, 12), sleep: (ms) => realClock.sleep(ms) };

export class Sim {
  readonly #directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'smps-sim-'));
  readonly #options: SimOptions;
  readonly #say: (line: string) => void;
  readonly #hosts: SimHost[] = [];
  readonly #ends: (() => void)[] = [];
  #server: AgentServer | null = null;
  #gateway: Child | null = null;
  #port = 0;
  #marked: VmId | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: SimOptions, say: (line: string) => void) {
    this.#options = options;
    this.#say = say;
  }

  /** Where the web app is served. */
  get port(): number {
    return this.#port;
  }

  /** The VM of `--mark`. */
  get marked(): VmId | null {
    return this.#marked;
  }

  /** @throws Fault `port-in-use`, `internal` when the gateway does not start */
  async start(): Promise<void> {
    const { port, churn, seed, still } = this.#options;
    const plans = planFleet(this.#options);
    const vms = plans.reduce((sum, plan) => sum + plan.vms.length, 0);
    this.#say(`making ${plans.length} simulated hosts with ${vms} VMs`);
    const provider = nodeProvider();
    const tls = await createCertificate();
    const queue = [...plans.entries()];
    const open = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [index, plan] = next;
        this.#hosts[index] = await SimHost.open(
          plan,
          this.#directory,
          provider,
          tls,
          still ? STILL : realClock,
          plans.length
        );
      }
    };
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, open));
    const byId = new Map<string, SimHost>(this.#hosts.map((host) => [host.plan.id, host]));
    const listen = { tls, address: '127.0.0.1', port: 0, limits: LIMITS };
    this.#server = await serveHosts(listen, (host) => byId.get(host)?.policy ?? null);
    const entry = { url: `https://127.0.0.1:${this.#server.port}`, pin: tls.pin };
    for (const host of this.#hosts) host.reachedAt(entry.url, entry.pin);
    const table = join(this.#directory, 'hosts.json');
    await writeDurably(table, JSON.stringify({ hosts: Object.fromEntries(plans.map(({ id }) => [id, entry])) }));
    const args = ['--table', table, '--static', join(ROOT, 'build'), '--port', String(port)];
    this.#gateway = new Child({
      name: 'gateway',
      args: [join(ROOT, 'gateway/main.ts'), ...args],
      log: join(this.#directory, 'gateway.log'),
      say: this.#say
    });
    this.#port = (await this.#gateway.start()).port;
    const fleet = this.#hosts.filter(({ plan }) => plan.id !== 'marked');
    const changes = new Churn(
      fleet.map(({ driver }) => driver),
      churn,
      randomFrom(seed)
    );
    this.#ends.push(() => changes.stop());
    this.#startFlapping(byId.get('flapping'));
    this.#startMark(byId.get('marked'));
  }

  /** Pairing links, each for at most a thousand hosts: the tickets are in the fragment, which goes to no server. */
  async links(): Promise<readonly string[]> {
    const tickets = await Promise.all(this.#hosts.map((host) => host.ticket()));
    const links: string[] = [];
    for (let at = 0; at < tickets.length; at += TICKETS) {
      links.push(pairingUrl(this.#port, tickets.slice(at, at + TICKETS)));
    }
    return links;
  }

  /** Makes this operator known to every host: for measurements of what comes after pairing. */
  async admit(operator: OperatorKey): Promise<void> {
    for (const host of this.#hosts) await host.admit(operator);
  }

  /** Ends everything that was started. Safe to call at any time, also twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#gateway?.stop(GATEWAY_GRACE);
    await this.#server?.close();
    await Promise.allSettled(this.#hosts.map((host) => host.close()));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #startFlapping(host: SimHost | undefined): void {
    if (host === undefined) return;
    const timer = setInterval(() => host.cut(), FLAP);
    this.#ends.push(() => clearInterval(timer));
  }

  #startMark(host: SimHost | undefined): void {
    const { mark: every } = this.#options;
    const marked = host === undefined || every === null ? null : mark(host.driver, every);
    if (marked === null) return;
    this.#marked = marked.vm;
    this.#ends.push(() => marked.stop());
  }
}
