// Network interfaces of a VM: attached and detached, while it runs or for its next boot.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { newMac, nic } from './devices.ts';
import type { Uplink } from './devices.ts';
import { scope } from './disks.ts';
import { effectNextBoot, effectNow, silence } from './effect.ts';
import { guestNics } from './guest-agent.ts';
import { nicSeen } from './guests.ts';
import type { LibvirtHost } from './host.ts';
import { meansOf } from './means.ts';
import { networks, offers } from './networks.ts';
import type { Offer } from './networks.ts';
import { INPUT } from './virsh.ts';
import { refuse } from './refusal.ts';
import { printElement } from './xml.ts';

const DETACH_PATIENCE = 15_000;

/** Where an interface on the network of this name is plugged in, or a refusal. */
export async function demandNetwork(host: LibvirtHost, name: string): Promise<Uplink> {
  const named = (each: Offer): boolean => each.name === name;
  const offer = (await offers(host)).find(named) ?? (await networks(host)).find(named);
  return offer?.uplink ?? refuse('not-found', { kind: 'network', id: name });
}

export async function attachNic(host: LibvirtHost, id: VmId, network: string): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  const uplink = await demandNetwork(host, network);
  const mac = newMac();
  await host.virsh.change(['attach-device', id, INPUT, ...scope(domain)], {
    input: printElement(nic(uplink, mac))
  });
  const asked = `${mac} on ${network}`;
  if (domain.live === null) return [effectNextBoot('nic', asked)];
  const quiet = silence(domain);
  if (quiet !== null) return [effectNow('nic', asked, null, quiet)];
  const seen = await host.until(meansOf(domain.live.type).accelerator, async () => {
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
  const domain = await host.domains.demand(id);
  const live = domain.live?.nics.find((each) => each.mac === mac);
  const inactive = domain.inactive?.nics.find((each) => each.mac === mac);
  const type = (live ?? inactive ?? refuse('not-found', { kind: 'network interface', id: mac })).type;
  const asked = `no ${mac}`;
  const args = ['detach-interface', id, type, '--mac', mac];
  if (live !== undefined) {
    await host.virsh.change([...args, '--live']);
    const gone = await host.until(
      'emulated',
      async () => {
        const now = await host.domains.get(id);
        return now?.live?.nics.some((each) => each.mac === mac) === true ? null : true;
      },
      DETACH_PATIENCE
    );
    if (gone === null)
      refuse('in-use', { what: `network interface ${mac}`, by: 'the guest, which has not let go of it' });
  }
  if (inactive !== undefined) await host.virsh.change([...args, '--config']);
  host.guests.forget(id);
  // The hypervisor reports a device as gone only after the guest has released it.
  return live === undefined
    ? [effectNextBoot('nic', asked)]
    : [effectNow('nic', asked, { text: asked, by: 'hypervisor' })];
}
