// Whether a running command can be cancelled, and what that means (docs/WIRE.md, Long commands). The host decides; this is what
// is offered before it is asked.
import type { Host } from '#lib/model/fleet.ts';
import type { CommandId } from '#lib/model/ids.ts';

/** `undo`: what it made is removed. `stop-waiting`: the guest was asked and may still do it. `never-begins`: it waits its turn. `goes-on`: its VM does. */
export type Cancellation = 'undo' | 'goes-on' | 'stop-waiting' | 'never-begins';

const WHILE_RUNNING: Readonly<Record<string, Cancellation>> = {
  'vm.create': 'undo',
  'vm.clone': 'undo',
  'vm.migrate': 'undo',
  'vm.save': 'goes-on',
  'vm.shutdown': 'stop-waiting'
};
/** Ms after which a command that is in no journal yet waits for another about the same VM. */
const WAITS = 1000;

/** Null where nothing can be cancelled. `sentAt` and `now` by this computer's clock. */
export function cancellation(
  host: Host | null,
  { command, op, startedAt }: { readonly command: CommandId; readonly op: string; readonly startedAt: number },
  now: number
): Cancellation | null {
  if (host?.link !== 'online' || op === 'command.cancel') return null;
  const far = host.progress.get(command);
  // Where its VM runs is being found out, and that ends by itself.
  if (far?.stage === 'finding-out') return null;
  const begun = far !== undefined || host.activity.some((activity) => activity.command === command);
  if (!begun && now - startedAt >= WAITS) return 'never-begins';
  if (op === 'vm.save' && host.facts?.hypervisor === 'xen') return null;
  return WHILE_RUNNING[op] ?? null;
}
