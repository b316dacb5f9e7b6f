import type { pairing as en } from '../en/pairing.ts';
import type { Same } from '../same.ts';

export const pairing: Same<typeof en> = {};
