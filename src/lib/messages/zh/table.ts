import type { table as en } from '../en/table.ts';
import { figure, plural } from '../plural.ts';
import type { Same } from '../same.ts';

const many = plural('zh-CN');
const vms = (n: number): string => many(n, { other: '# 台虚拟机' });

export const table: Same<typeof en> = {
  vms: '虚拟机',
  hosts: '主机',
  column: {
    name: '名称',
    state: '状态',
    host: '主机',
    site: '站点',
    cpu: 'CPU',
    vcpus: 'vCPU',
    memory: '内存',
    disk: '磁盘 I/O',
    net: '网络',
    address: '地址',
    tags: '标签',
    uptime: '运行时间',
    kind: '类型',
    autostart: '随主机启动',
    notes: '备注',
    id: 'ID',
    link: '连接',
    hypervisor: '虚拟化平台',
    used: '内存占用',
    cpus: 'CPU 数',
    vms: '虚拟机',
    version: '版本'
  },
  cpuOf: (name) => `${name} 的 CPU`,
  memoryOf: (name) => `${name} 的内存`,
  andMore: (n) => `+${n}`,
  yes: '是',
  no: '否',

  count: (n, total) => `${figure(n)} / ${figure(total)}`,
  selected: (n) => `已选 ${figure(n)} 项`,
  selectAll: '全选',
  select: (name) => `选择 ${name}`,
  clearSelection: '清除选择',
  columns: '列',
  columnsReset: '恢复默认列',
  moveLeft: (column) => `将“${column}”左移`,
  moveRight: (column) => `将“${column}”右移`,

  noVmMatches: (query) => `没有虚拟机符合“${query}”`,
  noHostMatches: (query) => `没有主机符合“${query}”`,
  noMatchHelp: '每个词都必须出现在名称、状态、主机、站点、备注、标签或地址中；字段写作“state:running”。',
  clearFilter: '清除筛选',
  noVm: '还没有虚拟机',
  noVmHelp: '用主机提供的镜像创建一台。由主机上其他工具创建的虚拟机会自动出现在这里。',

  action: {
    start: '启动',
    shutdown: '关机',
    reboot: '重启',
    pause: '暂停',
    resume: '恢复运行',
    save: '保存',
    'discard-saved': '丢弃已保存状态',
    'power-off': '强制断电',
    tag: '标签',
    delete: '删除'
  },
  bulk: {
    actions: '对所选虚拟机的操作',
    fits: (n, of) => (n === of ? `全部 ${figure(of)} 台均可` : `${figure(of)} 台中有 ${figure(n)} 台可以`),
    fitsNone: '以目前的状态，没有一台可以',
    title: {
      start: (n) => `启动 ${vms(n)}？`,
      shutdown: (n) => `将 ${vms(n)}关机？`,
      reboot: (n) => `重启 ${vms(n)}？`,
      pause: (n) => `暂停 ${vms(n)}？`,
      resume: (n) => `恢复运行 ${vms(n)}？`,
      save: (n) => `保存 ${vms(n)}？`,
      'discard-saved': (n) => `丢弃 ${vms(n)}的已保存状态？`,
      'power-off': (n) => `强制断电 ${vms(n)}？`,
      tag: (n) => `${vms(n)}的标签`,
      delete: (n) => `删除 ${vms(n)}？`
    },
    meaning: {
      start: '虚拟机将开始启动；已保存的会从保存处继续运行。',
      shutdown: '请求每个客户机自行关机。',
      reboot: '请求每个客户机自行关机，然后重新启动。',
      pause: '客户机停止运行，但保留内存。',
      resume: '客户机从暂停处继续运行。',
      save: '其内存写入主机磁盘；在启动还原之前，不占用 CPU 和内存。',
      'discard-saved': '其内存中的内容会丢失；磁盘保持不变。下次启动时将重新引导。',
      'power-off': '这等同于拔掉电源：客户机尚未写入磁盘的数据会丢失。“关机”则请求它们自行关闭。',
      tag: '其他标签保持不变。',
      delete: '这些虚拟机将从主机上移除，无法恢复。'
    },
    left: (n) => `不包括：${figure(n)} 台`,
    deleteDisks: (n) => `同时删除它们的 ${many(n, { other: '# 个磁盘' })}`,
    typeNumber: '输入虚拟机的数量以确认',
    addTags: '添加',
    removeTags: '移除',
    tagsHint: '多个标签以逗号分隔',
    apply: '应用',
    why: {
      link: '与其主机没有连接',
      role: (role) => `您在其主机上的角色是 ${role}`,
      state: (state) => state,
      protected: '受保护',
      unmanaged: '由其他工具创建，不受管理',
      host: '其主机无法做到'
    },
    resultsOf: (action, n) => `${action}：${vms(n)}`,
    status: {
      waiting: '等待中',
      running: '进行中',
      done: '完成',
      refused: '被拒绝',
      failed: '失败',
      unknown: '结果未知',
      stopped: '已停止',
      skipped: '不包括'
    },
    counted: (n, status) => `${figure(n)} ${status}`,
    retry: (n) => `重试 ${figure(n)} 台`,
    stop: '停止其余',
    showResults: '查看结果',
    resultList: '结果'
  }
};
