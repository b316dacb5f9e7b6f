import type { query as en } from '../en/query.ts';
import type { Same } from '../same.ts';

const choose = (list: string): string => (list === '' ? '' : `可用：${list}。`);

export const query: Same<typeof en> = {
  field: {
    name: '虚拟机或主机的名称',
    state: 'running、off、paused、saved……；对主机是其连接',
    site: '主机所在站点',
    host: '主机的名称或 ID',
    tag: '虚拟机的标签',
    id: '虚拟机或主机的 ID',
    kind: 'hvm、pvh、pv',
    link: 'online、offline、connecting、refused',
    hypervisor: 'qemu、xen、simulated',
    version: '虚拟化平台的版本',
    accelerator: 'kvm、xen、emulated、simulated',
    simulated: 'yes 或 no',
    maintenance: 'yes 或 no：所在主机是否在维护中',
    address: '虚拟机的地址（也可写“ip”）',
    mac: '虚拟机的网卡地址',
    network: '虚拟机或主机的网络',
    pool: '其磁盘所在的存储池',
    notes: '虚拟机的备注',
    autostart: 'yes 或 no：是否随主机启动',
    pending: '有改动等待下次启动',
    cpu: '负载百分比',
    used: '内存占用百分比',
    memory: '内存容量：2GiB',
    vcpus: 'vCPU 数；对主机是 CPU 数',
    disk: '磁盘速率：10MB/s',
    net: '网络速率：10MB/s',
    uptime: '启动至今的时间：2h',
    vms: '主机上的虚拟机数量'
  },
  help: {
    words: '两个词都出现，顺序不限',
    is: '正好等于；以逗号分隔的任意一个',
    contains: '名称中包含',
    compare: '大于、小于或至少；容量、速率和时间要带单位',
    not: '不是这样；* 表示任意值',
    or: '二者之一；OR 连接左右两个条件',
    quotes: '含空格或符号的文本',
    fields: '字段'
  },

  /** What is wrong in a filter. */
  problem: {
    'unknown-field': (found) => `没有名为“${found}”的字段。含冒号的文本请加引号。`,
    'unknown-value': (found, field, choices) => `“${found}”不是 ${field} 的值。${choose(choices)}`,
    'missing-value': (_found, field, choices) => `${field} 后面需要一个值。${choose(choices)}`,
    'not-a-number': (found, field) => `${field} 要与数字比较，“${found}”不是数字。`,
    'needs-unit': (found, _field, choices) => `${found} 缺少单位，可用：${choices}。`,
    'unknown-unit': (found, field, choices) =>
      choices === '' ? `${field} 是纯数字，“${found}”带有单位。` : `“${found}”的单位在这里不适用。${choose(choices)}`,
    'needs-figure': (found, field) => `${field} 是文本：可用“:”（等于）和“~”（包含），不能用“${found}”。`,
    'needs-text': (found, field) => `${field} 是数值：不能用“${found}”，可用 = < > <= >=。`,
    'no-field': (found) => `“${found}”前面没有字段；符号两边不留空格：cpu>80。`,
    'unclosed-quote': () => '引号没有闭合。',
    'dangling-or': () => 'OR 应位于两个条件之间。',
    'too-long': () => '筛选最多 500 个字符，其余部分被忽略。'
  }
};
