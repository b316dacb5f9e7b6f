// What the running domains of a Xen host, and the host with them, have used up: one question for each figure, all in one go.
import { performance } from 'node:perf_hooks';
import { readFile } from 'node:fs/promises';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Figures } from './domstats.ts';
import type { LibvirtHost } from './host.ts';
import { countersOf, cpuTimeOf, parseCounters, parseCpuTime } from './xen-figures.ts';

export type Counters = {
  /** Instant, ms since the epoch. */
  readonly at: number;
  /** Of each running domain, in domstats' own keys; `vcpu.current` among them. */
  readonly vms: ReadonlyMap<VmId, Figures>;
  /** Nanoseconds of CPU the host's own domain has used; null when Xen does not say. */
  readonly zero: number | null;
};

/** Where every figure is a question, asking takes at most this part of the time, however many VMs there are. */
const SHARE = 1 / 8;

export class CounterReader {
  readonly #host: LibvirtHost;
  #last: { readonly endedAt: number; readonly took: number; readonly counters: Counters } | null = null;

  constructor(host: LibvirtHost) {
    this.#host = host;
  }

  /** The last ones again while it is too early to ask for others. @throws Fault as `Virsh.read` */
  async read(): Promise<Counters> {
    const begun = Date.now();
    if (this.#last !== null && begun - this.#last.endedAt < this.#last.took / SHARE) return this.#last.counters;
    const counters = await ask(this.#host);
    this.#last = { counters, endedAt: Date.now(), took: Date.now() - begun };
    return counters;
  }
}

async function ask(host: LibvirtHost): Promise<Counters> {
  const zero = await host.domains.zero();
  const running = (await host.domains.all()).flatMap(({ id, live }) =>
    live === null || host.domains.quiet.has(id) ? [] : { id, live }
  );
  const asked = running.map(({ id, live }) => countersOf(id, live));
  const before = now();
  const [devices, answers] = await Promise.all([
    host.local ? readFile('/proc/net/dev', 'utf8').catch(() => '') : '',
    host.virsh.read([...(zero === null ? [] : [cpuTimeOf(zero)]), ...asked.flat()])
  ]);
  let from = zero === null ? 0 : 1;
  const vms = new Map<VmId, Figures>();
  for (const [index, { id, live }] of running.entries()) {
    const figures = new Map(parseCounters(answers.slice(from, (from += asked[index]?.length ?? 0))));
    const nets = host.local ? vifsOf(devices, live.run ?? '') : null;
    if (nets !== null) put(figures, nets);
    else if (live.nics.some(({ device }) => device === null)) {
      // Part of its traffic is not its traffic.
      for (const key of figures.keys()) if (key.startsWith('net.')) figures.delete(key);
    }
    figures.set('vcpu.current', String(live.vcpus));
    vms.set(id, figures);
  }
  return { at: (before + now()) / 2, vms, zero: zero === null ? null : parseCpuTime(answers[0] ?? '') };
}

const now = (): number => performance.timeOrigin + performance.now();

function put(figures: Map<string, string>, [received, sent]: readonly [number, number]): void {
  figures.set('net.count', '1');
  figures.set('net.0.rx.bytes', String(received));
  figures.set('net.0.tx.bytes', String(sent));
}

/**
 * Bytes the guest of this run has received and sent by all its interfaces, of the `/proc/net/dev` of domain 0, where what the
 * guest receives is sent; null when it has none there.
 */
export function vifsOf(devices: string, run: string): readonly [number, number] | null {
  const counts = devices.split('\n').flatMap((line) => {
    const [, name = '', rest = ''] = /^\s*(vif\d+\.\d+(?:-emu)?):\s*(.*)$/.exec(line) ?? [];
    const fields = rest.split(/\s+/).map(Number);
    return name.startsWith(`vif${run}.`) ? [[fields[8] ?? 0, fields[0] ?? 0] as const] : [];
  });
  return counts.length === 0 ? null : counts.reduce((sum, each) => [sum[0] + each[0], sum[1] + each[1]] as const);
}
