// What the fleet knows of a task as it is drawn: where it leads, how far it is, what can be done about it.
import type { ResolvedPathname } from '$app/types';
import type { Cancellation } from '#lib/app/tasks/cancellation.ts';
import type { Far } from '#lib/app/tasks/far.ts';

export type TaskAbout = {
  /** The VM or host it is about; null when that is gone. */
  readonly href: ResolvedPathname | null;
  readonly progress: Far | null;
  /** What cancelling it would mean; null where it cannot be cancelled. */
  readonly cancel: Cancellation | null;
  /** It has been asked for, and the host has not answered yet. */
  readonly cancelling: boolean;
  readonly canRetry: boolean;
  /** Whose it is, of one that was not given in this tab; null: this tab's. */
  readonly by: { readonly label: string; readonly you: boolean } | null;
};
