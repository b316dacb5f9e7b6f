// Who this host is: hypervisor, version, processors, memory, and what can be done to running VMs on it.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Hypervisor } from '../../../src/lib/model/fleet.ts';
import { kibToMib, vcpus } from '../../../src/lib/model/units.ts';
import type { HypervisorFacts } from '../driver.ts';
import type { LibvirtHost } from './host.ts';
import { domainTypeOf, meansOf } from './means.ts';
import { accelerator } from './probe.ts';
import { find, readElement, textOf } from './xml.ts';

export type Versions = { readonly hypervisor: Hypervisor; readonly version: string };

/** @throws Fault `hypervisor-down` */
export async function versions(host: LibvirtHost): Promise<Versions> {
  const text = await host.virsh.change(['version'], { timeout: 30_000 });
  // “Running hypervisor: QEMU 7.2.22”
  const [, kind = '', number = ''] = /^Running hypervisor: (\S+) (\S+)$/m.exec(text) ?? [];
  return { hypervisor: kind === 'Xen' ? 'xen' : 'qemu', version: `${kind || 'QEMU'} ${number}`.trim().slice(0, 64) };
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
  const [nodeinfo = '', capabilities = ''] = await host.virsh.read(['nodeinfo', 'capabilities'], 30_000);
  const field = (name: string): string => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(nodeinfo)?.[1]?.trim() ?? '';
  const cpus = Number.parseInt(field('CPU\\(s\\)'), 10) || availableParallelism();
  const memory = (host.local ? await localMemory() : null) ?? Number.parseInt(field('Memory size'), 10);
  return {
    hypervisor,
    hypervisorVersion: version,
    accelerator: kind,
    simulated: false,
    cpus: vcpus(Math.min(cpus, 4096)),
    cpuModel: ((host.local ? await localModel() : null) ?? modelIn(capabilities) ?? field('CPU model')).slice(0, 256),
    memory: kibToMib(Number.isFinite(memory) ? memory : 0),
    capabilities: meansOf(domainTypeOf(kind)).capabilities
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

function modelIn(capabilities: string): string | null {
  try {
    return textOf(find(readElement(capabilities), 'host', 'cpu', 'model')) || null;
  } catch {
    return null;
  }
}
