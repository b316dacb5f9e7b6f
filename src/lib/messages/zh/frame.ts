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
  keyOf: '操作员',
  keyNumber: (number) => `密钥 ${number}`,
  keyTitle: '您的操作员密钥：主机凭它认识您。有人问您是谁时，请核对这个号码。',
  settings: '设置与密钥',
  theme: { system: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },

  keyboard: '键盘',
  shortcuts: '键盘快捷键',
  shortcutsKey: '键盘快捷键 (?)',

  createVm: '创建虚拟机',
  createVmKey: '创建虚拟机 (c v)',
  noHostInTree: '还没有主机。',
  nothingMatches: '没有符合筛选条件的项。',

  map: '拓扑图',
  vms: '虚拟机',
  hosts: '主机',
  plans: '方案',
  withoutLink: (n) => `${n} 台无连接`,
  noHostAt: (site) => `站点 ${site} 没有主机`,
  noHostWithoutSite: '每台主机都属于某个站点',
  hostSaysSite: '主机位于哪个站点由主机自己声明。',
  wholeFleet: '查看整个机群',
  noHost: '还没有主机',
  noHostHelp:
    '此标签页管理与它配对的主机。在主机上运行 `smps-agent pair` 会打印一个配对链接：打开它，或把它粘贴到这里。',
  keyMade: '您的操作员密钥刚刚在此浏览器中生成，永远不会离开这里。',
  selectionGone: '所选的项已不存在。',

  plainHttp: '此页面经由未加密的 http 传输',
  plainHttpHelp:
    '您的消息仍然是加密的，但浏览器无法为您的密钥提供安全的存放处，而且您与网关之间的人可能篡改此页面。请通过 https 或在 localhost 上打开它。',
  untilThen: (advice) => `${advice}在此之前一切功能可用，但关闭此标签页后不会保留。`,
  openingKey: '正在打开操作员密钥',

  unloaded: '应用的一部分无法加载：网关没有响应，或已换成另一个版本。请在网关恢复响应后重新加载页面。',

  notFound: '未找到',
  broke: '出错了',
  nothingHere: '此地址没有内容',
  oldLink: '链接可能已经过时。',
  reload: '多数情况下重新加载页面即可；浏览器控制台中有更多信息。'
};
