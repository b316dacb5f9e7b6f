import type { faults as en } from '../en/faults.ts';
import type { Same } from '../same.ts';

export const faults: Same<typeof en> = {};
