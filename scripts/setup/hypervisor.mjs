// What real guests need on this machine, whether it is there, and how to get it.
import { spawnSync } from 'node:child_process';
import { canInstall, isDebian } from './apt.mjs';

/** Without recommended packages: 23 MB. */
export const HYPERVISOR_PACKAGES = [
  'qemu-system-x86',
  'qemu-utils',
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'libvirt-clients'
];
const PROGRAMS = ['qemu-system-x86_64', 'qemu-img', 'libvirtd', 'virsh', 'setpriv'];

/** Why real guests cannot run here, in a few words; null when they can. */
export function hypervisorMissing() {
  if (process.platform !== 'linux') return `libvirt with QEMU needs Linux, this is ${process.platform}`;
  const absent = PROGRAMS.filter((program) => !onPath(program));
  return absent.length === 0 ? null : `${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} not installed`;
}

/** What a person can do about it, as a clause. */
export function remedy() {
  const packages = HYPERVISOR_PACKAGES.join(' ');
  if (isDebian() && canInstall()) return `install them with: apt-get install --no-install-recommends ${packages}`;
  if (isDebian()) return `install them with: sudo apt-get install --no-install-recommends ${packages}`;
  return 'install QEMU and libvirt (qemu-system-x86_64, qemu-img, libvirtd, virsh) with this system’s package manager';
}

/** @param {string} program */
function onPath(program) {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  return spawnSync('/bin/sh', ['-c', 'command -v "$0"', program], { env: { PATH: path } }).status === 0;
}
