import type { search as en } from '../en/search.ts';
import type { Same } from '../same.ts';

export const search: Same<typeof en> = {
  label: '筛选主机和虚拟机',
  placeholder: '筛选：输入词语，或 site:north state:running cpu>80',
  clear: '清除筛选',
  completions: '补全',
  help: '筛选方法',
  saved: '已保存的筛选',
  savedNone: '给筛选起个名字，以后就能在这里找到。',
  saveAs: '此筛选的名称',
  save: '保存',
  rename: (name) => `重命名 ${name}`,
  remove: (name) => `删除 ${name}`,
  newName: '新名称',
  taken: (name) => `已有名为“${name}”的筛选。要替换它吗？`,
  replace: '替换',
  anotherName: '换个名称',
  use: (fix) => `改为 ${fix}`,
  leaveOut: '去掉它'
};
