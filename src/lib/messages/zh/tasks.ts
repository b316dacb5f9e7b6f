import type { Op } from '../../protocol/schema.ts';
import type { tasks as en } from '../en/tasks.ts';
import type { Same } from '../same.ts';
import { common } from './common.ts';

const atBoot = (next: boolean): string => (next ? '（下次启动时生效）' : '');

/** What each op does, to the VM named. */
const OPS: Readonly<Record<Op, (vm: string) => string>> = {
  'host.watch': () => '关注主机',
  'host.enroll': () => '登记操作员',
  'activity.list': () => '列出活动',
  'load.history': () => '读取负载历史',
  'operator.list': () => '列出操作员',
  'host.set-maintenance': () => '更改主机的维护状态',
  'operator.invite': () => '邀请操作员',
  'operator.set-role': () => '更改操作员的角色',
  'operator.revoke': () => '撤销操作员',
  'command.cancel': () => '取消命令',
  'vm.create': (vm) => `创建${vm}`,
  'vm.clone': (vm) => `克隆出${vm}`,
  'vm.migrate': (vm) => `迁移${vm}`,
  'migration.prepare': () => '为迁入的虚拟机预留空间',
  'migration.release': () => '释放为迁入的虚拟机预留的空间',
  'migration.decide': () => '指明迁移中断的虚拟机在哪里运行',
  'console.open': (vm) => `打开${vm}的控制台`,
  'vm.start': (vm) => `启动${vm}`,
  'vm.shutdown': (vm) => `关闭${vm}`,
  'vm.power-off': (vm) => `强制断电${vm}`,
  'vm.reboot': (vm) => `重启${vm}`,
  'vm.pause': (vm) => `暂停${vm}`,
  'vm.resume': (vm) => `恢复${vm}`,
  'vm.save': (vm) => `保存${vm}`,
  'vm.discard-saved': (vm) => `丢弃${vm}的已保存状态`,
  'vm.rename': (vm) => `重命名${vm}`,
  'vm.delete': (vm) => `删除${vm}`,
  'vm.set-tags': (vm) => `更改${vm}的标签`,
  'vm.set-notes': (vm) => `更改${vm}的备注`,
  'vm.set-protected': (vm) => `更改${vm}的删除保护`,
  'vm.set-autostart': (vm) => `更改${vm}是否随主机启动`,
  'vm.set-vcpus': (vm) => `设置${vm}的 vCPU`,
  'vm.set-memory': (vm) => `设置${vm}的内存`,
  'vm.set-cpu-share': (vm) => `设置${vm}的 CPU 份额`,
  'vm.set-vcpu-affinity': (vm) => `设置${vm}的 CPU 绑定`,
  'vm.attach-disk': (vm) => `为${vm}挂载磁盘`,
  'vm.detach-disk': (vm) => `从${vm}卸载磁盘`,
  'vm.grow-disk': (vm) => `扩容${vm}的磁盘`,
  'vm.attach-nic': (vm) => `为${vm}添加网卡`,
  'vm.detach-nic': (vm) => `从${vm}移除网卡`,
  'volume.delete': () => '删除卷'
};

const isKnown = (op: string): op is Op => Object.hasOwn(OPS, op);

