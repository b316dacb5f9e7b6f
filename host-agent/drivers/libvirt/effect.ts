// What operations report: asked for, and what the guest or the hypervisor then said.
import type { Effect, Witness } from '../../../src/lib/model/fleet.ts';
import type { Domain } from './domains.ts';

/** Takes effect now; `seen` null: nobody has confirmed it within the time an operation waits. */
export const effectNow = (
  resource: Effect['resource'],
  asked: string,
  seen: { readonly text: string; readonly by: Witness } | null,
  note: string | null = null
): Effect => ({ resource, asked, seen: seen?.text ?? null, by: seen?.by ?? null, when: 'now', note });

/** Is in the configuration only. */
export const effectNextBoot = (resource: Effect['resource'], asked: string, note: string | null = null): Effect => ({
  resource,
  asked,
  seen: null,
  by: null,
  when: 'next-boot',
  note
});

/** What `wait` answers, once `work`, begun before it, has ended too. @throws what either of them throws */
export async function beside<Value>(work: Promise<unknown>, wait: () => Promise<Value>): Promise<Value> {
  const waited = wait();
  await Promise.allSettled([work, waited]);
  await work;
  return waited;
}

/** virsh's options: in both configurations of a running VM, so that it has the same after its next boot. */
export const scope = (has: { readonly live: unknown; readonly inactive: unknown }): readonly string[] => [
  ...(has.live === null ? [] : ['--live']),
  ...(has.inactive === null ? [] : ['--config'])
];

/** Why a guest will not confirm anything at the moment; null when it may. */
export function silence(domain: Domain): string | null {
  if (domain.state === 'paused') return 'the guest is paused and notices when it goes on';
  if (domain.live?.type === 'xen') return 'a Xen guest has no agent to confirm it';
  if (domain.live?.agent === null) return 'the VM has no channel for a guest agent to confirm it';
  if (domain.live?.agent === false) return 'no guest agent answers in the VM (yet) to confirm it';
  return null;
}

export const notes = (...parts: readonly (string | null)[]): string | null =>
  parts.filter((part) => part !== null).join('; ') || null;
