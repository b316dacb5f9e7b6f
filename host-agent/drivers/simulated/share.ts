// How much of the CPUs a simulated VM gets, and which of them: in effect at once, as the hypervisor alone divides them.
import { CAP_PER_VCPU, readCpuList, sameShare } from '../../../src/lib/model/cpu-share.ts';
import type { CpuList, CpuShare } from '../../../src/lib/model/cpu-share.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { cpusText, shareText } from '../share-text.ts';
import type { When } from '../driver.ts';
import type { Guest } from './guest.ts';
import { refuse } from './operation.ts';
import type { Effects, Operations } from './operation.ts';

export function setCpuShare(on: Operations, vm: VmId, share: CpuShare, when: When): Promise<Effects> {
  return on.run('set-cpu-share', async () => {
    const { live, vcpusMax } = on.guest(vm);
    const most = CAP_PER_VCPU * vcpusMax;
    if (share.cap !== null && share.cap > most) {
      refuse('bad-argument', { name: 'cap in %', value: String(share.cap), reason: `must be from 1 to ${most}` });
    }
    if (when === 'now' && live !== null) on.demandLive('cpu-share', 'changing the CPU share of a running VM');
    await on.takes('set-cpu-share');
    return [put(on, vm, 'cpu-share', shareText(share), when, { share })];
  });
}

export function setAffinity(on: Operations, vm: VmId, cpus: CpuList, when: When): Promise<Effects> {
  return on.run('set-vcpu-affinity', async () => {
    const beyond = readCpuList(cpus)?.find((cpu) => cpu >= on.host.cpus);
    if (beyond !== undefined) {
      const reason = `the host has CPUs 0 to ${on.host.cpus - 1}`;
      refuse('bad-argument', { name: 'cpus', value: cpus, reason });
    }
    const { live } = on.guest(vm);
    if (when === 'now' && live !== null) on.demandLive('vcpu-affinity', 'pinning a running VM');
    await on.takes('set-vcpu-affinity');
    const all = readCpuList(cpus)?.length === on.host.cpus;
    return [put(on, vm, 'affinity', cpusText(cpus), when, { affinity: all ? '' : cpus })];
  });
}

function put(
  on: Operations,
  vm: VmId,
  resource: Effect['resource'],
  asked: string,
  when: When,
  change: Partial<Pick<Guest, 'share' | 'affinity'>>
): Effect {
  const guest = on.guest(vm);
  const now = when === 'now' && guest.live !== null;
  on.host.put({ ...guest, ...change, live: now ? { ...guest.live, ...change } : guest.live });
  return on.effect(resource, asked, now, null);
}

/** Percent of its vCPUs that a guest gets which wants `wanted` percent of them. */
export const granted = (wanted: number, { cap }: CpuShare, vcpus: number): number =>
  cap === null ? wanted : Math.min(wanted, cap / vcpus);

/** What the next boot brings, where it differs. */
export const shareNext = ({ share, live }: Guest): CpuShare | null =>
  live === null || sameShare(share, live.share) ? null : share;
export const affinityNext = ({ affinity, live }: Guest): CpuList | null =>
  live === null || affinity === live.affinity ? null : affinity;
