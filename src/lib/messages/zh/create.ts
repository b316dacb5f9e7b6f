import type { create as en } from '../en/create.ts';
import type { Same } from '../same.ts';

export const create: Same<typeof en> = {};
