// The domain XML of a new VM on Xen, of each of its kinds: PV and PVH, which speak with Xen and need no emulated machine, and
// HVM, which has one (of qemu-system-xen). libvirt's xen driver: https://libvirt.org/drvxen.html
import type { VmKind } from '../../../src/lib/model/fleet.ts';
import { cdrom } from './devices.ts';
import { about } from './domain-template.ts';
import type { Made } from './domain-template.ts';
import type { Image } from './images.ts';
import { meansOf } from './means.ts';
import { element, printElement } from './xml.ts';
import type { Element } from './xml.ts';

const MACHINES: Readonly<Record<VmKind, readonly [machine: string, type: string]>> = {
  pv: ['xenpv', 'linux'],
  pvh: ['xenpvh', 'xenpvh'],
  hvm: ['xenfv', 'hvm']
};

/** @param o.kind that the host offers and the image boots as (xen-kinds.ts) */
export function xenTemplate(o: Made & { readonly kind: VmKind }): string {
  const { vm, image, kind } = o;
  const mib = (name: string, value: number): Element => element(name, { unit: 'MiB' }, String(value));
  return printElement(
    element(
      'domain',
      { type: 'xen' },
      ...about(o),
      mib('memory', vm.memoryMax),
      mib('currentMemory', vm.memory),
      element('vcpu', { placement: 'static', current: String(vm.vcpus) }, String(vm.vcpusMax)),
      ...bootOf(image, kind),
      kind === 'hvm' && element('features', {}, element('acpi'), element('apic'), element('pae')),
      element('clock', { offset: 'utc' }),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'restart'),
      element('on_crash', {}, 'destroy'),
      element(
        'devices',
        {},
        image.kind === 'iso' && cdrom(image.path, meansOf('xen', kind).disks),
        ...o.devices,
        ...(kind === 'hvm' ? SEEN_AS_MACHINE : SEEN_AS_XEN)
      )
    )
  );
}

const SEEN_AS_XEN: readonly Element[] = [
  element('console', { type: 'pty' }, element('target', { type: 'xen', port: '0' }))
];
const SEEN_AS_MACHINE: readonly Element[] = [
  element('serial', { type: 'pty' }, element('target', { port: '0' })),
  element('console', { type: 'pty' }, element('target', { type: 'serial', port: '0' })),
  element('graphics', { type: 'vnc', port: '-1', autoport: 'yes', listen: '127.0.0.1' }),
  element('video', {}, element('model', { type: 'vga', vram: '16384', heads: '1' }))
];

function bootOf(image: Image, kind: VmKind): readonly Element[] {
  const [machine, name] = MACHINES[kind];
  const type = element('type', { arch: 'x86_64', machine }, name);
  if (image.kind === 'kernel') {
    const { kernel, initrd, cmdline } = image;
    return [
      element(
        'os',
        {},
        type,
        element('kernel', {}, kernel),
        initrd !== null && element('initrd', {}, initrd),
        element('cmdline', {}, cmdline)
      )
    ];
  }
  const drives = ['hd', ...(image.kind === 'iso' ? ['cdrom'] : [])];
  if (kind === 'hvm') return [element('os', {}, type, ...drives.map((dev) => element('boot', { dev })))];
  // dom0 reads the kernel and its parameters out of the disk's own GRUB configuration.
  return [element('bootloader', {}, 'pygrub'), element('os', {}, type)];
}
