import type { common as en } from '../en/common.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';

const many = plural('zh-CN');
const NBSP = '\u00a0';

export const common: Same<typeof en> = {
  hosts: (n) => many(n, { other: '# 台主机' }),
  vms: (n) => many(n, { other: '# 台虚拟机' }),
  sites: (n) => many(n, { other: '# 个站点' }),
  matches: (n) => many(n, { other: '# 个匹配' }),

  cancel: '取消',
  close: '关闭',
  done: '完成',
  dismiss: '忽略',
  open: '打开',
  copy: '复制',
  copied: '已复制',
  copyMessage: '复制此消息',
  copyByHand: '请复制这段文字：',
  less: (label) => `减少${label}`,
  more: (label) => `增加${label}`,
  typeTheName: '输入名称以确认',
  details: '详情',
  closeDetails: '关闭详情',
  addHost: '添加主机',
  createVm: '创建虚拟机',
  toTheFleet: '前往机群',

  fleet: '机群',
  site: '站点',
  noSite: '无站点',
  host: '主机',
  vm: '虚拟机',
  cpu: 'CPU',
  vcpus: 'vCPU',
  memory: '内存',
  disks: '磁盘',
  networks: '网络',
  name: '名称',
  description: '描述',
  load: '负载',
  facts: '基本信息',
  activity: '活动',
  overview: '摘要',
  noneYet: '暂无。',
  free: (size) => `剩余 ${size}`,
  freeOf: (free, capacity) => `剩余 ${free}，共 ${capacity}`,
  loadOf: (figure, of) => `${of} 的 ${figure}`,
  has: (host, what) => `${host} 共有 ${what}`,
  placed: (host, site) => (site === '' ? host : `${host}（${site}）`),
  cpus: (n) => `${n} 个 CPU`,

  comma: '、',
  semicolon: '；',
  colon: '：',
  sentences: (first, second) => `${first}。${second}`,

  vmState: {
    running: '运行中',
    paused: '已暂停',
    saved: '已保存',
    off: '已关机',
    starting: '正在启动',
    stopping: '正在关机',
    moving: '正在迁移',
    crashed: '已崩溃',
    unknown: '未知'
  },
  maintenance: '维护中',
  linkState: { connecting: '正在连接', online: '在线', offline: '无连接', refused: '被拒绝' },
  role: { viewer: '查看者', operator: '操作员', admin: '管理员' },
  accelerator: { kvm: 'KVM', xen: 'Xen', emulated: '软件仿真', simulated: '模拟' },
  acceleratorMeaning: {
    kvm: '客户机直接运行在处理器上（KVM，已通过探测启动验证）',
    xen: '客户机直接运行在处理器上（Xen）',
    emulated: '客户机由软件仿真（此处没有 KVM）：真实，但较慢',
    simulated: '模拟：此主机上没有真正的客户机在运行'
  },

  time: {
    seconds: (n) => `${n}${NBSP}秒`,
    minutes: (n) => `${n}${NBSP}分钟`,
    hours: (n) => `${n}${NBSP}小时`,
    days: (n) => `${n}${NBSP}天`,
    now: '刚刚',
    ago: (span) => `${span}前`,
    ahead: (span) => `${span}后`
  }
};
