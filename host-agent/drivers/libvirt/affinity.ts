// On which CPUs of the host the vCPUs of a VM may run: all of them on the same, those added later too.
import { printCpuList, readCpuList } from '../../../src/lib/model/cpu-share.ts';
import type { CpuList } from '../../../src/lib/model/cpu-share.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { When } from '../driver.ts';
import { cpusText } from '../share-text.ts';
import { affinityOf, withAffinity } from './cputune.ts';
import type { Domain } from './domains.ts';
import type { DomainXml } from './domain-xml.ts';
import { effectNextBoot, effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { refuse } from './refusal.ts';
import { reconfigure } from './share.ts';

export async function setAffinity(host: LibvirtHost, id: VmId, cpus: CpuList, when: When): Promise<readonly Effect[]> {
  const domain = await host.domains.demandUnsaved(id);
  const count = (await host.processors.count()) ?? 0;
  const beyond = readCpuList(cpus)?.find((cpu) => cpu >= count);
  if (beyond !== undefined) {
    refuse('bad-argument', { name: 'cpus', value: cpus, reason: `the host has CPUs 0 to ${count - 1}` });
  }
  const now = domain.live !== null && when === 'now';
  if (now) await pin(host, domain, domain.live, cpus, 0);
  await configure(host, domain, cpus);
  if (!now) return [effectNextBoot('affinity', cpusText(cpus))];
  const live = await host.domains.live(id);
  const seen = live === null ? null : cpusText(affinityOf(live.tune, count));
  return [effectNow('affinity', cpusText(cpus), seen === null ? null : { text: seen, by: 'hypervisor' })];
}

/** After vCPUs were added: they run where the others do. Xen has no pins for vCPUs that are not there yet. */
export async function pinAdded(host: LibvirtHost, id: VmId): Promise<void> {
  const known = await host.domains.demand(id);
  if (![known.live, known.inactive].some((xml) => xml?.type === 'xen' && xml.tune.pins.some((each) => each !== '')))
    return;
  host.domains.forget(id);
  const domain = await host.domains.demand(id);
  const { live, inactive } = domain;
  const lacking = (xml: DomainXml | null): CpuList =>
    xml?.tune.pins.includes('') === true ? (xml.tune.pins[0] ?? '') : '';
  if (live !== null && lacking(live) !== '') await pin(host, domain, live, lacking(live), live.tune.pins.indexOf(''));
  if (inactive !== null && lacking(inactive) !== '') await configure(host, domain, lacking(inactive));
}

/** Xen pins only vCPUs that are there, QEMU those that can be added too. */
const pinned = ({ type, vcpus, vcpusMax }: DomainXml): number => (type === 'xen' ? vcpus : vcpusMax);

async function pin(host: LibvirtHost, { id }: Domain, live: DomainXml, cpus: CpuList, from: number): Promise<void> {
  const list = cpus === '' ? printCpuList(Array(await host.processors.count()).keys()) : cpus;
  for (let vcpu = from; vcpu < pinned(live); vcpu++)
    await host.virsh.change(['vcpupin', id, String(vcpu), list, '--live']);
}

async function configure(host: LibvirtHost, { id, inactive }: Domain, cpus: CpuList): Promise<void> {
  if (inactive !== null) await reconfigure(host, id, (root) => withAffinity(root, cpus, pinned(inactive)));
}
