// How far a running command is, as a tab can know it: of a host that it has no link to, what that has said last.
import type { Host, Progress } from '#lib/model/fleet.ts';
import type { CommandId } from '#lib/model/ids.ts';

export type Far = Progress & {
  /** It may be further by now, or over: its host cannot be heard. */
  readonly stale: boolean;
};

/** Null where nothing is known of the command. */
export function farOf(host: Host | null, command: CommandId): Far | null {
  const progress = host?.progress.get(command);
  return progress === undefined ? null : { ...progress, stale: host?.link !== 'online' };
}
