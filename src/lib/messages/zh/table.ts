import type { table as en } from '../en/table.ts';
import type { Same } from '../same.ts';

export const table: Same<typeof en> = {};
