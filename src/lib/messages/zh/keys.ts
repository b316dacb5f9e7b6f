import type { keys as en } from '../en/keys.ts';
import type { Same } from '../same.ts';

export const keys: Same<typeof en> = {
  filter: '筛选主机和虚拟机',
  enter: '在筛选框中：打开唯一的匹配项，或转到列表',
  move: '在导航树中：移动',
  fold: '在导航树中：折叠、展开',
  resize: '在面板边缘：缩小或放大；Enter：恢复默认',
  createVm: '创建虚拟机',
  tree: '显示或折叠导航树',
  details: '显示或折叠详情',
  tasks: '显示或折叠任务',
  escape: '关闭对话框，清除筛选或选择',
  help: '本列表',
  moveRow: '在表格中：移动',
  chooseRow: '在表格中：选择该行；配合 Shift 选择一段',
  allRows: '在表格中：选择所有符合的行',
  openRow: '在表格中：打开该行',
  complete: '在筛选框中：采用补全',
  leaveConsole: '在控制台中：释放键盘'
};
