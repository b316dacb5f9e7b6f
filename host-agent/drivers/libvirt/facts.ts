// Who this host is: hypervisor, version, processors, memory, and what can be done to running VMs on it.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Capability, Hypervisor } from '../../../src/lib/model/fleet.ts';
import { kibToMib, vcpus } from '../../../src/lib/model/units.ts';
import type { HypervisorFacts } from '../driver.ts';
import { figure } from './domstats.ts';
import type { LibvirtHost } from './host.ts';
import { movesHere } from './lost-writes.ts';
import { domainTypeOf, meansOf } from './means.ts';
import { parseNodeinfo } from './nodeinfo.ts';
import { accelerator } from './probe.ts';
import { unmovedBecause } from './unmoved.ts';
import { parseLook } from './xen-figures.ts';
import { elements, find, readElement, textOf } from './xml.ts';

export type Versions = { readonly hypervisor: Hypervisor; readonly version: string };

/** @throws Fault `hypervisor-down` */
export async function versions(host: LibvirtHost): Promise<Versions> {
  const text = await host.virsh.change(['version'], { timeout: 30_000 });
  // “Running hypervisor: QEMU 7.2.22”
  const [, kind = '', number = ''] = /^Running hypervisor: (\S+) (\S+)$/m.exec(text) ?? [];
  const xen = kind === 'Xen';
  const version = xen ? ((host.local ? await ownXen() : null) ?? number.replace(/^(\d+\.\d+)\.0$/, '$1')) : number;
  return { hypervisor: xen ? 'xen' : 'qemu', version: `${kind || 'QEMU'} ${version}`.trim().slice(0, 64) };
}

/** `4.17.5`, as Xen tells its domain 0: libvirt leaves the last figure away. */
async function ownXen(): Promise<string | null> {
  const parts = ['major', 'minor', 'extra'].map((name) =>
    readFile(`/sys/hypervisor/version/${name}`, 'utf8').catch(() => '')
  );
  const [major = '', minor = '', extra = ''] = (await Promise.all(parts)).map((part) => part.trim());
  return /^\d+$/.test(major) && /^\d+$/.test(minor) ? `${major}.${minor}${extra}` : null;
}

const KEEP = 60_000;
const known = new WeakMap<LibvirtHost, { readonly at: number; readonly facts: HypervisorFacts }>();

/** Asked for once a minute at most: hardly any of it changes while the host runs. */
export async function describe(host: LibvirtHost): Promise<HypervisorFacts> {
  const last = known.get(host);
  if (last !== undefined && Date.now() - last.at < KEEP) return last.facts;
  const facts = await ask(host);
  known.set(host, { at: Date.now(), facts });
  return facts;
}

async function ask(host: LibvirtHost): Promise<HypervisorFacts> {
  const { hypervisor, version } = await versions(host);
  const kind = await accelerator(host);
  const [info = '', capabilities = ''] = await host.virsh.read(['nodeinfo', 'capabilities'], 30_000);
  const { cpus, memory, model } = parseNodeinfo(info);
  // Domain 0 has its own share of the host: of its processors and memory the system there speaks as if they were all.
  const own = host.local && !host.xen;
  return {
    hypervisor,
    hypervisorVersion: version,
    accelerator: kind,
    simulated: false,
    cpus: vcpus(Math.min(cpus ?? (own ? availableParallelism() : 1), 4096)),
    cpuModel: ((host.local ? await localModel() : null) ?? modelIn(capabilities) ?? model).slice(0, 256),
    memory: kibToMib((own ? await localMemory() : null) ?? memory ?? 0),
    numaCells: cellsIn(capabilities),
    ...(await ofXen(host)),
    capabilities: capabilitiesHere(host, domainTypeOf(kind), version)
  };
}

/** What of that which holds for all hosts of a kind holds here. */
function capabilitiesHere(host: LibvirtHost, type: string, version: string): readonly Capability[] {
  const unmoved = host.ground === null ? unmovedBecause(host.config) : null;
  return meansOf(type).capabilities.map((known) => {
    if (known.name === 'cpu-share') return host.processors.capability(type, known);
    if (known.name !== 'migrate') return known;
    if (unmoved === null) return movesHere(known, type, version);
    return { ...known, live: false, reason: `${unmoved.reason}; ${unmoved.instead}` };
  });
}

/** What only Xen has: its scheduler, and what its own domain takes of the host. */
async function ofXen(host: LibvirtHost): Promise<Pick<HypervisorFacts, 'scheduler' | 'domainZero' | 'xlVms'>> {
  const zero = await host.domains.zero();
  if (!host.xen) return { scheduler: null, domainZero: null, xlVms: null };
  await host.pastLibvirt();
  const xlVms = host.xl?.answers === true ? 'shown' : 'unseen';
  if (zero === null) return { scheduler: null, domainZero: null, xlVms };
  const [sched = '', memory = '', processors = ''] = await host.virsh.read([
    `schedinfo ${zero}`,
    `dommemstat ${zero}`,
    `vcpuinfo ${zero}`
  ]);
  const figures = parseLook(['running', memory, processors], Date.now());
  const [online, given] = [figure(figures, 'vcpu.online'), figure(figures, 'balloon.current')];
  return {
    scheduler: /^Scheduler +: ([a-z0-9_-]{1,32})$/m.exec(sched)?.[1] ?? null,
    domainZero:
      online === null || given === null ? null : { vcpus: vcpus(Math.min(online, 4096)), memory: kibToMib(given) },
    xlVms
  };
}

/** KiB. libvirt counts by NUMA node, and misses memory that was added while the host ran. */
async function localMemory(): Promise<number | null> {
  const match = /^MemTotal:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8').catch(() => ''));
  return match === null ? null : Number(match[1]);
}

async function localModel(): Promise<string | null> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return /^model name\s*:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? null;
}

/** NUMA cells; null where libvirt does not say. */
function cellsIn(capabilities: string): number | null {
  try {
    return elements(find(readElement(capabilities), 'host', 'topology', 'cells'), 'cell').length || null;
  } catch {
    return null;
  }
}

function modelIn(capabilities: string): string | null {
  try {
    return textOf(find(readElement(capabilities), 'host', 'cpu', 'model')) || null;
  } catch {
    return null;
  }
}
