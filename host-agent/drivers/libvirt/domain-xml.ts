// Reads one domain XML (live or inactive) into the figures the driver works with. What cannot be understood is absent,
// never invented: domains made by other tools must not break the list. https://libvirt.org/formatdomain.html
import { MAX_TAGS, TAG, tagsOf, vmId } from '../../../src/lib/model/ids.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { VmKind } from '../../../src/lib/model/fleet.ts';
import { readTune } from './cputune.ts';
import type { TuneXml } from './cputune.ts';
import { attribute, elements, find, readElement, textOf } from './xml.ts';
import type { Element } from './xml.ts';

/** In the metadata of a VM that is off and has been started, without running, only to be moved: the run is to end where it arrives. */
export const MOVED_OFF = 'urn:smps:moved-off:1';
/** Our own notes in a domain: `<metadata><smps:vm xmlns:smps=… image=… min-memory-mib=… tags=… protected=…/></metadata>`. */
export const METADATA = 'urn:smps:vm:1';

export type MemoryModule = {
  readonly model: string;
  readonly alias: string | null;
  /** KiB; for virtio-mem: how much it can be, how much it shall be, how much the guest has taken. */
  readonly size: number;
  readonly requested: number | null;
  readonly current: number | null;
  readonly block: number | null;
  readonly node: number;
};

export type DiskXml = {
  readonly target: string;
  readonly bus: string;
  readonly device: string;
  readonly readOnly: boolean;
  readonly source:
    | { readonly kind: 'volume'; readonly pool: string; readonly volume: string }
    | { readonly kind: 'path'; readonly path: string }
    | null;
  readonly serial: string | null;
  /** `0000:03:00.0` */
  readonly pci: string | null;
  readonly alias: string | null;
  /** What serves it: `qemu`, or (Xen) `phy`: dom0's kernel; null: libvirt's choice. */
  readonly driver: string | null;
};

export type NicXml = {
  readonly mac: string;
  readonly model: string;
  readonly type: string;
  /** Name of the network, bridge or device it hangs on; null for `user`. */
  readonly source: string | null;
  readonly linkUp: boolean;
  /** The host's device, `vnet3`; null in an inactive configuration and for `user`. */
  readonly device: string | null;
};

export type ScreenXml = { readonly socket: string | null; readonly host: string | null; readonly port: number | null };

export type DomainXml = {
  readonly id: VmId;
  readonly name: string;
  /** The operator's name for it where libvirt cannot carry that (names.ts); else null. */
  readonly title: string | null;
  /** libvirt's number of this run; null when it does not run. */
  readonly run: string | null;
  /** `qemu` is emulation, `kvm`, `xen`. */
  readonly type: string;
  readonly kind: VmKind;
  readonly description: string;
  readonly tags: readonly string[];
  readonly protected: boolean;
  /** It is off: this run is only for moving it. */
  readonly movedOff: boolean;
  readonly vcpus: number;
  readonly vcpusMax: number;
  readonly tune: TuneXml;
  /** KiB at boot, without memory modules. */
  readonly memoryBoot: number;
  /** KiB: what the balloon leaves at the moment, modules included. */
  readonly memoryCurrent: number;
  /** KiB: how far hot-added modules may go; null when none can be added. */
  readonly memoryLimit: number | null;
  readonly memorySlots: number;
  readonly modules: readonly MemoryModule[];
  readonly balloon: boolean;
  /** Null when it has no channel for a guest agent; otherwise whether one is connected (false in an inactive configuration). */
  readonly agent: boolean | null;
  /** Null: it has no VNC screen. What it listens on is null while it does not run. */
  readonly screen: ScreenXml | null;
  /** Null: it has no serial line on a pty. */
  readonly serial: { readonly pty: string | null } | null;
  readonly disks: readonly DiskXml[];
  readonly nics: readonly NicXml[];
  /** What it boots from, as far as it matters for knowing a change. */
  readonly boot: readonly string[];
  readonly image: string | null;
  /** MiB; our notes: what the image needs, and how far it was asked to be able to go. */
  readonly minMemory: number | null;
  readonly maxMemory: number | null;
};

/** @throws Fault `malformed`, `too-large`, `bad-argument` when it is not a domain that can be managed. */
export function parseDomain(text: string): DomainXml {
  return readDomain(readElement(text));
}

