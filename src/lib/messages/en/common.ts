// Words that many places share.
import { plural } from '../plural.ts';

const many = plural('en');

export const common = {
  hosts: (n: number) => many(n, { one: '# host', other: '# hosts' }),
  vms: (n: number) => many(n, { one: '# VM', other: '# VMs' }),
  cancel: 'Cancel',
  close: 'Close'
};
