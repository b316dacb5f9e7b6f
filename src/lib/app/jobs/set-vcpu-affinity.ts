// On which CPUs of its host a VM may run: now, or at the next boot.
import { printCpuList, readCpuList } from '#lib/model/cpu-share.ts';
import type { CpuList } from '#lib/model/cpu-share.ts';
import type { Job, VmTarget } from './job.ts';

/** `cpus` as it was typed, spaces and all; empty: any. */
export type SetVcpuAffinity = { readonly cpus: string; readonly when: 'now' | 'next-boot' };

export const setVcpuAffinity: Job<'vm.set-vcpu-affinity', VmTarget, SetVcpuAffinity> = {
  title:
    ({ vm: { name } }, { cpus, when }) =>
    (m) =>
      m.tasks.job.setVcpuAffinity(name, listOf(cpus) ?? cpus, when === 'next-boot'),
  validate: ({ problem }, { host }, { cpus }) => {
    const list = readCpuList(cpus.replaceAll(/\s/g, ''));
    if (list === null) return problem.cpuList;
    const count = host.facts?.cpus ?? null;
    return count !== null && list.some((cpu) => cpu >= count) ? problem.cpusOf(host.name, count - 1) : null;
  },
  command: ({ vm }, { cpus, when }) => ({
    op: 'vm.set-vcpu-affinity',
    args: { vm: vm.id, cpus: listOf(cpus) ?? cpus, when }
  })
};

/** As the host has it; null: it is no list. */
function listOf(typed: string): CpuList | null {
  const cpus = readCpuList(typed.replaceAll(/\s/g, ''));
  return cpus === null ? null : printCpuList(cpus);
}
