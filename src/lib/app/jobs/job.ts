// A job is one thing an operator can do: its title, what is wrong with the input, and the command it becomes. Pure data;
// `tasks.start` sends it. Every job is a small file of its own.
import type { Messages, Sentence } from '#lib/messages/messages.ts';
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { Revision } from '#lib/model/ids.ts';
import type { Args, Op } from '#lib/protocol/schema.ts';

export type HostTarget = { readonly host: Host; readonly vm?: Vm };
export type VmTarget = { readonly host: Host; readonly vm: Vm };

export type Job<O extends Op, Target extends HostTarget, Input> = {
  /** One line, as a task is listed: “Set vCPUs of db-1 to 4”. */
  readonly title: (target: Target, input: Input) => Sentence;
  /** Why it cannot be run with this input, one sentence with what to do; null when nothing speaks against it. */
  readonly validate: (m: Messages, target: Target, input: Input) => string | null;
  readonly command: (
    target: Target,
    input: Input
  ) => { readonly op: O; readonly args: Args<O>; readonly expect?: Revision };
};
