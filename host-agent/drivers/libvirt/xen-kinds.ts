// Which kinds of guests a Xen host can run, and which of them a new VM becomes.
import { access, open } from 'node:fs/promises';
import type { VmKind } from '../../../src/lib/model/fleet.ts';
import type { LibvirtHost } from './host.ts';
import type { Image } from './images.ts';
import { refuse } from './refusal.ts';
import { attribute, elements, find, readElement, textOf } from './xml.ts';

const KINDS: Readonly<Record<string, VmKind>> = { xen: 'pv', linux: 'pv', xenpvh: 'pvh', hvm: 'hvm' };
/** Where Debian's qemu-system-xen and Xen's own build put the program. */
const EMULATORS = ['/usr/libexec/xen-qemu-system-i386', '/usr/lib/xen/bin/qemu-system-i386'];

export const NO_QEMU = 'no QEMU for Xen is installed on this host (Debian: qemu-system-xen)';
const ABSENT: Readonly<Record<VmKind, string>> = {
  pv: 'this host’s Xen runs no PV guests',
  pvh: 'this host’s Xen runs no PVH guests: its processors lack what they need, or it is switched off',
  hvm: `this host’s Xen runs no HVM guests, or ${NO_QEMU}`
};

export type XenKinds = {
  readonly kinds: ReadonlySet<VmKind>;
  /** Whether a QEMU for Xen is installed; null where an agent beside the host cannot tell. */
  readonly emulator: boolean | null;
};

/** What the host can run. libvirt offers HVM also where its emulator is missing, which only the host itself can tell. */
export async function xenKinds(host: LibvirtHost): Promise<XenKinds> {
  const [text = ''] = await host.virsh.read(['capabilities'], 30_000);
  const kinds = readKinds(text);
  const emulator = host.local ? await hasEmulator() : null;
  if (emulator === false) kinds.delete('hvm');
  return { kinds, emulator };
}

/** Kinds in libvirt's capabilities. */
export function readKinds(capabilities: string): Set<VmKind> {
  try {
    return new Set(
      elements(readElement(capabilities), 'guest').flatMap((guest) => {
        const domains = elements(find(guest, 'arch'), 'domain');
        const kind = KINDS[textOf(find(guest, 'os_type')).trim()];
        return kind !== undefined && domains.some((each) => attribute(each, 'type') === 'xen') ? kind : [];
      })
    );
  } catch {
    return new Set();
  }
}

async function hasEmulator(): Promise<boolean> {
  const found = EMULATORS.map((file) => access(file).then(() => true));
  return Promise.any(found).catch(() => false);
}

/**
 * The kind a VM made from this image becomes: what the manifest says, else the first the host has of those that boot it.
 * A kernel starts as PVH or PV; a disk boots by itself on an emulated machine, else by its GRUB configuration; a CD only so.
 * Refuses `unsupported` with the reason.
 */
export function xenKindFor(image: Image, { kinds, emulator }: XenKinds): VmKind {
  const what = `making a VM from ${image.name} on Xen`;
  const boots = BOOTS[image.kind];
  if (image.xen !== null && !boots.includes(image.xen)) {
    const reason = `a ${image.kind === 'iso' ? 'CD' : image.kind} image cannot boot as ${image.xen.toUpperCase()}`;
    return refuse('unsupported', { what, reason, instead: 'correct xen in its image.json' });
  }
  // An emulator that nobody has seen is the last resort.
  const sure = emulator === true ? boots : [...boots.filter((each) => each !== 'hvm'), ...boots.filter(isHvm)];
  const wanted = image.xen === null ? sure : [image.xen];
  const reason = wanted.map((each) => ABSENT[each]).join('; ');
  return (
    wanted.find((each) => kinds.has(each)) ??
    refuse('unsupported', { what, reason, instead: 'use another image or host' })
  );
}

/** Of Linux’s boot protocol (x86/boot.rst): what a bzImage has at this place, and a vmlinux, as PV and PVH guests boot it too, has not. */
const HEADER = { at: 0x202, says: 'HdrS' };

/** Refuses `unsupported` where an emulated machine could not boot the kernel: its QEMU would end, and libvirt not say why. */
export async function demandPacked(image: Image & { readonly kind: 'kernel' }): Promise<void> {
  const file = await open(image.kernel);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER.says.length), 0, HEADER.says.length, HEADER.at);
    if (buffer.toString('latin1', 0, bytesRead) === HEADER.says) return;
  } finally {
    await file.close();
  }
  refuse('unsupported', {
    what: `making an HVM guest from ${image.name}`,
    reason: 'an emulated machine boots a kernel only as a bzImage, which its kernel is not',
    instead: 'give the image a bzImage, or say xen pvh or pv in its image.json'
  });
}

const isHvm = (kind: VmKind): boolean => kind === 'hvm';

const BOOTS: Readonly<Record<Image['kind'], readonly VmKind[]>> = {
  kernel: ['pvh', 'pv', 'hvm'],
  disk: ['hvm', 'pvh', 'pv'],
  iso: ['hvm']
};