export function readDomain(root: Element): DomainXml {
  const devices = find(root, 'devices');
  const vcpu = find(root, 'vcpu');
  const vcpusMax = wholeOf(textOf(vcpu)) ?? 1;
  const vcpus = wholeOf(attribute(vcpu, 'current') ?? '') ?? vcpusMax;
  const modules = elements(devices, 'memory').map(readModule);
  const total = kib(find(root, 'memory')) ?? 0;
  const memoryBoot = numaMemory(root) ?? total - modules.reduce((sum, module) => sum + module.size, 0);
  const limit = find(root, 'maxMemory');
  const notes = notesOf(root);
  return {
    id: vmId(textOf(find(root, 'uuid')).trim().toLowerCase()),
    name: textOf(find(root, 'name')),
    title: attribute(notes, 'titled') === 'yes' ? textOf(find(root, 'title')) || null : null,
    run: attribute(root, 'id'),
    type: attribute(root, 'type') ?? '',
    kind: kindOf(root),
    description: textOf(find(root, 'description')).slice(0, 16_384),
    tags: readTags(attribute(notes, 'tags') ?? ''),
    protected: attribute(notes, 'protected') === 'yes',
    movedOff: elements(find(root, 'metadata')).some((each) => Object.values(each.attributes).includes(MOVED_OFF)),
    vcpus,
    vcpusMax,
    tune: readTune(root, notes, vcpus),
    memoryBoot,
    memoryCurrent: kib(find(root, 'currentMemory')) ?? total,
    memoryLimit: kib(limit),
    memorySlots: wholeOf(attribute(limit, 'slots') ?? '') ?? 0,
    modules,
    balloon: elements(devices, 'memballoon').some((each) => attribute(each, 'model') !== 'none'),
    agent: agentOf(devices),
    screen: screenOf(devices),
    serial: serialOf(devices),
    disks: elements(devices, 'disk').flatMap(readDisk),
    nics: elements(devices, 'interface').flatMap(readNic),
    boot: ['loader', 'kernel', 'initrd', 'cmdline'].map((name) => textOf(find(root, 'os', name))),
    image: attribute(notes, 'image'),
    minMemory: wholeOf(attribute(notes, 'min-memory-mib') ?? ''),
    maxMemory: wholeOf(attribute(notes, 'max-memory-mib') ?? '')
  };
}

/** Our own notes in a domain's metadata; null when there are none. */
export const notesOf = (root: Element): Element | null =>
  elements(find(root, 'metadata')).find(
    (each) => each.name.endsWith(':vm') && Object.values(each.attributes).includes(METADATA)
  ) ?? null;

/** Those that are tags: anybody can write there. */
const readTags = (text: string): readonly string[] =>
  tagsOf(text.split(',', 4 * MAX_TAGS))
    .filter((tag) => TAG.test(tag))
    .slice(0, MAX_TAGS);

/** KiB a domain can have without being started anew. */
export function memoryMax(domain: DomainXml): number {
  const plugged = domain.modules.reduce((sum, module) => sum + module.size, 0);
  const sum = domain.memoryBoot + plugged;
  // A virtio-mem device is made in steps and may be larger than what was asked for.
  if (domain.maxMemory !== null) return Math.min(sum, domain.maxMemory * 1024);
  // Where virtio-mem is there, it is the means; free DIMM slots are the means of domains made by others.
  if (domain.modules.some((module) => module.model === 'virtio-mem') || domain.memorySlots === 0) return sum;
  return Math.max(sum, domain.memoryLimit ?? 0);
}

/** KiB a VM with this (inactive) configuration has after its next boot: boot memory, modules, less what a balloon takes. */
export const memoryNext = (domain: DomainXml): number =>
  Math.min(
    domain.memoryCurrent,
    domain.memoryBoot + domain.modules.reduce((sum, module) => sum + (module.requested ?? module.size), 0)
  );

function kindOf(root: Element): VmKind {
  const type = find(root, 'os', 'type');
  const name = textOf(type).trim();
  if (name === 'xenpvh' || attribute(type, 'machine') === 'xenpvh') return 'pvh';
  return name === 'linux' || name === 'xen' ? 'pv' : 'hvm';
}

function agentOf(devices: Element | null): boolean | null {
  const target = elements(devices, 'channel')
    .map((channel) => find(channel, 'target'))
    .find((each) => attribute(each, 'name') === 'org.qemu.guest_agent.0');
  return target === undefined ? null : attribute(target, 'state') === 'connected';
}

function screenOf(devices: Element | null): ScreenXml | null {
  const graphics = elements(devices, 'graphics').find((each) => attribute(each, 'type') === 'vnc');
  if (graphics === undefined) return null;
  const listen = find(graphics, 'listen');
  return {
    socket: attribute(graphics, 'socket') ?? attribute(listen, 'socket'),
    host: attribute(listen, 'address') ?? attribute(graphics, 'listen'),
    port: wholeOf(attribute(graphics, 'port') ?? '')
  };
}

