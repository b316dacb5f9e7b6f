import type { problem as en } from '../en/problem.ts';
import type { Same } from '../same.ts';
import { common } from './common.ts';

export const problem: Same<typeof en> = {
  inMaintenance: (host) => `${host} 正在维护：不接收虚拟机，也不启动虚拟机。`,
  unmanaged: (vm, tool) => `它是绕过 libvirt 用 ${tool} 创建的：${vm} 只显示，不管理。`,
  longReason: (most) => `原因最多 ${most} 个字符。`,
  deleteInState: (vm, state) => `${vm} 当前状态为“${common.vmState[state]}”；请先关机或强制断电。`,
  deleteProtected: (vm) => `${vm} 受保护：请先关闭其删除保护。`,
  cloneInState: (vm, state) =>
    state === 'saved'
      ? `${vm} 已保存；请先还原并关机，或丢弃其已保存状态。`
      : `${vm} 当前状态为“${common.vmState[state]}”；请先关机：正在写入的磁盘无法复制。`,
  changeSaved: (vm) => `${vm} 已保存：请先还原，或丢弃其已保存状态。`,
  movesAlready: (vm) => `${vm} 正在迁移。请等待其结束，或将其取消。`,
  moveInState: (vm, state) =>
    state === 'saved'
      ? `${vm} 已保存；请先还原，或丢弃其已保存状态：其内存保存在主机的磁盘上。`
      : `${vm} 当前状态为“${common.vmState[state]}”；运行中、已暂停或已关机的虚拟机才可以迁移。`,
  moveReadOnly: (disk) => `磁盘 ${disk} 为只读，且超过可预先传送的 256 MiB。请先弹出或卸载。`,
  moveNoPool: (disk) => `磁盘 ${disk} 不在任何存储池中，无法一同迁移。`,
  moveHere: '虚拟机已在此主机上。',
  moveXenKind: (kind) => `在 Xen 上只有 PVH 客户机可以迁移，而它是 ${kind}。`,
  moveXenRuns: '在 Xen 上，虚拟机只有在运行时才能迁移。',
  moveXenDisks: 'Xen 不会一并复制磁盘，而它有磁盘。',
  moveHypervisor: (there, here) => `虚拟化平台为 ${there}，而不是 ${here}。`,
  moveAccelerator: (there, here) => `以 ${there} 方式运行客户机，而不是 ${here}。`,
  moveCpu: (there) => `处理器不同：${there}。`,
  moveNetwork: (network) => `没有网络 ${network}。`,
  movePool: (pool) => `没有存储池 ${pool}。`,
  moveMemory: (free) => `剩余内存 ${free}。`,
  moveBandwidth: '请输入每秒 MiB 数，须为不小于 1 的整数。',
  moveDowntime: '请输入 1 到 60000 之间的整数毫秒数。',
  moveNever: (host, reason) => `${host} 无法迁移虚拟机：${reason}`,
  weight: (most) => `须为 1 到 ${most} 的整数。`,
  cap: (most, vcpus) => `须为 1 到 ${most} 的整数百分比：最多 ${vcpus} 个 vCPU，每个 100。`,
  cpuList: 'CPU 编号或范围，例如 0-3,8；留空表示任意。',
  cpusOf: (host, last) => `${host} 的 CPU 编号为 0 到 ${last}。`,
  tag: (tag) => `“${tag}”不是有效标签：须为 1 到 40 个字母、数字、空格和 . _ : -，且以字母或数字开头。`,
  tooManyTags: (most) => `最多 ${most} 个标签。`,
  powerInState: (vm, state, needs) => `${vm} 当前状态为“${common.vmState[state]}”；此操作要求状态为“${needs}”。`,
  or: '”或“',
  longNotes: '最多 16 384 个字符。',
  volumeGone: '此卷已不存在。',
  volumeUsed: '有虚拟机正在使用此卷：请先卸载。',
  noSuchDisk: (vm, target) => `${vm} 已没有磁盘 ${target}。`,
  noSuchNic: (vm, mac) => `${vm} 已没有网卡 ${mac}。`,
  onlyGrows: (size) => `当前为 ${size}；磁盘只能扩容。`,
  poolHas: (pool, free) => `${pool} 剩余 ${free}。`,
  choosePool: '请选择存储池。',
  chooseVolume: '请选择一个未被虚拟机使用的卷。',
  chooseNetwork: '请选择网络。',
  diskSize: '请指定磁盘大小。',
  sameRole: (operator, role) => `${operator} 已经是${common.role[role]}。`,
  sameName: '名称没有变化。',
  someMemory: '虚拟机需要一些内存。',
  someVcpus: '虚拟机至少需要一个 vCPU。',
  madeForMemory: (most) => `此虚拟机创建时的上限为 ${most}。`,
  madeForVcpus: (most) => `此虚拟机创建时的上限为 ${most} 个 vCPU。`,

  name: {
    missing: '请输入名称。',
    spaces: '开头和结尾不能有空格。',
    long: '最多 128 个字符。',
    characters: '其中含有控制字符、换行符或文字方向字符。',
    taken: '此名称在该主机上已被占用。'
  }
};
