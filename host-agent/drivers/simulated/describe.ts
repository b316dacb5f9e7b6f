// What operators say of a simulated VM: tags, notes, protection, whether it starts with its host. It applies at once, whatever state the VM is in.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Guest } from './guest.ts';
import { refuse } from './operation.ts';
import type { Effects, Operations } from './operation.ts';

export const setTags = (on: Operations, vm: VmId, tags: readonly string[]): Promise<Effects> =>
  say(on, vm, 'tags', { tags }, tags.join(', ') || 'none');

export const setNotes = (on: Operations, vm: VmId, notes: string): Promise<Effects> =>
  say(on, vm, 'notes', { description: notes }, `${notes.length} characters`);

export const setProtected = (on: Operations, vm: VmId, is: boolean): Promise<Effects> =>
  say(on, vm, 'protection', { protected: is }, is ? 'on' : 'off');

export const setAutostart = (on: Operations, vm: VmId, is: boolean): Promise<Effects> =>
  say(on, vm, 'autostart', { autostart: is }, is ? 'on' : 'off');

export function demandUnprotected(guest: Guest): void {
  if (guest.protected) refuse('protected', { vm: guest.name });
}

function say(
  on: Operations,
  vm: VmId,
  resource: Effect['resource'],
  change: Partial<Guest>,
  asked: string
): Promise<Effects> {
  return on.run('describe', async () => {
    on.guest(vm);
    await on.takes('describe');
    on.host.put({ ...on.guest(vm), ...change });
    return [{ resource, asked, seen: asked, by: 'simulated', when: 'now', note: null }];
  });
}
