// What was asked for against what the guest sees: confirmed, still on its way, or nobody says.
import type { Messages } from '#lib/messages/messages.ts';
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { Mib } from '#lib/model/units.ts';
import { mib } from '#lib/model/units.ts';
import { formatMib } from '../format.ts';

export type SeenSign = {
  readonly kind: 'confirmed' | 'waiting' | 'silent';
  /** “guest sees 4”, “2 of 4”, “no report from the guest”. */
  readonly text: string;
  readonly title: string;
};

const silent = ({ vm }: Messages): SeenSign => ({ kind: 'silent', text: vm.noReport, title: vm.noReportTitle });

export function vcpusSeen(m: Messages, vm: Vm): SeenSign | null {
  if (vm.state !== 'running') return null;
  if (vm.seen === null || vm.seen.vcpus === null) return silent(m);
  const words = m.vm;
  const title = words.reportedBy(words.witness[vm.seen.by]);
  if (vm.seen.vcpus === vm.vcpusNext && vm.seen.vcpus < vm.vcpus) {
    // Some hosts cannot take a vCPU back from a running guest, but the guest can leave it unused.
    const text = words.guestUses(vm.seen.vcpus, vm.vcpus);
    return { kind: 'confirmed', text, title: words.hostKeeps(title, vm.vcpus) };
  }
  return vm.seen.vcpus === vm.vcpus
    ? { kind: 'confirmed', text: words.guestSees(String(vm.seen.vcpus)), title }
    : { kind: 'waiting', text: words.seenOf(String(vm.seen.vcpus), String(vm.vcpus)), title };
}

/** A kernel keeps some memory to itself, so a guest never counts quite all it was given. */
const kernelShare = (given: Mib): number => 40 + given * 0.05;

export function memorySeen(m: Messages, vm: Vm): SeenSign | null {
  if (vm.state !== 'running') return null;
  const seen = vm.seen?.memory ?? null;
  if (vm.seen === null || seen === null) return silent(m);
  const words = m.vm;
  const title = words.reportedFigureBy(formatMib(seen), words.witness[vm.seen.by]);
  const near = seen <= vm.memory + 8 && seen >= vm.memory - kernelShare(vm.memory);
  return near
    ? { kind: 'confirmed', text: words.guestSees(formatMib(seen)), title }
    : { kind: 'waiting', text: words.seenOf(formatMib(seen), formatMib(vm.memory)), title };
}

/** The step of the memory buttons: finer for small guests. */
export const memoryStep = (memory: Mib): Mib => mib(memory < 1024 ? 64 : memory < 8192 ? 256 : 1024);

/** Why a VM has no figure of its network though it has one; undefined where nothing is known to be in the way. */
export function uncounted(m: Messages, host: Host, vm: Vm): string | undefined {
  const isUser = (name: string): boolean => host.networks.some((each) => each.name === name && each.mode === 'user');
  return vm.nics.length > 0 && vm.nics.every(({ network }) => isUser(network)) ? m.vm.uncounted : undefined;
}
