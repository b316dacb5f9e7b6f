import type { charts as en } from '../en/charts.ts';
import type { Same } from '../same.ts';

export const charts: Same<typeof en> = {};
