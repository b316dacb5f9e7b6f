import type { reasons as en } from '../en/reasons.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';
import { common } from './common.ts';

const many = plural('zh-CN');

export const reasons: Same<typeof en> = {
  'host-unknown': '对该主机尚一无所知',
  'host-unlinked': '主机未连接',
  'host-trouble': (trouble) => `主机有故障：${trouble}`,
  'host-viewed': '您只能查看这台主机',
  'host-offline': '主机不在线',
  'host-maintenance': '主机正在维护',
  'host-closed': '主机此刻不接收虚拟机',

  unsuited: '主机不适合该虚拟机',
  platform: (needs, has) => `需要 ${needs}，而主机为 ${has}`,
  'no-image': (name) => `主机没有镜像“${name}”`,
  'no-network': (name) => `主机没有网络“${name}”`,
  'no-pool': (name) => `主机没有存储池“${name}”`,
  'place-tags': (tags) => `其标签要求 ${tags}`,
  lacks: {
    vcpus: (n) => many(n, { other: '缺少 # 个 vCPU' }),
    memory: (n) => many(n, { other: '缺少 # MiB 内存' }),
    disk: (n) => many(n, { other: '缺少 # MiB 磁盘空间' })
  },
  meanwhile: (lacks) => `虚拟机迁出期间${lacks}`,

  held: '该虚拟机不可迁移',
  'vm-state': (state) =>
    state === 'saved' ? '它已保存：请先还原，或丢弃其已保存状态' : `其状态为“${common.vmState[state]}”`,
  pinned: '其标签为 pin',
  'pinned-until': (time) => `它由人工迁移，固定至 ${time}`,
  'loose-disk': (target) => `其磁盘 ${target} 不在任何存储池中`,
  'stays-on-xen': {
    pv: 'Xen 不能迁移运行中的 PV 虚拟机：请先关机，再在那里用它的磁盘重新创建',
    hvm: '在 Xen 上只能迁移运行中的 PVH 虚拟机：请先关机，再在那里用它的磁盘重新创建',
    disks: 'Xen 迁移时不复制磁盘：请先关机，再在那里用它的磁盘重新创建',
    off: '在 Xen 上不能迁移已关机的虚拟机：请在那里用它的磁盘重新创建'
  },
  unmanaged: '它由其他工具创建，不受管理',
  'out-of-scope': '不在此方案的范围内',

  'rule-apart': (rule, vm) => `规则“${rule}”：${vm} 在此主机上`,
  'rule-together': (rule) => `规则“${rule}”：其余虚拟机在另一台主机上`,
  'rule-near': (rule, site) => `规则“${rule}”：其余虚拟机不在站点 ${site}`,
  'rule-spread': (rule, least) => `规则“${rule}”：所在站点将少于 ${least} 个`,
  'rule-needs': (rule, site) => `规则“${rule}”：它所需要的虚拟机没有一台在站点 ${site}`,
  'rule-needed': (rule, site) => `规则“${rule}”：站点 ${site} 的其他虚拟机需要它`,
  'rule-broken': (rule, vms) => `会违反 ${rule}（${vms}）`,
  more: (vms, n) => `${vms} 以及另外 ${n} 台`,

  'no-such-vm': (index) => `没有编号为 ${index} 的虚拟机`,
  'no-such-host': (index) => `没有编号为 ${index} 的主机`,
  'moved-twice': '该虚拟机被迁移了两次',
  'shared-twice': '该虚拟机被设置了两次 CPU 份额',
  'not-running': '该虚拟机未运行，而方案只更改运行中虚拟机的 CPU 份额',
  'no-shares': '主机不能更改运行中虚拟机的 CPU 份额',
  'no-yield': '其标签没有 yields，方案不会更改它的 CPU 份额',
  'weight-range': (most) => `CPU 份额的权重为 1 到 ${most}`,
  'cap-range': (least, most) => `其上限可为 ${least}\u00a0% 到 ${most}\u00a0%`,
  'still-there': '必须与它分开的一台虚拟机仍在那里',
  'not-there-yet': '它未能先迁移到那里',
  circle: '与其他虚拟机循环等待',
  'makes-room': (vm) => `它要为 ${vm} 腾出空间`,

  'odd-tag': (tag, vm) => `${vm} 的标签 ${tag} 不是可识别的规则`,
  'spread-few': (rule, least, vms) => `spread:${rule} 要求 ${least} 个站点，但只有 ${vms} 台虚拟机带有该标签`,
  'needs-none': (rule) => `有标签 needs:${rule}，但没有虚拟机带有标签 gives:${rule}`,
  said: (text) => text
};
