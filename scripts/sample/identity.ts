// Who the sample's libvirtd and its QEMUs run as.
import { readFile, stat } from 'node:fs/promises';
import { Fault } from '../../src/lib/model/fault.ts';

export type Identity = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** True when we are root and give that up for the daemon. */
  readonly dropped: boolean;
};

/** `nobody` when we are root, in the group that may use /dev/kvm where there is one; ourselves otherwise. */
export async function daemonIdentity(): Promise<Identity> {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (uid === undefined || gid === undefined) {
    throw new Fault('unsupported', {
      what: 'libvirt hosts',
      reason: 'this operating system has no libvirt',
      instead: 'simulated hosts'
    });
  }
  if (uid !== 0) return { name: `user ${uid}`, uid, gid, dropped: false };
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'));
  const [, , nobody, nogroup] = line?.split(':') ?? [];
  if (nobody === undefined || nogroup === undefined) {
    throw new Fault('usage', { reason: 'there is no user “nobody” on this machine to run the sample hosts as' });
  }
  return { name: 'nobody', uid: Number(nobody), gid: (await kvmGroup()) ?? Number(nogroup), dropped: true };
}

async function kvmGroup(): Promise<number | null> {
  const kvm = await stat('/dev/kvm').catch(() => null);
  return kvm && kvm.gid !== 0 && (kvm.mode & 0o060) === 0o060 ? kvm.gid : null;
}
