// How guest code really runs on this host. A /dev/kvm and `<domain type='kvm'/>` in the capabilities do not prove it (nested
// environments advertise it and fail): a tiny guest is booted once, and the answer remembered for this hypervisor version.
import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Accelerator } from '../../../src/lib/model/fleet.ts';
import { vmId } from '../../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../../src/lib/model/units.ts';
import { domainTemplate } from './domain-template.ts';
import { readDomain } from './domain-xml.ts';
import { versions } from './facts.ts';
import type { LibvirtHost } from './host.ts';
import { readImages } from './images.ts';
import type { Image } from './images.ts';
import { Fault } from '../../../src/lib/model/fault.ts';
import { INPUT } from './virsh.ts';
import { attribute, elements, find, readElement } from './xml.ts';

/** Domains of this name are ours, live for seconds, and are shown to nobody. */
export const PROBE_NAME = /^smps-probe-[0-9a-f]{8}$/;
const BOOT_PATIENCE = 20_000;

const answers = new WeakMap<LibvirtHost, Promise<Accelerator>>();

/** Decided once per driver. @throws Fault `hypervisor-down`, after which it is tried again the next time. */
export function accelerator(host: LibvirtHost): Promise<Accelerator> {
  let answer = answers.get(host);
  if (answer === undefined) {
    answer = decide(host);
    answers.set(host, answer);
    answer.catch(() => answers.delete(host));
  }
  return answer;
}

async function decide(host: LibvirtHost): Promise<Accelerator> {
  const { hypervisor, version } = await versions(host);
  if (hypervisor === 'xen') return 'xen';
  const wanted = host.config.accelerator ?? 'auto';
  if (wanted !== 'auto') return wanted;
  const [capabilities = ''] = await host.virsh.read(['capabilities'], 60_000);
  if (!offersKvm(capabilities)) return 'emulated';
  const key = createHash('sha256')
    .update(`${version}\n${hostUuid(capabilities)}`)
    .digest('hex');
  const remembered = await recall(host, key);
  if (remembered !== null) return remembered;
  const images = await readImages(host.config.images);
  const works = await probeBoot(host, 'kvm', images.find((image) => image.kind === 'kernel' && image.agent) ?? null);
  const answer = works ? 'kvm' : 'emulated';
  await remember(host, key, answer);
  return answer;
}

/**
 * Boots a guest of this domain type and answers whether it came up: its agent answered, or, without an image that has one,
 * its firmware ran. The guest is gone afterwards.
 */
export async function probeBoot(host: LibvirtHost, type: string, image: Image | null): Promise<boolean> {
  const id = vmId(randomUUID());
  const memory = mib(image?.minMemory ?? 64);
  const vm = {
    id,
    name: `smps-probe-${id.slice(0, 8)}`,
    description: 'Finds out whether hardware acceleration works here',
    image: image?.name ?? 'none',
    vcpus: vcpus(1),
    vcpusMax: vcpus(1),
    memory,
    memoryMax: memory,
    start: true,
    disks: [],
    nics: [],
    tags: [],
    protected: false,
    autostart: false,
    seed: null
  };
  const nothing: Image = { name: 'none', title: '', minMemory: null, agent: false, xen: null, kind: 'iso', path: '' };
  try {
    // Transient: nothing of it outlasts its end.
    const naming = { name: vm.name, title: null };
    const input = domainTemplate({ vm, image: image ?? nothing, naming, type, devices: [] });
    await host.virsh.change(['create', INPUT], { input, timeout: BOOT_PATIENCE });
    const began = Date.now();
    const up = await host.until(
      { name: vm.name, live: null },
      async () => {
        const [xml = '', stats = ''] = await host.virsh.read([
          `dumpxml ${id}`,
          `domstats --raw --state --cpu-total ${id}`
        ]);
        if (xml === '' || !/^ {2}state\.state=1$/m.test(stats)) return false;
        if (image !== null) return readDomain(readElement(xml)).agent === true ? true : null;
        const busy = Number(/^ {2}cpu\.time=(\d+)$/m.exec(stats)?.[1] ?? 0) > 0;
        return busy && Date.now() - began > 2_000 ? true : null;
      },
      BOOT_PATIENCE
    );
    return up === true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'hypervisor-down') throw error;
    return false;
  } finally {
    await host.virsh.change(['destroy', id]).catch(() => null);
  }
}

function offersKvm(capabilities: string): boolean {
  try {
    return elements(readElement(capabilities), 'guest').some((guest) =>
      elements(find(guest, 'arch'), 'domain').some((domain) => attribute(domain, 'type') === 'kvm')
    );
  } catch {
    return false;
  }
}

const hostUuid = (capabilities: string): string => /<uuid>([0-9a-f-]{36})<\/uuid>/.exec(capabilities)?.[1] ?? '';

async function recall(host: LibvirtHost, key: string): Promise<Accelerator | null> {
  const file = host.config.probeFile ?? null;
  if (file === null) return null;
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof kept !== 'object' || kept === null || !('key' in kept) || kept.key !== key) return null;
    if (!('accelerator' in kept)) return null;
    return kept.accelerator === 'kvm' || kept.accelerator === 'emulated' ? kept.accelerator : null;
  } catch {
    return null;
  }
}

async function remember(host: LibvirtHost, key: string, answer: Accelerator): Promise<void> {
  const file = host.config.probeFile ?? null;
  if (file === null) return;
  await writeFile(`${file}.new`, `${JSON.stringify({ key, accelerator: answer })}\n`);
  await rename(`${file}.new`, file);
}
