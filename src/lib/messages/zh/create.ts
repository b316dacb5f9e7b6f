import type { create as en } from '../en/create.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';

const many = plural('zh-CN');

export const create: Same<typeof en> = {
  title: '创建虚拟机',
  noHost: '没有可用于创建的主机',
  pairFirst: '请先与一台主机配对。',
  waitingFor: (host) => `正在等待 ${host} 提供的资源信息`,
  noneCan: '目前没有主机可以接收虚拟机；原因显示在各主机旁。',

  what: '内容',
  nameHelp: '一次创建多台可用模式：web-{01..12}、db-{a,b}',
  startsFrom: '启动来源',
  noImage: '此主机没有提供镜像',
  imageKind: { kernel: '内核，运行在内存中', disk: '磁盘镜像，复制使用', iso: '安装光盘' },
  image: (title, kind) => `${title}（${kind}）`,
  imageSized: (title, kind, size) => `${title}（${kind}，${size}）`,
  size: '规格',
  vcpusMax: 'vCPU 上限',
  memoryMax: '内存上限',
  maxHelp: '运行时最多可以增加到多少',
  noPool: (host) => `${host} 没有提供存储池`,
  addDisk: '添加磁盘',
  diskSize: (n) => `磁盘 ${n}：大小`,
  disk: (n) => `磁盘 ${n}`,
  pool: '存储池',
  leaveOutDisk: (n) => `去掉磁盘 ${n}`,
  noDisk: '除镜像自带的以外没有。以后也可以在虚拟机运行时挂载磁盘。',
  noNetwork: (host) => `${host} 没有提供网络`,
  addNic: '添加网卡',
  nic: (n) => `网卡 ${n}`,
  leaveOutNic: (n) => `去掉网卡 ${n}`,
  noNic: '没有：将无法通过网络访问此客户机。',

  review: '确认',
  upTo: (now, most) => `${now}，上限 ${most}`,
  noneAdded: '未添加',
  none: '无',
  sizeIn: (size, pool) => `${size}（位于 ${pool}）`,
  memoryLeft: (host, free, left) => `${host} 剩余内存 ${free}，运行此虚拟机后剩余 ${left}。`,
  startAtOnce: '立即启动',
  toMend: (n) => `有 ${many(n, { other: '# 处' })}需要修正：`,
  creating: '正在创建…',
  createAndStart: '创建并启动',
  create: '创建',

  tags: '标签',
  tagsHelp: '用逗号分隔',
  protect: '防止被删除',
  cloudInit: '首次启动（cloud-init）',
  cloudInitHelp: '用于运行 cloud-init 的镜像：通过一张小光盘提供给客户机。其他客户机会忽略它。',
  userDataHelp: '#cloud-config、脚本 (#!) 或 multipart；最多 16 KiB',
  sshKeysHelp: '每行一个 OpenSSH 公钥',
  namesOf: (first, last, n) => `${first} … ${last}（${n} 台）`,
  createMany: (n) => `创建 ${n} 台虚拟机`,
  createAndStartMany: (n) => `创建并启动 ${n} 台虚拟机`,
  made: (done, all) => `已创建 ${done}/${all} 台`,
  notMade: (name, reason) => `${name}：${reason}`,
  userDataTitle: 'cloud-init 的 user-data',
  sshKeysTitle: 'SSH 密钥',
  problem: {
    sizeWanted: '请输入大小，例如 512 MiB 或 2 GiB。',
    countWanted: '请输入从 1 开始的整数。',
    sshKeys: (most) => `最多 ${most} 个密钥。`,
    sshKey: (line, problem) => `第 ${line} 行：${problem}。`,
    image: '请选择启动来源。',
    vcpus: '至少一个。',
    atLeast: (now) => `至少为当前的 ${now}。`,
    hostHasCpus: (host, cpus) => `${host} 共有 ${cpus} 个 CPU。`,
    memory: '至少 16 MiB。',
    hostHasFree: (host, free) => `${host} 剩余 ${free}。`,
    manyNeed: (n, all, free) => `运行 ${n} 台共需 ${all}；空闲 ${free}。`,
    hostHasInAll: (host, memory) => `${host} 总共有 ${memory}。`
  },
  userData: {
    'too-large': (bytes) => `共 ${bytes} 字节；最多 16 384 字节。`,
    beginning: '必须以 #cloud-config、#! 或 Content-Type: multipart/ 开头。',
    yaml: (line, column, reason) => `第 ${line} 行第 ${column} 列：${reason}`,
    'not-a-mapping': (line) => `第 ${line} 行：#cloud-config 的内容必须是键值对，例如 packages: [nginx]。`
  },
  pattern: {
    open: () => '此 { 没有闭合。',
    close: () => '此 } 没有对应的 {。',
    nested: () => '花括号不能嵌套。',
    group: (text) => `${text} 必须是范围（如 {01..12}）或列表（如 {a,b}）。`,
    empty: (text) => `${text} 中有空项。`,
    'too-many': () => '名称将超过 200 个。',
    name: (text) => `“${text}”不能用作名称。`,
    twice: (text) => `“${text}”会重复出现。`
  }
};
