import type { common as en } from '../en/common.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';

const many = plural('zh-CN');

export const common: Same<typeof en> = {
  hosts: (n) => many(n, { other: '# 台主机' }),
  vms: (n) => many(n, { other: '# 台虚拟机' }),
  cancel: '取消',
  close: '关闭'
};
