import type { map as en } from '../en/map.ts';
import type { Same } from '../same.ts';

export const map: Same<typeof en> = {};
