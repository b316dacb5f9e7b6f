// How components have a job done: the page that knows the VM or the host gives them one of these.
import type { Op } from '#lib/protocol/schema.ts';
import type { HostTarget, Job, VmTarget } from '../jobs/job.ts';
import type { Task } from './task.ts';

/** What a component calls to have a job done on the VM it shows; resolves when the task has ended. */
export type StartVmJob = <O extends Op, Input>(job: Job<O, VmTarget, Input>, input: Input) => Promise<Task>;
/** The same for a host. */
export type StartHostJob = <O extends Op, Input>(job: Job<O, HostTarget, Input>, input: Input) => Promise<Task>;
