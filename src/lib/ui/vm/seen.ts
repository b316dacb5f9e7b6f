// What was asked for against what the guest sees: confirmed, still on its way, or nobody says.
import type { Vm, Witness } from '#lib/model/fleet.ts';
import type { Mib } from '#lib/model/units.ts';
import { mib } from '#lib/model/units.ts';
import { formatMib } from '../format.ts';

export type SeenSign = {
  readonly kind: 'confirmed' | 'waiting' | 'silent';
  /** “guest sees 4”, “2 of 4”, “no report from the guest”. */
  readonly text: string;
  readonly title: string;
};

const WITNESS: Readonly<Record<Witness, string>> = {
  'guest-agent': 'the guest agent',
  balloon: 'the balloon driver in the guest',
  console: 'the guest, on its serial line',
  hypervisor: 'the hypervisor (the guest itself does not report)',
  simulated: 'the simulated guest'
};
export const witnessWords = (by: Witness): string => WITNESS[by];

const SILENT: SeenSign = {
  kind: 'silent',
  text: 'no report from the guest',
  title: 'Nothing in this guest reports what it sees (no guest agent, no balloon driver)'
};

export function vcpusSeen(vm: Vm): SeenSign | null {
  if (vm.state !== 'running') return null;
  if (vm.seen === null || vm.seen.vcpus === null) return SILENT;
  const title = `Reported by ${witnessWords(vm.seen.by)}`;
  if (vm.seen.vcpus === vm.vcpusNext && vm.seen.vcpus < vm.vcpus) {
    // Some hosts cannot take a vCPU back from a running guest, but the guest can leave it unused.
    const text = `guest uses ${vm.seen.vcpus} of ${vm.vcpus}`;
    return { kind: 'confirmed', text, title: `${title}; the host keeps ${vm.vcpus} for it until the next boot` };
  }
  return vm.seen.vcpus === vm.vcpus
    ? { kind: 'confirmed', text: `guest sees ${vm.seen.vcpus}`, title }
    : { kind: 'waiting', text: `${vm.seen.vcpus} of ${vm.vcpus}`, title };
}

/** A kernel keeps some memory to itself, so a guest never counts quite all it was given. */
const kernelShare = (given: Mib): number => 40 + given * 0.05;

export function memorySeen(vm: Vm): SeenSign | null {
  if (vm.state !== 'running') return null;
  const seen = vm.seen?.memory ?? null;
  if (vm.seen === null || seen === null) return SILENT;
  const title = `${formatMib(seen)} reported by ${witnessWords(vm.seen.by)}`;
  const near = seen <= vm.memory + 8 && seen >= vm.memory - kernelShare(vm.memory);
  return near
    ? { kind: 'confirmed', text: `guest sees ${formatMib(seen)}`, title }
    : { kind: 'waiting', text: `${formatMib(seen)} of ${formatMib(vm.memory)}`, title };
}

/** The step of the memory buttons: finer for small guests. */
export const memoryStep = (memory: Mib): Mib => mib(memory < 1024 ? 64 : memory < 8192 ? 256 : 1024);
