import { figure } from '../plural.ts';
import type { plugins as en } from '../en/plugins.ts';
import type { Same } from '../same.ts';

export const plugins: Same<typeof en> = {
  general: '常规',
  title: '插件',
  schedulers: '调度器',
  help: '调度器建议虚拟机应运行在何处。它只提出建议：每个方案都由本应用检查，并在执行前展示给您。',

  cannot: '插件不能',
  cannotList: [
    '访问网络、本页面、其存储或您的密钥',
    '向主机发送命令',
    '让违反规则的方案得以执行：每个方案都在此检查',
    '卡住本页面：耗时过长或占用内存过多时会被终止'
  ],
  can: '它可以',
  canList: [
    '看到向其询问的主机和虚拟机的名称、规格、负载与标签',
    '提出糟糕的方案，或不提方案：执行前请先查看',
    '让这台计算机的一个处理器忙上几秒钟'
  ],

  addFile: '添加文件',
  addUrl: '从网址添加',
  none: '尚无插件',
  noneHelp: '可从文件（`.js`）或网址添加。要自己编写：`npx smps plugin new my-policy`。',
  plugin: '插件',
  version: '版本',
  id: '标识',
  from: '来源',
  state: '状态',
  actions: '操作',
  bundled: '随应用提供',
  fromFile: (file) => `文件 ${file}`,
  hash: 'SHA-256',
  copyHash: '复制 SHA-256',
  copyHashOf: (title) => `复制 ${title} 的 SHA-256`,
  states: { on: '启用', off: '停用', changed: '已变更', failed: '失败' },
  use: (title) => `使用 ${title}`,
  settings: '设置',
  settingsOf: (title) => `${title} 的设置`,
  source: '源代码',
  sourceOf: (title) => `${title} 的源代码`,
  check: '检查变更',
  checkOf: (title) => `检查 ${title} 的变更`,
  unchanged: (title) => `${title} 没有变更`,
  remove: '移除',
  removeOf: (title) => `移除 ${title}`,
  removeTitle: (title) => `移除 ${title}？`,
  removeHelp: '此浏览器将删除该插件及其设置。已经生成的方案保持不变。',
  tryAgain: '重试',

  changed: '其网址现在返回了不同的源代码。在您决定之前不会使用它。',
  changedTo: (version) => `新版本自称 ${version}。`,
  approve: '使用新版本',
  decline: '保留旧版本',

  addTitle: '添加插件',
  file: '文件',
  fileHint: '一个 JavaScript 模块，最大 1 MiB',
  address: '网址',
  addressHint: '一个 JavaScript 模块的 https://… 网址，最大 1 MiB。其服务器须允许其他页面读取（CORS）。',
  read: '读取',
  reading: '正在沙箱中读取…',
  add: '添加',
  addHelp: '目前尚未使用它。如果作者公布了 SHA-256，请与之核对。',
  replaces: (version) => `它将取代您已有的版本 ${version}；设置保留。`,

  noSettings: '它没有设置项。',
  save: '保存',
  reset: '恢复默认',
  resetOf: (name) => `恢复 ${name} 的默认值`,
  usual: (value) => `默认值：${value}。`,
  yes: '是',
  no: '否',
  between: (least, most) => `${figure(least)} 到 ${figure(most)}。`,
  atLeast: (least) => `不小于 ${figure(least)}。`,
  atMost: (most) => `不大于 ${figure(most)}。`,
  wholeNumber: '此处须为整数。',
  number: '此处须为数字。',
  tooLong: (most) => `最多 ${most} 个字符。`
};
