import type { maintenance as en } from '../en/maintenance.ts';
import type { Same } from '../same.ts';

const inactive = (off: number, saved: number): string =>
  [off > 0 ? `${off} 台虚拟机已关机` : '', saved > 0 ? `${saved} 台虚拟机已保存` : ''].filter(Boolean).join('，');

export const maintenance: Same<typeof en> = {
  enter: '进入维护模式…',
  enterTitle: (host) => `维护 ${host}`,
  enterNow: '进入维护模式',
  help: '从现在起，任何标签页或终端都不能再把虚拟机放到此主机上，也不能在上面启动虚拟机。正在运行的虚拟机继续运行，并可迁走。',
  reason: '原因',
  reasonHint: '查看此主机的人都能看到。',
  moveAway: (n) => `将其 ${n} 台虚拟机迁移到其他主机`,
  planning: '正在计算其虚拟机可以去哪里…',
  noPlan: (why) => `无法算出其虚拟机可以去哪里：${why}。可以手动迁移。`,
  noScheduler: '没有可用的调度器（设置，插件）',
  going: (moves, copied, time) => `${moves} 次迁移，需复制 ${copied}，约 ${time}。`,
  goes: (vm, host) => `${vm} → ${host}`,
  more: (n) => `以及另外 ${n} 项`,
  nothingRuns: '此主机上没有正在运行的虚拟机。',
  moveOff: (n) => `同时迁移其 ${n} 台已关机的虚拟机：会复制它们的磁盘，迁移后仍为关机状态`,
  off: (off, saved) => `${inactive(off, saved)}，将留在原处。`,
  staying: (n) => `${n} 台虚拟机留在原处：`,
  stays: (vm, why) => `${vm}：${why}`,
  noRoom: '没有其他主机可以容纳它',
  refused: '未作任何更改。',

  since: (when, age, by, reason) => `自 ${when}（${age}）起维护中，操作员 ${by}${reason === '' ? '' : `：${reason}`}`,
  empty: '此主机上没有虚拟机。',
  onlyOff: (off, saved) => `没有正在运行的虚拟机；${inactive(off, saved)}。`,
  stillHere: (n) => `仍有 ${n} 台虚拟机在此运行。`,
  emptyIt: '清空…',
  noneComes: '维护期间，虚拟机不会到此主机上来',
  noneComesHelp: '维护结束后，可以再次在此创建、迁入和启动虚拟机。',

  leave: '退出维护模式…',
  leaveTitle: (host) => `结束 ${host} 的维护`,
  leaveNow: '退出维护模式',
  leaveHelp: '虚拟机可以再次放到此主机上并启动。',
  refill: (n) => `迁回之前迁走的 ${n} 台虚拟机`,
  refillHelp: '即此浏览器在本次维护中迁走、且仍在原目标主机上的虚拟机。这会成为一个单独的方案。',
  from: (host) => `来自 ${host}`,
  nothingToRefill: (host) =>
    `此浏览器没有记录本次维护中从 ${host} 迁走且可以迁回的虚拟机。重新均衡方案会再次使用该主机。`
};
