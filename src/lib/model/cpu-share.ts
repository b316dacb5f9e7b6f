// How the CPUs of a host are divided where there are not enough for all: weight, cap, and on which of them a VM may run. The
// scale is that of Xen's credit schedulers (https://wiki.xenproject.org/wiki/Credit_Scheduler); other hypervisors translate.

/** Both of all vCPUs of a VM together. */
export type CpuShare = {
  /** Against the other VMs of the host, 1 to 65,535: twice the weight, twice the time where all want more than there is. */
  readonly weight: number;
  /** The most it gets, in percent of one physical CPU, from 1 to 100 for each vCPU it can have; null: no cap. */
  readonly cap: number | null;
};

export const MAX_WEIGHT = 65_535;
/** What a VM has of which nobody said anything. */
export const ORDINARY: CpuShare = { weight: 256, cap: null };
/** Percent of one physical CPU that a vCPU can use. */
export const CAP_PER_VCPU = 100;
/** Of a VM with the most vCPUs there can be. */
export const MAX_CAP = 4096 * CAP_PER_VCPU;

/** Null and null are the same. */
export const sameShare = (one: CpuShare | null, other: CpuShare | null): boolean =>
  one?.weight === other?.weight && one?.cap === other?.cap;

/** Physical CPUs, from 0 up, as `0-3,8`; nothing: any. Always as `printCpuList` prints it. */
export type CpuList = string;
const MAX_CPU = 4095;
/** Characters of a list: more ranges than that on one host are nobody's wish. */
export const MAX_CPU_LIST = 256;
export const CPU_LIST = /^(?:\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*)?$/;

/** The CPUs of a list, ascending and none twice; empty: any. Null: no list (also `3-1`, and CPUs beyond 4095). */
export function readCpuList(text: string): readonly number[] | null {
  if (text.length > MAX_CPU_LIST || !CPU_LIST.test(text)) return null;
  const cpus = new Set<number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [from = NaN, to = from] = part.split('-').map(Number);
    if (to < from || to > MAX_CPU) return null;
    for (let cpu = from; cpu <= to; cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

/** The shortest form: neighbours as ranges. */
export function printCpuList(cpus: Iterable<number>): CpuList {
  const runs: [number, number][] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && cpu === last[1] + 1) last[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
