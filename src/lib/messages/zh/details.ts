// Details of faults are said in English by whoever made them. Those that are one of our own words, or a phrase of the tab
// itself, are said in Chinese; everything else stays as it was said.
import { common } from './common.ts';

const PHRASES: Readonly<Record<string, string>> = {
  ...common.vmState,
  ...common.role,
  // kinds
  host: '主机',
  VM: '虚拟机',
  vm: '虚拟机',
  disk: '磁盘',
  volume: '卷',
  pool: '存储池',
  network: '网络',
  'network interface': '网卡',
  image: '镜像',
  operator: '操作员',
  key: '密钥',
  gateway: '网关',
  // who and what
  'the link': '连接',
  'this link': '此连接',
  'this end': '本端',
  'the other end': '对端',
  'the connection': '连接',
  'do this': '执行此操作',
  pairing: '配对',
  'the pairing': '配对内容',
  'this tab opened': '此标签页打开',
  'the operator key': '操作员密钥',
  'the browser’s store': '浏览器的存储',
  'the guest, which has not let go of it': '尚未放开它的客户机',
  'the list of operators': '操作员列表',
  'the agent': '代理',
  'the host': '主机',
  // pairing and keys
  'the passphrase': '口令',
  'does not open the key': '无法打开密钥',
  'it is sealed by a passphrase': '它由口令加密封存',
  'pairing ticket': '配对票据',
  'pairing link': '配对链接',
  'gateway URL': '网关地址',
  'is not complete: copy the whole line that the host printed': '不完整：请复制主机打印的整行内容',
  'carries no ticket (#pair=…)': '不含票据（#pair=…）',
  'is not a URL': '不是网址',
  'must not carry a user name or password': '不能带有用户名或密码',
  // the way there
  'the agent ended the link': '代理关闭了连接',
  'the link was given up': '连接已被放弃',
  'the gateway’s host table does not have it': '网关的主机表中没有它',
  'the gateway cannot connect to its agent': '网关无法连接到其代理',
  'the TLS key of its agent is not the one pinned in the gateway’s host table':
    '其代理的 TLS 密钥与网关主机表中固定的不符',
  'what answers at the agent’s address is not the agent of this host': '在代理地址上应答的不是此主机的代理',
  'its agent or the gateway is too busy just now': '其代理或网关此刻过于繁忙',
  'a limit of the gateway was exceeded': '超出了网关的限制',
  'the connection between gateway and agent ended': '网关与代理之间的连接断开了',
  'its agent sent the gateway what is no record': '其代理发给网关的不是有效记录',
  'it is being stopped': '它正在停止',
  'the gateway closed the link': '网关关闭了连接',
  'its agent does not answer the handshake': '其代理没有应答握手',
  'the handshake failed': '握手失败',
  'it refused to be watched': '它拒绝被关注',
  'it was refused': '被拒绝',
  // moves
  'the agent of this host ended meanwhile': '此主机的代理中途结束',
  'not all of it came': '没有全部传到',
  'an operator had it go on where it was': '操作员让它在原处继续运行',
  'nobody came with the permit': '没有主机持许可前来',
  'nothing of it is here': '此处没有留下任何内容',
  'it goes on here': '它在此继续运行',
  'where the VM runs is being found out': '正在核实虚拟机在哪里运行',
  // instead
  'start the VM first': '请先启动虚拟机',
  'shut it down first': '请先关机',
  'detach something, or shut it down first': '请先卸载其他设备，或先关机'
};

/** `text` in Chinese where it is known; several states are joined by “ or ”. */
export const word = (text: string): string =>
  Object.hasOwn(PHRASES, text)
    ? (PHRASES[text] ?? text)
    : STATES.test(text)
      ? text.split(' or ').map(word).join('”或“')
      : text;

const STATES = /^[a-z]+( or [a-z]+)+$/;
