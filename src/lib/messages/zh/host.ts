import type { host as en } from '../en/host.ts';
import type { Same } from '../same.ts';

export const host: Same<typeof en> = {};
