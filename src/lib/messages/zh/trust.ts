import type { trust as en } from '../en/trust.ts';
import type { Same } from '../same.ts';

export const trust: Same<typeof en> = {};
