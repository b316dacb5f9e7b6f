// Ends another command that waits or runs: the operator's own, or (for an admin) anybody's.
import type { Sentence } from '#lib/messages/messages.ts';
import type { CommandId } from '#lib/model/ids.ts';
import type { HostTarget, Job } from './job.ts';

/** `title`: of the command to be cancelled, as it is listed. */
export type CancelCommand = { readonly command: CommandId; readonly title: Sentence };

export const cancelCommand: Job<'command.cancel', HostTarget, CancelCommand> = {
  title:
    (_, { title }) =>
    (m) =>
      m.tasks.job.cancel(title(m)),
  validate: () => null,
  command: (_, { command }) => ({ op: 'command.cancel', args: { command } })
};
