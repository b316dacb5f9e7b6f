// Network interfaces of a VM: attached and detached, while it runs or for its next boot.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { attach, detach } from './device-change.ts';
import { newMac, nic } from './devices.ts';
import type { Uplink } from './devices.ts';
import { effectNextBoot, effectNow, silence } from './effect.ts';
import { guestNics } from './guest-agent.ts';
import { nicSeen } from './guests.ts';
import type { LibvirtHost } from './host.ts';
import { meansFor } from './means.ts';
import { networks, offers } from './networks.ts';
import type { Offer } from './networks.ts';
import { refuse } from './refusal.ts';
import { attribute, find } from './xml.ts';

/** Where an interface on the network of this name is plugged in, or a refusal. */
export async function demandNetwork(host: LibvirtHost, name: string): Promise<Uplink> {
  const named = (each: Offer): boolean => each.name === name;
  const offer = (await offers(host)).find(named) ?? (await networks(host)).find(named);
  return offer?.uplink ?? refuse('not-found', { kind: 'network', id: name });
}

export async function attachNic(host: LibvirtHost, id: VmId, network: string): Promise<readonly Effect[]> {
  const domain = await host.domains.demandDevices(id);
  const uplink = await demandNetwork(host, network);
  const { disks: means } = meansFor(domain);
  const mac = newMac(means);
  await attach(host, domain, nic(uplink, mac, means), (each) => each.nics.some((known) => known.mac === mac));
  const asked = `${mac} on ${network}`;
  if (domain.live === null) return [effectNextBoot('nic', asked)];
  const quiet = silence(domain);
  if (quiet !== null) return [effectNow('nic', asked, null, quiet)];
  const seen = await host.until(domain, async () => {
    const nics = (await guestNics(host.virsh, id)) ?? [];
    const nic = nicSeen(nics, mac);
    if (nic !== null) host.guests.note(id, { nics });
    return nic;
  });
  if (seen === null) return [effectNow('nic', asked, null, 'the guest has not reported it yet')];
  return [
    effectNow('nic', asked, { text: `${mac} on ${network}`, by: 'guest-agent' }, `the guest calls it ${seen.name}`)
  ];
}

export async function detachNic(host: LibvirtHost, id: VmId, mac: string): Promise<readonly Effect[]> {
  const domain = await host.domains.demandDevices(id);
  const asked = `no ${mac}`;
  const now = await detach(host, domain, {
    kind: 'network interface',
    id: mac,
    isIn: (each) => each.nics.some((nic) => nic.mac === mac),
    is: (each) => each.name === 'interface' && attribute(find(each, 'mac'), 'address')?.toLowerCase() === mac
  });
  return [now ? effectNow('nic', asked, { text: asked, by: 'hypervisor' }) : effectNextBoot('nic', asked)];
}
