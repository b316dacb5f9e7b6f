import type { trust as en } from '../en/trust.ts';
import type { Same } from '../same.ts';
import { common } from './common.ts';

export const trust: Same<typeof en> = {
  yourKey: '您的操作员密钥',
  yourNumber: '您的操作员密钥号码',
  keyHelp: '主机凭此密钥认识您。请将此号码与主机管理员在操作员列表中看到的号码核对。',
  keySealed: '密钥保存在此浏览器中，由您的口令加密封存（PBKDF2、AES-256-GCM）。',
  keyNative:
    '私钥在此浏览器中生成，无法离开浏览器：任何页面，包括本页面，都无法读取它。换一个浏览器就是另一名操作员，需由主机管理员邀请。',
  pairedHosts: '已配对的主机',
  hostKey: '主机密钥',
  seal: '加密套件',
  yourRole: '您的角色',
  gateway: '网关',
  journal: '日志',
  paired: '配对时间',
  forget: '移除',
  forgetName: (name) => `移除 ${name}`,
  forgetTitle: (name) => `移除 ${name}？`,
  forgetHelp:
    '此浏览器将删除该主机及其密钥。主机仍然认得您的密钥，其管理员可以撤销它。要再次管理该主机，需要重新配对。',
  theme: '主题',
  themes: { system: '跟随系统', light: '浅色', dark: '深色' },
  language: '语言',
  languageOfSystem: '跟随系统',
  about: '关于',
  aboutWhat:
    'SMPS-VMM：一个浏览器标签页管理多台虚拟化主机。您的浏览器就是管理器；每台主机运行一个轻量代理；中间的网关只能转发、丢弃或延迟消息，绝不能读取、伪造或重放。',
  aboutSeal:
    '每条命令都在此浏览器中加密封装，只有主机上的代理能打开；代理根据您的密钥决定您可以做什么，并记入日志。Apache-2.0 许可。',

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

  build: '此构建版本',
  version: '版本',
  buildHash: '页面的 SHA-256',
  buildHelp:
    '对当前提供的页面计算；页面以内容哈希命名每个脚本。请在您信任的机器上构建同一版本并核对：`npm run build && sha256sum build/index.html`。如果提供页面的网关不属于您，值得这样做。',
  buildUnknown: '无法获取页面，因而未能计算哈希。',
  copyHash: '复制哈希',
  repair: '重新配对',
  repairHelp: '同一主机的新配对链接会取代此配对；主机密钥会被核对。'
};