export const tasks: Same<typeof en> = {
  title: '任务',
  status: {
    running: '进行中',
    done: '已完成',
    refused: '被拒绝',
    failed: '失败',
    unknown: '结果未知',
    paused: '已暂停',
    aborted: '已中止'
  },

  job: {
    power: {
      start: (vm) => `启动 ${vm}`,
      shutdown: (vm) => `关闭 ${vm}`,
      reboot: (vm) => `重启 ${vm}`,
      pause: (vm) => `暂停 ${vm}`,
      resume: (vm) => `恢复 ${vm}`,
      save: (vm) => `保存 ${vm}`,
      'discard-saved': (vm) => `丢弃 ${vm} 的已保存状态`,
      'power-off': (vm) => `强制断电 ${vm}`
    },
    restore: (vm) => `还原 ${vm}`,
    createVm: (vm, host, start) => `在 ${host} 上创建${start ? '并启动' : ''} ${vm}`,
    deleteVm: (vm, disks) => `删除 ${vm}${disks ? ' 及其磁盘' : '，保留其磁盘'}`,
    cloneVm: (vm, to) => `将 ${vm} 克隆为 ${to}`,
    pinForMove: (vm, host) => `固定 ${vm}，以便迁移到 ${host}`,
    unpinStayed: (vm) => `取消固定 ${vm}（未迁移）`,
    releaseMove: (vm, host) => `释放 ${host} 上为 ${vm} 预留的空间`,
    prepareMove: (vm, host) => `在 ${host} 上为 ${vm} 预留空间`,
    migrateVm: (vm, host) => `将 ${vm} 迁移到 ${host}`,
    decideMove: (vm, runs) => (runs === 'here' ? `让 ${vm} 在此继续运行` : `从此主机移除 ${vm}`),
    setTags: (vm, tags) => (tags === '' ? `移除 ${vm} 的所有标签` : `将 ${vm} 的标签设为 ${tags}`),
    setNotes: (vm) => `更改 ${vm} 的备注`,
    setProtected: (vm, on) => (on ? `保护 ${vm} 不被删除` : `允许删除 ${vm}`),
    setAutostart: (vm, on) => (on ? `让 ${vm} 随主机启动` : `不再让 ${vm} 随主机启动`),
    cancel: (title) => `取消“${title}”`,
    renameVm: (vm, to) => `将 ${vm} 重命名为 ${to}`,
    setVcpus: (vm, to, next) => `将 ${vm} 的 vCPU 设为 ${to}${atBoot(next)}`,
    setMemory: (vm, to, next) => `将 ${vm} 的内存设为 ${to}${atBoot(next)}`,
    setCpuShare: (vm, weight, cap, next) =>
      `将 ${vm} 的 CPU 份额设为权重 ${weight}，${cap === null ? '无上限' : `上限 ${cap}\u00a0%`}${atBoot(next)}`,
    setVcpuAffinity: (vm, cpus, next) =>
      `允许 ${vm} 在${cpus === '' ? '任意 CPU' : ` CPU ${cpus} `}上运行${atBoot(next)}`,
    attachNewDisk: (vm, size) => `为 ${vm} 挂载 ${size} 的新磁盘`,
    attachVolume: (vm, volume) => `为 ${vm} 挂载 ${volume}`,
    growDisk: (vm, target, to) => `将 ${vm} 的 ${target} 扩容到 ${to}`,
    detachDisk: (vm, target, volume) => `从 ${vm} 卸载 ${target}${volume ? '并删除其卷' : ''}`,
    attachNic: (vm, network) => `将 ${vm} 接入网络 ${network}`,
    detachNic: (vm, mac) => `从 ${vm} 移除网卡 ${mac}`,
    deleteVolume: (volume, pool) => `删除存储池 ${pool} 的卷 ${volume}`,
    invite: {
      viewer: (host) => `邀请一名查看者加入 ${host}`,
      operator: (host) => `邀请一名操作员加入 ${host}`,
      admin: (host) => `邀请一名管理员加入 ${host}`
    },
    setRole: (operator, role, host) => `将 ${operator} 设为 ${host} 的${common.role[role]}`,
    setMaintenance: (host, on) => `${host} ${on ? '进入' : '退出'}维护模式`,
    revoke: (operator, host) => `撤销 ${operator} 在 ${host} 上的权限`
  },

  effect: {
    atNextBoot: (asked) => `下次启动时为 ${asked}`,
    guestConfirms: (seen) => `客户机确认 ${seen}`,
    hostReports: (seen) => `主机报告 ${seen}`,
    guestSees: (asked, seen) => `要求 ${asked}，客户机看到 ${seen}`,
    hostSees: (asked, seen) => `要求 ${asked}，主机报告 ${seen}`,
    note: (note) => `（${note}）`,
    separator: '；'
  },
  titled: (title, words) => `${title}：${words}`,

  overSealedLink: '经加密链路发送',
  sealed: '已加密',
  notJournalled: '未记入日志',
  sealedJournal: (number) => `已加密 · 日志 #${number}`,
  journal: (number) => `日志 #${number}`,
  figures: (running, finished) => `${running} 个进行中 · ${finished} 个已结束`,
  notDone: (n) => `${n} 个未完成`,
  fold: '折叠任务栏',
  unfold: '展开任务栏',
  appearHere: '您的操作及其结果会显示在这里。',

  noActivity: '暂无记录。每条带来变更的命令都会写入主机日志并显示在这里，无论由谁发出。',
  activity: (summary, op, vm) => {
    const name = vm === null ? '虚拟机' : ` ${vm} `;
    // No command, but an entry of the host’s own.
    if (op === 'migration.arrive') return `接收${name}`.trim();
    if (!isKnown(op)) return summary;
    // As the host's agent sums up the start of a VM that was saved, and pictures of a screen.
    if (op === 'vm.start' && summary.startsWith('Restore ')) return `还原${name}`.trim();
    if (op === 'console.open' && summary.startsWith('Look at ')) return `查看${name}的屏幕缩略图（每小时记录一次）`;
    return OPS[op](name).trim();
  },

  notice: {
    lost: (hosts) => `${hosts}：连接断开，正在自动重试`,
    back: (hosts) => `${hosts}：已重新连接`,
    refused: (hosts) => `${hosts}：拒绝了连接，请查看该主机的页面`,
    crashed: (vm, host) => `${host} 上的 ${vm} 已崩溃`,
    unsteady: (hosts) => `${hosts}：连接时断时续；稳定之前不再提示`
  },

  stage: {
    checking: '检查中',
    copying: '复制中',
    moving: '传输内存中',
    saving: '保存内存中',
    restoring: '还原内存中',
    defining: '定义中',
    starting: '启动中',
    'waiting-for-guest': '等待客户机',
    'finding-out': '结果未知，正在核实',
    'cleaning-up': '清理中'
  },
  staged: (stage, percent) => (percent === null ? stage : `${stage} ${percent}\u00a0%`),
  lastHeard: (staged) => `最后得知：${staged}`,
  remaining: (left, rate, pass) => `剩余 ${left}，${rate}${pass === null || pass < 2 ? '' : `，第 ${pass} 轮`}`,
  ofYou: '您在别处发出',
  ofOther: (who) => `由 ${who} 发出`,
  elsewhere: '并非在此标签页中发出：来自另一个标签页、页面重新加载之前，或其他人',
  cancelTask: (title) => `取消“${title}”`,
  cancelMeans: {
    undo: '停止执行并删除已创建的内容',
    'goes-on': '在虚拟化平台支持时停止保存；虚拟机继续运行',
    'stop-waiting': '不再等待客户机；客户机已收到请求，仍可能执行',
    'never-begins': '正在排队，取消后不会开始执行'
  },
  cancelling: '正在取消…',
  retry: '重试',
  retryTask: (title) => `重试：${title}`,
  seen: '观察到'
};
