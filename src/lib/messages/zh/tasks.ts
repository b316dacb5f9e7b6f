import type { tasks as en } from '../en/tasks.ts';
import type { Same } from '../same.ts';

export const tasks: Same<typeof en> = {};
