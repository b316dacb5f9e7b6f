// Keeps the libvirtd of each sample host alive: one that was killed is started again, with growing pauses. Its guests go on
// meanwhile, and the new daemon finds them.
import { Fault } from '../../src/lib/model/fault.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { startOf } from '../setup/lock.mjs';
import { startLibvirtHost } from './libvirt-host.ts';
import type { LibvirtHost } from './libvirt-host.ts';

const LOOK_EVERY = 1_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

export class LibvirtDaemons {
  readonly #hosts = new Map<HostId, LibvirtHost>();
  readonly #say: (line: string) => void;
  readonly #starting = new Set<Promise<unknown>>();
  #stopping = false;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Starts the host's daemon and keeps it alive from then on. @param dir its directory @param index 1, 2, 3… @returns what its agent needs */
  async start(id: HostId, dir: string, index: number): Promise<Pick<LibvirtHost, 'uri' | 'sockets'>> {
    const host = await this.#launch(id, dir, index);
    void this.#keep(id, dir, index);
    return { uri: host.uri, sockets: host.sockets };
  }

  /** Ends all daemons and their guests. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled(this.#starting);
    await Promise.allSettled([...this.#hosts.values()].map((host) => host.stop()));
  }

  async #launch(id: HostId, dir: string, index: number): Promise<LibvirtHost> {
    if (this.#stopping) throw new Fault('interrupted', { what: `starting libvirtd of ${id}` });
    const started = startLibvirtHost({ dir, index });
    this.#starting.add(started);
    try {
      const host = await started;
      this.#hosts.set(id, host);
      return host;
    } finally {
      this.#starting.delete(started);
    }
  }

  async #keep(id: HostId, dir: string, index: number): Promise<void> {
    let pause = FIRST_PAUSE;
    while (await this.#after(LOOK_EVERY)) {
      const host = this.#hosts.get(id);
      if (host !== undefined && startOf(host.pid) !== null) {
        pause = FIRST_PAUSE;
        continue;
      }
      this.#say(`libvirtd of ${id} ended; starting it again in ${pause / 1000} s`);
      if (!(await this.#after(pause))) return;
      pause = Math.min(LONGEST_PAUSE, pause * 2);
      try {
        await this.#launch(id, dir, index);
        this.#say(`libvirtd of ${id} is back`);
      } catch (error) {
        this.#say(`libvirtd of ${id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** Waits; false when there is nothing to wait for any more. The timer keeps no process alive. */
  #after(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      setTimeout(() => resolve(!this.#stopping), ms).unref();
    });
  }
}
