// Gives a device to a VM and takes it from it, in both its configurations in one change. Detached means gone from the guest, not asked for:
// one that a guest does not let go of stays in the configuration of its next boot too.
import type { DomainXml } from './domain-xml.ts';
import type { Domain } from './domains.ts';
import { scope } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { refuse } from './refusal.ts';
import { INPUT, VirshError } from './virsh.ts';
import { elements, find, mapChildren, printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

export type Device = {
  readonly kind: 'disk' | 'network interface';
  /** For operators: its target or MAC address. */
  readonly id: string;
  readonly isIn: (domain: DomainXml) => boolean;
  readonly is: (device: Element) => boolean;
};

const PATIENCE = 15_000;

/** @param isIn whether a configuration has it @throws VirshError, also when libvirt took it without a word and does not have it */
export async function attach(host: LibvirtHost, domain: Domain, device: Element, isIn: Device['isIn']): Promise<void> {
  const words = ['attach-device', domain.id, INPUT, ...scope(domain)];
  const now = await host.domains.changeDevices(domain.id, words, printElement(device));
  // One that has stopped meanwhile has it in the configuration of its next boot.
  if (domain.live === null || now === null || isIn(now)) return;
  throw new VirshError('attach-device', 'libvirt does not list the device afterwards');
}

/** @returns whether the running guest had it, and not only its next boot. Refuses `in-use`, `not-found`. */
export async function detach(host: LibvirtHost, domain: Domain, device: Device): Promise<boolean> {
  const { kind, id, isIn, is } = device;
  const found = (text: string): Element | null => elements(find(readElement(text), 'devices')).find(is) ?? null;
  const live = domain.live === null ? null : found(domain.texts[0]);
  const inactive = domain.inactive === null ? null : found(domain.texts[1]);
  // Where it is plugged in may differ between the two.
  const plain = (of: Element): Element => mapChildren(of, (child) => (child.name === 'address' ? null : child));
  const xml = printElement(inactive === null ? (live ?? refuse('not-found', { kind, id })) : plain(inactive));
  const words = ['detach-device', domain.id, INPUT, ...scope({ live, inactive })];
  let now = await host.domains.changeDevices(domain.id, words, xml);
  host.guests.forget(domain.id);
  if (live === null) return false;
  // The hypervisor reports a device as gone only after the guest has released it.
  const has = (): boolean => now !== null && isIn(now);
  if (!has()) return true;
  const gone = async (): Promise<true | null> => {
    now = await host.domains.live(domain.id);
    return has() ? null : true;
  };
  if ((await host.until(domain, gone, PATIENCE)) !== null) return true;
  // libvirt took it from the next boot when it had asked the guest.
  if (inactive !== null) {
    await host.virsh.change(['attach-device', domain.id, INPUT, '--config'], { input: printElement(inactive) });
  }
  return refuse('in-use', { what: `${kind} ${id}`, by: 'the guest, which has not let go of it' });
}
