import type { map as en } from '../en/map.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';

const many = plural('zh-CN');

export const map: Same<typeof en> = {
  label: '站点、主机和虚拟机分布图',
  keys:
    '方向键在相邻项之间移动；Alt+下方向键进入，退格键或 Alt+上方向键返回上一级；' +
    '空格键选择，回车键打开；加号、减号和 0 缩放。',
  edge: '这一侧没有更多内容',
  showAs: '显示方式',
  packed: '分布图',
  table: '表格',
  colouredBy: '着色依据',
  metric: { cpu: 'CPU', memory: '内存', disk: '磁盘 I/O', network: '网络' },
  reference: {
    disk: (rate) => `读写合计 ${rate} 为满载`,
    network: (rate) => `较忙方向 ${rate}（1 Gbit/s）为满载`
  },
  legend: '颜色表示负载，从空闲到满载分六级；斜线表示没有数据。大小表示内存。',
  noFigure: '无数据',
  idle: '空闲',
  full: '满载',
  fullAt: (rate) => `${rate} 及以上`,
  zoomIn: '放大',
  zoomOut: '缩小',
  fit: '显示全图',
  hostOrVm: '主机或虚拟机',
  state: '状态',
  on: (host) => `位于 ${host}`,
  cpus: (n) => many(n, { other: '# 个 CPU' }),
  vcpus: (n) => many(n, { other: '# 个 vCPU' }),
  figure: (metric, figure) => `${metric} ${figure}`,
  ofMemory: (used, whole) => `已用 ${used}，共 ${whole}`,
  ofFull: (figure, share, full) => `${figure}（${full} 的 ${share}）`,
  siteLoad: (cpu, memory) => `CPU ${cpu} · 内存 ${memory}`,
  opens: '双击打开',
  selected: (name) => `已选择 ${name}`,
  moves: (vm, from, to) => `${vm} 已从 ${from} 迁移到 ${to}`,
  tableOf: (metric) => `主机及其虚拟机的${metric}负载`,
  showVms: (host) => `${host} 的虚拟机`
};
