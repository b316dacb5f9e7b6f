// vCPUs where the hypervisor itself counts those a guest has brought online (Xen): given and taken live, and for the next boot.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { Domain } from './domains.ts';
import { effectNow, silence } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { meansFor, XEN_CPUS } from './means.ts';
import { refuse } from './refusal.ts';
import { INPUT, VirshError } from './virsh.ts';
import { vcpusSeen } from './vm.ts';
import { mapChildren, printElement, readElement } from './xml.ts';

/** For the next boot; a transient VM has none. */
export async function configure(host: LibvirtHost, domain: Domain, count: number): Promise<void> {
  const { id } = domain;
  if (meansFor(domain).vcpuConfigure === 'setvcpus' || domain.inactive === null) {
    await host.virsh.change(['setvcpus', id, String(count), '--config']);
    return;
  }
  const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${id}`]);
  const changed = mapChildren(readElement(text), (child) =>
    child.name === 'vcpu' ? { ...child, attributes: { ...child.attributes, current: String(count) } } : child
  );
  await host.virsh.change(['define', INPUT], { input: printElement(changed) });
}

/** More or fewer of them, now and at the next boot; the effect says how many the hypervisor counts in the end. */
export async function setCounted(host: LibvirtHost, domain: Domain, count: number): Promise<readonly Effect[]> {
  const asked = String(count);
  try {
    await host.virsh.change(['setvcpus', domain.id, asked, '--live']);
  } catch (error) {
    // Not even a smaller number than it has, where that is above the host's CPUs.
    const most = /greater than max allowable vcpus .*> (\d+)/.exec(error instanceof VirshError ? error.message : '');
    if (most === null) throw error;
    const reason = `${XEN_CPUS}, which has ${most[1] ?? ''}; applies at next boot`;
    return refuse('unsupported', { what: `${asked} vCPUs for this running VM`, reason, instead: 'next-boot' });
  }
  if (domain.inactive !== null) await configure(host, domain, count);
  if (domain.state === 'paused') return [effectNow('vcpus', asked, null, silence(domain))];
  let online = vcpusSeen(domain);
  await host.until(domain, async () => {
    online = vcpusSeen({ figures: await host.domains.memory(domain.id) }) ?? online;
    return online === count ? online : null;
  });
  const seen = online === null ? null : ({ text: String(online), by: 'hypervisor' } as const);
  const behind = (online ?? count) < count ? 'brought all of them online' : 'given all of them back';
  return [effectNow('vcpus', asked, seen, online === count ? null : `the guest has not ${behind} yet`)];
}
