// The real Xen host of `npm start -- --with-xen`: an emulated machine whose libvirt definitions and pool are kept on a disk in
// the state directory. What ran when it was stopped runs again.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../src/lib/model/fault.ts';
import { UUID } from '../../src/lib/model/ids.ts';
import { startXenHost } from '../../tests/xen/host/host.ts';
import type { XenHost } from '../../tests/xen/host/host.ts';
import { aptInstall, canInstall } from '../setup/apt.mjs';
import { XEN_PACKAGES, xenMissing } from '../setup/xen.mjs';
import { domainsRunning, startDomain } from './virsh.ts';

/** Before anything is started: @throws Fault `unsupported` with the reason where there can be no Xen host. */
export async function demandXen(): Promise<void> {
  if (canInstall()) await aptInstall(XEN_PACKAGES, 'a Xen host is built and emulated here');
  const reason = xenMissing();
  if (reason !== null)
    throw new Fault('unsupported', { what: 'a Xen host here', reason, instead: 'leave --with-xen out' });
}

export class SampleXenHost {
  readonly #dir: string;
  readonly #say: (line: string) => void;
  #starting: Promise<XenHost> | null = null;
  #stopping = false;

  /** @param dir of the state directory, made when absent */
  constructor(dir: string, say: (line: string) => void) {
    this.#dir = dir;
    this.#say = say;
  }

  /** Builds it at the first start, which takes about a minute. @returns what its agent needs @throws Fault `unsupported` */
  async start(name: string): Promise<{ readonly uri: string; readonly images: string }> {
    await mkdir(this.#dir, { recursive: true });
    const [data, images] = [join(this.#dir, 'data.qcow2'), join(this.#dir, 'images')];
    this.#starting = startXenHost({ name, data, images, progress: this.#say });
    const host = await this.#starting;
    void host.gone.then(() => {
      if (!this.#stopping) this.#say(`the Xen host ${name} ended by itself; the next start brings it back`);
    });
    for (const id of await this.#ran()) await startDomain(host.uri, id);
    await rm(this.#list, { force: true });
    return { uri: host.uri, images: host.images };
  }

  /** Asks guests to shut down, then ends it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const host = await this.#starting?.catch(() => null);
    if (!host) return;
    const running = (await domainsRunning(host.uri)).filter((id) => id !== DOM0);
    if (running.length > 0) await writeFile(this.#list, JSON.stringify(running));
    await host.stop();
  }

  get #list(): string {
    return join(this.#dir, 'ran.json');
  }

  async #ran(): Promise<readonly string[]> {
    try {
      const ids: unknown = JSON.parse(await readFile(this.#list, 'utf8'));
      return Array.isArray(ids)
        ? ids.filter((id: unknown) => typeof id === 'string').filter((id) => UUID.test(id))
        : [];
    } catch {
      return [];
    }
  }
}

const DOM0 = '00000000-0000-0000-0000-000000000000';
