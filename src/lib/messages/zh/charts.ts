import type { charts as en } from '../en/charts.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';
import { common } from './common.ts';

const many = plural('zh-CN');

export const charts: Same<typeof en> = {
  range: '显示的时间',
  span: {
    '15m': common.time.minutes(15),
    '1h': common.time.hours(1),
    '6h': common.time.hours(6),
    '24h': common.time.hours(24)
  },
  live: '实时',
  silent: '暂无实时数据',
  stretch: (from, to) => `${from} 至 ${to}`,
  back: '返回完整范围',
  keys: '拖动可放大，双击返回。左右方向键移动十字线，加号放大，减号返回。',
  now: '当前',
  mean: '平均',
  peak: '峰值',
  read: '读取',
  written: '写入',
  received: '接收',
  sent: '发送',

  coming: '正在向主机查询历史负载',
  comingOf: (n) => many(n, { other: '还在查询 # 台主机。' }),
  nothing: '这段时间没有数据。主机只保留一天的负载记录。',
  noFigure: '此处没有这项数据。',
  older: '这台主机的代理版本较旧，不保存历史负载：图表从打开本标签页时开始。',
  missing: (n) => many(n, { other: '图表不含 # 台主机的历史负载：无法查询。' }),
  again: '重试',

  figures: (chart) => `${chart}（所示时间内）`,
  line: '曲线',
  last: '最近',
  least: '最低',
  most: '最高'
};
