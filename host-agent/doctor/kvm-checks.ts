// Whether guests of a QEMU host run on the processor itself: claimed by the kernel, offered by libvirt, proven by a boot.
import { stat } from 'node:fs/promises';
import type { LibvirtConfig } from '../drivers/libvirt/config.ts';
import { LibvirtHost } from '../drivers/libvirt/host.ts';
import { probeBoot } from '../drivers/libvirt/probe.ts';
import { readImages } from '../drivers/libvirt/images.ts';
import { connection } from '../drivers/libvirt/virsh.ts';
import { ask } from './ask.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

export type KvmProbe = {
  /** What agent.json demands. */
  readonly wanted: 'auto' | 'kvm' | 'emulated';
  /** Whether /dev/kvm is there; null: the hypervisor is on another machine. */
  readonly device: boolean | null;
  readonly offered: boolean;
  /** Whether a guest came up by it; null: none was started, for it is not offered, or not wanted. */
  readonly boots: boolean | null;
};

/** Boots a tiny guest where KVM is offered, which takes up to 20 s. @param local whether the hypervisor runs on this machine */
export async function probeKvm(config: LibvirtConfig, local: boolean, root = '/'): Promise<KvmProbe> {
  const wanted = config.accelerator ?? 'auto';
  const device = local ? (await stat(`${root}dev/kvm`).catch(() => null)) !== null : null;
  const { out } = await ask(config.virsh ?? 'virsh', [...connection(config.uri), 'capabilities'], 60_000);
  const offered = /<domain type=['"]kvm['"]/.test(out);
  if (wanted === 'emulated' || !offered) return { wanted, device, offered, boots: null };
  const host = new LibvirtHost(config);
  try {
    const images = await readImages(config.images);
    const image = images.find((each) => each.kind === 'kernel' && each.agent) ?? null;
    return { wanted, device, offered, boots: await probeBoot(host, 'kvm', image) };
  } finally {
    host.close();
  }
}

export function judgeKvm({ wanted, device, offered, boots }: KvmProbe): readonly Finding[] {
  if (wanted === 'emulated') return [ok('kvm', 'not wanted: agent.json says that guests are emulated')];
  if (boots === true) return [ok('kvm', 'a guest booted by it')];
  const less = wanted === 'kvm' ? 'agent.json demands it, so no VM will start' : 'guests are emulated, and slow';
  const bad = wanted === 'kvm' ? fail : warn;
  if (offered) {
    const advice =
      'if this machine is itself a VM, its hypervisor must pass virtualization on; else see journalctl -k and the log of a VM under /var/log/libvirt/qemu';
    return [bad('kvm', `libvirt offers KVM, but a guest did not come up by it: ${less}`, advice)];
  }
  if (device === false) {
    const advice =
      'enable virtualization (VT-x, AMD-V) in the firmware or the outer hypervisor, then modprobe kvm_intel or kvm_amd';
    return [bad('kvm', `there is no /dev/kvm: ${less}`, advice)];
  }
  const advice =
    'apt install qemu-system-x86 (or that of this machine’s architecture), then systemctl restart libvirtd';
  return [bad('kvm', `libvirt does not offer KVM: ${less}`, advice)];
}
