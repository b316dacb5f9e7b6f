// XML of the devices the driver makes: disks and network interfaces, at creation and hot-plugged alike.
import { randomBytes } from 'node:crypto';
import type { DomainXml } from './domain-xml.ts';
import { element } from './xml.ts';
import type { Element } from './xml.ts';

/** The first free `vdX` of a VM, in both its configurations; null when all 26 are taken. */
export function freeTarget(...configurations: readonly (DomainXml | null)[]): string | null {
  const taken = new Set(configurations.flatMap((domain) => domain?.disks.map((disk) => disk.target) ?? []));
  return (
    'abcdefghijklmnopqrstuvwxyz'.split('').flatMap((letter) => (taken.has(`vd${letter}`) ? [] : `vd${letter}`))[0] ??
    null
  );
}

/** Known to hypervisor and guest alike, so that the guest's disk can be told from its others. At most 20 bytes (virtio-blk). */
export const newSerial = (target: string): string => `${target}-${randomBytes(4).toString('hex')}`;

/** A virtio disk on a volume of a pool. */
export const volumeDisk = (o: {
  pool: string;
  volume: string;
  format: string;
  target: string;
  serial: string;
}): Element =>
  element(
    'disk',
    { type: 'volume', device: 'disk' },
    element('driver', { name: 'qemu', type: o.format, discard: 'unmap' }),
    element('source', { pool: o.pool, volume: o.volume }),
    element('target', { dev: o.target, bus: 'virtio' }),
    element('serial', {}, o.serial)
  );

/** A read-only CD drive with an image of the images directory in it. */
export const cdrom = (path: string): Element =>
  element(
    'disk',
    { type: 'file', device: 'cdrom' },
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('target', { dev: 'sda', bus: 'sata' }),
    element('readonly')
  );

/** Where a network interface is plugged in. */
export type Uplink =
  | { readonly kind: 'user' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'bridge'; readonly name: string };

export function nic(uplink: Uplink, mac: string): Element {
  const source = uplink.kind === 'user' ? null : element('source', { [uplink.kind]: uplink.name });
  return element(
    'interface',
    { type: uplink.kind },
    element('mac', { address: mac }),
    source,
    element('model', { type: 'virtio' })
  );
}

/** A random address in the range QEMU and libvirt use. */
export const newMac = (): string =>
  `52:54:00:${randomBytes(3)
    .toString('hex')
    .replaceAll(/(..)(?!$)/g, '$1:')}`;
