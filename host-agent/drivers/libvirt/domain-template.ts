// The domain XML of a new VM: everything it needs so that vCPUs, memory, disks and network interfaces can be added and
// taken away while it runs. Each unusual setting was found by a failure (see the comments).
import type { NewVm } from '../driver.ts';
import type { Image } from './images.ts';
import { cdrom } from './devices.ts';
import { METADATA } from './domain-xml.ts';
import { describing } from './metadata.ts';
import { memoryDevice, memoryHead, memoryNuma, splitMemory } from './memory-split.ts';
import { meansOf } from './means.ts';
import type { Naming } from './names.ts';
import { element, printElement } from './xml.ts';
import type { Element } from './xml.ts';

/** Hot-plugged PCIe devices each need a free root port. */
const ROOT_PORTS = 16;

export type Made = {
  readonly vm: NewVm;
  readonly image: Image;
  readonly naming: Naming;
  /** Disks and network interfaces. */
  readonly devices: readonly Element[];
};

/** @param o.type libvirt's domain type: `kvm` or `qemu`. */
export function domainTemplate(o: Made & { readonly type: string }): string {
  const { vm, image, type } = o;
  const split = splitMemory(vm.memory, vm.memoryMax);
  const { accelerator, vcpuPerCpu, disks } = meansOf(type);
  const emulated = accelerator === 'emulated';
  const numa = memoryNuma(split, vm.vcpusMax);
  const cpu = emulated
    ? element(
        'cpu',
        { mode: 'custom', match: 'exact', check: 'none' },
        element('model', { fallback: 'forbid' }, 'qemu64'),
        numa
      )
    : element('cpu', { mode: 'host-passthrough', check: 'none', migratable: 'on' }, numa);
  return printElement(
    element(
      'domain',
      { type },
      ...about(o),
      ...memoryHead(split),
      element('vcpu', { placement: 'static', current: String(vm.vcpus) }, String(vm.vcpusMax)),
      // Only a vCPU marked so can be unplugged; the first never can.
      vcpuPerCpu && element('vcpus', {}, ...perCpu(vm.vcpus, vm.vcpusMax)),
      bootOf(image),
      element(
        'features',
        {},
        element('acpi'),
        element('apic'),
        // Without its own translation cache size QEMU's emulator aborts when a vCPU is added.
        emulated && element('tcg', {}, element('tb-cache', { unit: 'MiB' }, '256'))
      ),
      cpu,
      element('clock', { offset: 'utc' }),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'restart'),
      element('on_crash', {}, 'destroy'),
      element(
        'devices',
        {},
        element('controller', { type: 'pci', index: '0', model: 'pcie-root' }),
        ...Array.from({ length: ROOT_PORTS }, (_, port) =>
          element('controller', { type: 'pci', index: String(port + 1), model: 'pcie-root-port' })
        ),
        element('controller', { type: 'usb', model: 'none' }),
        image.kind === 'iso' && cdrom(image.path, disks),
        ...o.devices,
        element('serial', { type: 'pty' }, element('target', { port: '0' })),
        element('console', { type: 'pty' }, element('target', { type: 'serial', port: '0' })),
        element('channel', { type: 'unix' }, element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })),
        ...SCREEN,
        memoryDevice(split),
        element('memballoon', { model: 'virtio', freePageReporting: 'on' }, element('stats', { period: '2' })),
        element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom'))
      )
    )
  );
}

/** Name, id, and what is said of a new VM, of whatever kind. */
export const about = ({ vm, image, naming }: Made): readonly Element[] => [
  element('name', {}, naming.name),
  element('uuid', {}, vm.id),
  ...(naming.title === null ? [] : [element('title', {}, naming.title)]),
  ...(vm.description === '' ? [] : [element('description', {}, vm.description)]),
  element(
    'metadata',
    {},
    element('smps:vm', {
      'xmlns:smps': METADATA,
      image: image.name,
      ...describing(vm),
      ...(naming.title === null ? {} : { titled: 'yes' }),
      'max-memory-mib': String(vm.memoryMax),
      ...(image.minMemory === null ? {} : { 'min-memory-mib': String(image.minMemory) })
    })
  )
];

const perCpu = (current: number, max: number): Element[] =>
  Array.from({ length: max }, (_, id) =>
    element('vcpu', {
      id: String(id),
      enabled: id < current ? 'yes' : 'no',
      hotpluggable: id === 0 ? 'no' : 'yes'
    })
  );

const SCREEN: readonly Element[] = [
  element('graphics', { type: 'vnc', port: '-1', autoport: 'yes', listen: '127.0.0.1' }),
  element('video', {}, element('model', { type: 'vga', vram: '16384', heads: '1' }))
];

/** q35: the only machine type of QEMU with all kinds of hotplug (microvm has none). */
function bootOf(image: Image): Element {
  const type = element('type', { arch: 'x86_64', machine: 'q35' }, 'hvm');
  switch (image.kind) {
    case 'kernel':
      return element(
        'os',
        {},
        type,
        element('kernel', {}, image.kernel),
        image.initrd === null ? null : element('initrd', {}, image.initrd),
        element('cmdline', {}, image.cmdline)
      );
    case 'disk':
      return element('os', {}, type, element('boot', { dev: 'hd' }));
    case 'iso':
      return element('os', {}, type, element('boot', { dev: 'hd' }), element('boot', { dev: 'cdrom' }));
  }
}
