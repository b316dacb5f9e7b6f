// Shares and affinities as effects tell them, alike on every hypervisor.
import type { CpuList, CpuShare } from '../../src/lib/model/cpu-share.ts';

/** “weight 512, cap 150 %”, “weight 256, no cap” */
export const shareText = ({ weight, cap }: CpuShare): string =>
  `weight ${weight}, ${cap === null ? 'no cap' : `cap ${cap} %`}`;
/** “CPUs 0-3,8”, “any CPU” */
export const cpusText = (cpus: CpuList): string => (cpus === '' ? 'any CPU' : `CPUs ${cpus}`);
