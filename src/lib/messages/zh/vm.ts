import type { vm as en } from '../en/vm.ts';
import type { Same } from '../same.ts';

export const vm: Same<typeof en> = {};
