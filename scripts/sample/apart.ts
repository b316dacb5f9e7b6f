// Hosts of one machine with a network between them: each in a network namespace, all on one bridge, at which this machine is too.
// What is between two of them can be cut, slowed down and restored. Needs root and iproute2.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: readonly string[]): Promise<unknown> => run('ip', args);

export type Place = {
  /** The network namespace, in `/run/netns`. */
  readonly name: string;
  /** Where it is reached, also from this machine. */
  readonly address: string;
  /** What a command begins with that is to run there. */
  readonly enter: readonly string[];
};

/** A network of 254 addresses that nothing else on the machine uses. */
const SUBNET = (index: number): string => `10.213.${index}`;
/** A queue of that many bytes and ms: what a slow line holds. */
const [BURST, LATENCY] = ['64kb', '400ms'];

export class Apart {
  readonly #name: string;
  readonly #subnet: string;
  readonly #places: Place[] = [];

  private constructor(index: number) {
    this.#name = `smps${index}`;
    this.#subnet = SUBNET(index);
  }

  /** @param index 1 to 254: networks of that number must not be there already, or are of a run that was killed @throws Error with what `ip` said */
  static async open(index: number, hosts: number): Promise<Apart> {
    const apart = new Apart(index);
    await apart.#remove(hosts);
    const bridge = apart.#name;
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('addr', 'add', `${apart.#subnet}.1/24`, 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
    for (let n = 0; n < hosts; n++) await apart.#add(n);
    return apart;
  }

  place(host: number): Place {
    const place = this.#places[host];
    if (place === undefined) throw new Error(`there is no host ${host} here`);
    return place;
  }

  /** The hosts reach one another no more; this machine still reaches each. Nobody is told: what is sent is lost. */
  async cut(): Promise<void> {
    await this.#isolate('on');
  }

  /** As it was, and at full speed. */
  async restore(): Promise<void> {
    await this.#isolate('off');
    for (const n of this.#places.keys()) {
      await run('tc', ['qdisc', 'del', 'dev', this.#port(n), 'root']).catch(() => null);
    }
  }

  /** To every host, from wherever, at most so many Mbit a second. */
  async slow(mbit: number): Promise<void> {
    const limit = ['tbf', 'rate', `${mbit}mbit`, 'burst', BURST, 'latency', LATENCY];
    for (const n of this.#places.keys()) await run('tc', ['qdisc', 'replace', 'dev', this.#port(n), 'root', ...limit]);
  }

  async close(): Promise<void> {
    await this.#remove(this.#places.length);
  }

  async #add(n: number): Promise<void> {
    const [name, port, address] = [`${this.#name}-${n + 1}`, this.#port(n), `${this.#subnet}.${n + 11}`];
    await ip('netns', 'add', name);
    await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('link', 'set', port, 'master', this.#name, 'up');
    await ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) await ip('-n', name, 'link', 'set', device, 'up');
    this.#places.push({ name, address, enter: ['nsenter', `--net=/run/netns/${name}`] });
  }

  async #isolate(how: 'on' | 'off'): Promise<void> {
    for (const n of this.#places.keys()) {
      await ip('link', 'set', 'dev', this.#port(n), 'type', 'bridge_slave', 'isolated', how);
    }
  }

  async #remove(hosts: number): Promise<void> {
    for (let n = 0; n < hosts; n++) await ip('netns', 'del', `${this.#name}-${n + 1}`).catch(() => null);
    await ip('link', 'del', this.#name).catch(() => null);
  }

  #port(n: number): string {
    return `${this.#name}v${n + 1}`;
  }
}

/** Whether this user may make such a network here, and the programs for it are there. */
export const canBeApart = (): boolean =>
  process.getuid?.() === 0 &&
  ['ip', 'tc', 'nsenter'].every((program) => spawnSync(program, ['-V']).error === undefined);
