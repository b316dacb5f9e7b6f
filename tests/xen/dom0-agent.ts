// The package in a Xen host's domain 0, compiled, with what it declares as dependencies, and its agent there.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { dependenciesOf } from '../consumer/installed.ts';
import type { XenHost } from './host/host.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Source stays out: an emulated processor takes minutes to strip types. */
const SHIPPED = ['package.json', 'bin', 'dist/host-agent', 'dist/src'];
const STATE = '/var/lib/smps-agent';
const LOG = '/var/log/smps-agent.log';

/** TCP port of the agent in domain 0: to be forwarded. */
export const AGENT_PORT = 7443;

export class Dom0Agent {
  readonly #host: XenHost;

  private constructor(host: XenHost) {
    this.#host = host;
  }

  /** Installs and initialises it. @param host whose `forward` has AGENT_PORT if it is to be reached @param id of the host */
  static async install(host: XenHost, id: string): Promise<Dom0Agent> {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json'], { cwd: ROOT });
    const needed = [...dependenciesOf(ROOT)].filter((name) => !name.startsWith('node-linux-'));
    const modules = needed.map((name) => `node_modules/${name}`);
    const archive = execFileSync('tar', ['cz', '--dereference', '-C', ROOT, ...SHIPPED, ...modules], {
      maxBuffer: 256 * 1024 * 1024
    });
    await host.ssh('mkdir -p /opt/smps && tar xz -C /opt/smps', archive);
    const agent = new Dom0Agent(host);
    const listen = ['--address', '0.0.0.0', '--port', String(AGENT_PORT)];
    const driver = ['--driver', 'libvirt', '--uri', 'xen:///system', '--images', host.images];
    await agent.run('init', '--id', id, '--name', id, '--site', 'south', ...listen, ...driver);
    return agent;
  }

  /** What a verb of `smps-agent` printed that ends by itself. */
  run(verb: string, ...words: readonly string[]): Promise<string> {
    const all = [verb, '--state', STATE, ...words].map((word) => `'${word}'`);
    return this.#host.ssh(`node /opt/smps/bin/smps-agent.mjs ${all.join(' ')}`);
  }

  /** Starts `smps-agent run`; resolves with its process id once it listens. @throws Error with what it said when it ends first */
  async start(): Promise<number> {
    // `exec`, twice: the id that is printed stays the agent's own.
    const program = `exec node /opt/smps/bin/smps-agent.mjs run --state ${STATE}`;
    const begin = `: >${LOG}; setsid sh -c '${program}' >${LOG} 2>&1 </dev/null & echo $!`;
    const pid = Number(await this.#host.ssh(begin));
    const wait = `until grep -q listening ${LOG}; do [ -d /proc/${pid} ] || { cat ${LOG} >&2; exit 1; }; sleep 0.2; done`;
    await this.#host.ssh(wait);
    return pid;
  }

  async stop(pid: number): Promise<void> {
    await this.#host.ssh(`kill ${pid}; while [ -d /proc/${pid} ]; do sleep 0.1; done`);
  }
}
