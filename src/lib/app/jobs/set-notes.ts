// The notes of a VM, any text. What somebody else wrote meanwhile is not lost: the command names the revision it was read at.
import type { Revision } from '#lib/model/ids.ts';
import type { Job, VmTarget } from './job.ts';

/** `read`: the revision of the VM when the notes were taken into the form. */
export type SetNotes = { readonly notes: string; readonly read: Revision };

export const setNotes: Job<'vm.set-notes', VmTarget, SetNotes> = {
  title:
    ({ vm: { name } }) =>
    (m) =>
      m.tasks.job.setNotes(name),
  validate: (m, _, { notes }) => (notes.length > 16_384 ? m.problem.longNotes : null),
  command: ({ vm }, { notes, read }) => ({ op: 'vm.set-notes', args: { vm: vm.id, notes }, expect: read })
};
