// XML of the devices the driver makes: disks and network interfaces, at creation and hot-plugged alike.
import { randomBytes } from 'node:crypto';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { DomainXml } from './domain-xml.ts';
import type { DiskMeans } from './means.ts';
import { element } from './xml.ts';
import type { Element } from './xml.ts';

/** The first free `vdX` or `xvdX` of a VM, in both its configurations; null when all 26 are taken. */
export function freeTarget(
  letters: DiskMeans['letters'],
  ...configurations: readonly (DomainXml | null)[]
): string | null {
  const taken = new Set(configurations.flatMap((domain) => domain?.disks.map((disk) => disk.target) ?? []));
  return Array.from({ length: 26 }, (_, index) => targetAt(letters, index)).find((name) => !taken.has(name)) ?? null;
}

/** `vda` for 0, `vdb` for 1. */
export const targetAt = (letters: DiskMeans['letters'], index: number): string =>
  `${letters}${String.fromCharCode('a'.charCodeAt(0) + index)}`;

/** Known to hypervisor and guest alike, so that the guest's disk can be told from its others. At most 20 bytes (virtio-blk). */
export const newSerial = (target: string): string => `${target}-${randomBytes(4).toString('hex')}`;

export type VolumeDisk = {
  readonly pool: string;
  readonly volume: string;
  /** Where the hypervisor finds the volume, which libvirt's Xen driver does not look up in the pool; null for others. */
  readonly path: string | null;
  readonly format: string;
  readonly target: string;
  readonly serial: string;
  readonly readOnly?: boolean;
};

/** A disk on a volume of a pool. */
export function volumeDisk(o: VolumeDisk, { bus }: DiskMeans): Element {
  const ends = [o.readOnly === true && element('readonly'), element('serial', {}, o.serial)];
  const target = element('target', { dev: o.target, bus });
  if (bus === 'xen') {
    if (o.path === null) throw new Fault('internal', { reason: `no path for volume ${o.volume}` });
    const [type, source] = sourceAt(o.path);
    return element(
      'disk',
      { type, device: 'disk' },
      // dom0's kernel serves what is raw, and counts what is read and written; any other format a QEMU beside the guest.
      element('driver', { name: o.format === 'raw' ? 'phy' : 'qemu', type: o.format }),
      element('source', source),
      target,
      ...ends
    );
  }
  const driver = { name: 'qemu', type: o.format, ...(o.readOnly === true ? {} : { discard: 'unmap' }) };
  return element(
    'disk',
    { type: 'volume', device: 'disk' },
    element('driver', driver),
    element('source', { pool: o.pool, volume: o.volume }),
    target,
    ...ends
  );
}

/** Type and source of a disk on this file or device. */
export const sourceAt = (path: string): readonly [type: string, source: Readonly<Record<string, string>>] =>
  path.startsWith('/dev/') ? ['block', { dev: path }] : ['file', { file: path }];

/** A read-only CD drive with an image of the images directory in it. */
export const cdrom = (path: string, { bus }: DiskMeans): Element =>
  element(
    'disk',
    { type: 'file', device: 'cdrom' },
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('target', bus === 'xen' ? { dev: 'hdc', bus: 'ide' } : { dev: 'sda', bus: 'sata' }),
    element('readonly')
  );

/** Where a network interface is plugged in. */
export type Uplink =
  | { readonly kind: 'user' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'bridge'; readonly name: string };

export function nic(uplink: Uplink, mac: string, { bus }: DiskMeans): Element {
  const source = uplink.kind === 'user' ? null : element('source', { [uplink.kind]: uplink.name });
  return element(
    'interface',
    { type: uplink.kind },
    element('mac', { address: mac }),
    source,
    // Xen's own device is what there is.
    bus === 'virtio' && element('model', { type: 'virtio' })
  );
}

/** A random address in the range that QEMU and libvirt use, or Xen's. */
export const newMac = ({ bus }: DiskMeans): string =>
  `${bus === 'xen' ? '00:16:3e' : '52:54:00'}:${randomBytes(3)
    .toString('hex')
    .replaceAll(/(..)(?!$)/g, '$1:')}`;
