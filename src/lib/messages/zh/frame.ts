import type { frame as en } from '../en/frame.ts';
import type { Same } from '../same.ts';
import { common } from './common.ts';

export const frame: Same<typeof en> = {
  skip: '跳到正文',
  closeTree: '关闭导航树',
  tree: '机群导航树',
  treeOf: '站点、主机与虚拟机',
  cpuLoad: 'CPU 负载',
  groupBy: '导航树分组方式',
  grouping: { site: '按站点', hypervisor: '按虚拟化平台', tag: '按标签' },
  hypervisor: { qemu: 'QEMU', xen: 'Xen', simulated: '模拟' },
  unknownHypervisor: '尚未得知',
  noTag: '无标签',
  treeWidth: '导航树宽度',
  detailsWidth: '详情栏宽度',
  trayHeight: '任务栏高度',
  foldDetails: '折叠详情',
  unfoldDetails: '显示详情',
  whereThisIs: '当前位置',
  viewsOf: (title) => `${title} 的视图`,

  sealTitle: (sealed, hosts) =>
    `共 ${common.hosts(hosts)}，已连接 ${sealed} 台。每条消息都在此浏览器与主机之间加密封装；中间的网关既不能读取也不能篡改。`,
  sealFigure: (sealed, hosts) => (sealed === hosts ? String(sealed) : `${sealed}/${hosts}`),
  sealWords: () => ' 台主机已加密连接',
  sealLinks: (sealed, hosts) =>
    sealed === hosts ? `已加密连接：${common.hosts(hosts)}` : `已加密连接：${sealed}/${common.hosts(hosts)}`,
  gatewayCannot: '中间的网关不能',
  gatewayCannotList: ['读取命令、回复、虚拟机名称或数据', '悄悄篡改、重放或调换任何消息', '冒充主机，或冒充您'],
  gatewayCan: '它能够',
  gatewayCanList: [
    '看到此标签页连接哪些主机、何时连接、传输了多少',
    '延迟或丢弃一切；标签页会告知并自动重试',
    '如果页面由它提供，它可能提供另一个页面：请在设置中核对构建版本'
  ],
  keysAndHosts: '密钥、主机与此构建版本',
  keyOf: '操作员',
  keyNumber: (number) => `密钥 ${number}`,
  keyTitle: '您的操作员密钥：主机凭它认识您。有人问您是谁时，请核对这个号码。',
  settings: '设置与密钥',
  theme: { system: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },

  keyboard: '键盘',
  shortcuts: '键盘快捷键',
  shortcutsKey: '键盘快捷键 (?)',
  keys: {
    filter: '筛选主机和虚拟机',
    enter: '在筛选框中：打开唯一的匹配项，或转到列表',
    move: '在导航树中：移动',
    fold: '在导航树中：折叠、展开',
    resize: '在面板边缘：缩小或放大；Enter：恢复默认',
    createVm: '创建虚拟机',
    tree: '显示或折叠导航树',
    details: '显示或折叠详情',
    tasks: '显示或折叠任务',
    escape: '关闭对话框，清除筛选或选择',
    help: '本列表'
  },

  createVm: '创建虚拟机',
  createVmKey: '创建虚拟机 (c v)',
  noHostInTree: '还没有主机。',
  nothingMatches: '没有符合筛选条件的项。',

  map: '拓扑图',
  vms: '虚拟机',
  hosts: '主机',
  withoutLink: (n) => `${n} 台无连接`,
  noHostAt: (site) => `站点 ${site} 没有主机`,
  hostSaysSite: '主机位于哪个站点由主机自己声明。',
  wholeFleet: '查看整个机群',
  noHost: '还没有主机',
  noHostHelp:
    '此标签页管理与它配对的主机。在主机上运行 `smps-agent pair` 会打印一个配对链接：打开它，或把它粘贴到这里。',
  keyMade: '您的操作员密钥刚刚在此浏览器中生成，永远不会离开这里。',
  selectionGone: '所选的项已不存在。',

  notFound: '未找到',
  broke: '出错了',
  nothingHere: '此地址没有内容',
  oldLink: '链接可能已经过时。',
  reload: '多数情况下重新加载页面即可；浏览器控制台中有更多信息。'
};
