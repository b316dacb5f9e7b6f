// What building and running a Xen host of our own takes on this machine (tests/xen/host), and whether it is there.
import { isDebian, missing } from './apt.mjs';

export const XEN_PACKAGES = [
  ...['qemu-system-x86', 'qemu-utils', 'libvirt-clients', 'openssh-client'],
  ...['mmdebstrap', 'kmod', 'e2fsprogs', 'xz-utils']
];

/** Why no Xen host can be built and run here, and what would help; null when one can. */
export function xenMissing() {
  const machine = `${process.platform} ${process.arch}`;
  if (machine !== 'linux x64') return `it needs Linux on x86-64, this is ${machine}`;
  if (!isDebian()) return 'it is built by the tools of Debian or Ubuntu, which this is not';
  if (process.getuid?.() !== 0) return 'only root can make the root file system of its dom0';
  const absent = missing(XEN_PACKAGES);
  if (absent.length === 0) return null;
  return `not installed: apt-get install --no-install-recommends ${absent.join(' ')}`;
}
