import type { pairing as en } from '../en/pairing.ts';
import type { Same } from '../same.ts';
import { figure } from '../plural.ts';
import { common } from './common.ts';

export const pairing: Same<typeof en> = {
  pairingWith: (done, hosts) => `正在配对：${common.hosts(hosts)}中已完成 ${figure(done)} 台…`,
  pairedWith: (hosts) => `已与 ${common.hosts(hosts)}配对。`,
  pairedOf: (paired, hosts) => `共 ${common.hosts(hosts)}，已配对 ${paired} 台。`,
  compare: '请将每个校验号与主机打印的校验号核对：如果一致，说明您与主机之间没有第三者。',
  theyAreTheSame: '全部一致：前往机群',
  addAnother: '再添加一台主机',
  offered: (count, hosts) => `您打开的链接包含 ${count}：${hosts}。链接已从地址栏中移除，只能使用一次。`,
  andMore: (hosts) => `等，另有 ${figure(hosts)} 台`,
  howTo: '在主机上运行 `smps-agent pair` 会打印一个配对链接。把它粘贴到这里，或直接打开它。',
  linkOrTickets: '配对链接或票据',
  oneOrSeveral: '一个或多个，每行一个或用逗号分隔。',
  forHosts: (hosts) => `对应主机：${hosts}`,
  yourName: '您在主机日志中的名称',
  yourNameHelp: '管理该主机的所有人都会在您的操作旁看到它。',
  anotherGateway: '使用其他网关',
  gatewayAddress: '网关地址',
  gatewayEmpty: (url) => `留空则使用 ${url}`,
  pair: (hosts) => (hosts > 1 ? `与 ${common.hosts(hosts)}配对` : '配对'),
  yourKey: (number) => `您的密钥 ${number} 将登记到主机；私钥始终留在这里。`,

  step: { waiting: '排队中', pairing: '正在建立加密链路并验证配对码…', paired: '已配对并加密', failed: '失败' },
  checkNumber: '校验号',
  checkNumberOf: (host) => `${host} 的校验号`,
  differs: '不一致：移除',

  makeKey: '生成您的操作员密钥',
  openKey: '打开您的操作员密钥',
  makeKeyHelp:
    '主机将凭一把在此浏览器中生成的密钥认识您。此页面经由未加密的 http 传输，浏览器无法为密钥提供安全的存放处，因此改用口令加密封存。',
  openKeyHelp: '您的密钥保存在此浏览器中，由您设定的口令加密封存。',
  passphrase: '口令',
  passphraseHelp: (least) => `至少 ${least} 个字符；无人能够重置。`,
  passphraseShort: (least) => `至少 ${least} 个字符。`,
  onceMore: '再输入一次',
  differ: '两次输入不一致。',
  oneMoment: '请稍候…',
  make: '生成密钥',
  better:
    '更好的做法：通过 https 或在 localhost 上打开此页面。在未加密的 http 上，您与网关之间的任何人都可能篡改此页面。'
};