function serialOf(devices: Element | null): DomainXml['serial'] {
  const [console] = elements(devices, 'console').filter((each) => attribute(each, 'type') === 'pty');
  if (console === undefined) return null;
  return { pty: attribute(find(console, 'source'), 'path') ?? attribute(console, 'tty') };
}

function numaMemory(root: Element): number | null {
  const cells = elements(find(root, 'cpu', 'numa'), 'cell');
  if (cells.length === 0) return null;
  return cells.reduce((sum, cell) => {
    const value = wholeOf(attribute(cell, 'memory') ?? '') ?? 0;
    return sum + (value * (UNITS[attribute(cell, 'unit') ?? 'KiB'] ?? 1024)) / 1024;
  }, 0);
}

function readModule(memory: Element): MemoryModule {
  const target = find(memory, 'target');
  return {
    model: attribute(memory, 'model') ?? '',
    alias: attribute(find(memory, 'alias'), 'name'),
    size: kib(find(target, 'size')) ?? 0,
    requested: kib(find(target, 'requested')),
    current: kib(find(target, 'current')),
    block: kib(find(target, 'block')),
    node: wholeOf(textOf(find(target, 'node'))) ?? 0
  };
}

function readDisk(disk: Element): DiskXml | [] {
  const target = find(disk, 'target');
  const name = attribute(target, 'dev');
  if (name === null) return [];
  return {
    target: name,
    bus: attribute(target, 'bus') ?? '',
    device: attribute(disk, 'device') ?? 'disk',
    readOnly: find(disk, 'readonly') !== null,
    source: sourceOf(disk),
    serial: find(disk, 'serial') === null ? null : textOf(find(disk, 'serial')),
    pci: pciOf(disk),
    alias: attribute(find(disk, 'alias'), 'name'),
    driver: attribute(find(disk, 'driver'), 'name')
  };
}

function sourceOf(disk: Element): DiskXml['source'] {
  const source = find(disk, 'source');
  const [pool, volume] = [attribute(source, 'pool'), attribute(source, 'volume')];
  if (pool !== null && volume !== null) return { kind: 'volume', pool, volume };
  const path = attribute(source, 'file') ?? attribute(source, 'dev') ?? attribute(source, 'name');
  return path === null ? null : { kind: 'path', path };
}

function pciOf(device: Element): string | null {
  const address = find(device, 'address');
  if (attribute(address, 'type') !== 'pci') return null;
  const part = (name: string): number => Number(attribute(address, name) ?? 0);
  return pciAddress(part('domain'), part('bus'), part('slot'), part('function'));
}

/** `0000:03:00.0` */
export const pciAddress = (domain: number, bus: number, slot: number, fn: number): string =>
  `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${fn}`;
const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

function readNic(nic: Element): NicXml | [] {
  const mac = attribute(find(nic, 'mac'), 'address')?.toLowerCase();
  if (mac === undefined || !MAC.test(mac)) return [];
  const source = find(nic, 'source');
  return {
    mac,
    model: attribute(find(nic, 'model'), 'type') ?? 'default',
    // A running Xen guest's is shown as a bridge, with its network beside it.
    type: attribute(source, 'network') === null ? (attribute(nic, 'type') ?? '') : 'network',
    source: attribute(source, 'network') ?? attribute(source, 'bridge') ?? attribute(source, 'dev'),
    linkUp: attribute(find(nic, 'link'), 'state') !== 'down',
    device: attribute(find(nic, 'target'), 'dev')
  };
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  B: 1,
  bytes: 1,
  KB: 1e3,
  k: 1024,
  K: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  TB: 1e12,
  T: 1024 ** 4,
  TiB: 1024 ** 4
};

/** Bytes in an element such as `<size unit='KiB'>512</size>`; null when it is absent or no figure. */
export function sizeOf(at: Element | null, defaultUnit: 'KiB' | 'bytes'): number | null {
  const value = wholeOf(textOf(at));
  const unit = UNITS[attribute(at, 'unit') ?? defaultUnit];
  return value === null || unit === undefined ? null : Math.floor(value * unit);
}

const kib = (at: Element | null): number | null => {
  const size = sizeOf(at, 'KiB');
  return size === null ? null : Math.floor(size / 1024);
};

function wholeOf(text: string): number | null {
  const trimmed = text.trim();
  return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : null;
}
