// How guest code runs on a host, in one word and in one sentence.
import type { Accelerator } from '#lib/model/fleet.ts';

export const ACCELERATOR_WORD: Readonly<Record<Accelerator, string>> = {
  kvm: 'KVM',
  xen: 'Xen',
  emulated: 'emulated',
  simulated: 'simulated'
};

export const ACCELERATOR_MEANING: Readonly<Record<Accelerator, string>> = {
  kvm: 'Guests run on the processor (KVM, proven by a probe boot)',
  xen: 'Guests run on the processor (Xen)',
  emulated: 'Guests are emulated in software (no KVM here): real, but slow',
  simulated: 'Simulated: no real guest runs on this host'
};
