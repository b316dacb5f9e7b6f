import type { place as en } from '../en/place.ts';
import { plural } from '../plural.ts';
import type { Same } from '../same.ts';

const many = plural('zh-CN');

export const place: Same<typeof en> = {
  term: {
    cpu: 'CPU',
    memory: '内存',
    diskIo: '磁盘 I/O',
    net: '网络',
    balance: '均衡',
    power: '能耗',
    move: '迁移',
    copy: '复制',
    disturbance: '扰动',
    resize: '调整规格',
    withheld: '限制的 CPU'
  },
  termMeaning: {
    cpu: '超过主机安全水位的 CPU 负载',
    memory: '超过主机安全水位的已分配内存',
    diskIo: '超过主机安全水位的磁盘流量',
    net: '超过主机安全水位的网络流量',
    balance: '有空闲内存却没有相应的 CPU，或者相反',
    power: '主机因有虚拟机运行而消耗的电力',
    move: '迁移虚拟机本身的风险',
    copy: '迁移需要复制的数据，跨站点时更贵',
    disturbance: '同一服务的多台虚拟机同时被迁移',
    resize: '调整运行中虚拟机的规格',
    withheld: '上限使标签为 yields 的虚拟机得不到的 CPU'
  },
  cost: '代价',
  costMeaning: '虚拟机放在该主机上时整个机群增加的点数；100 点相当于一整台主机的 CPU 超出安全水位。',
  tableOf: (vm) => `${vm} 放在各主机上的代价，以及某些主机不可用的原因`,
  here: '此处',
  cannot: '不可用',
  restIsNone: '对所有主机都为 0 的项未列出。',
  showAll: (n) => `显示全部 ${n} 台主机`,

  vcpus: (n) => many(n, { other: '# 个 vCPU' }),
  short: {
    vcpus: (amount, share) => `缺少 ${amount}（主机的 ${share}）`,
    memory: (amount, share) => `缺少 ${amount} 内存（主机的 ${share}）`,
    disk: (amount, share) => `缺少 ${amount} 磁盘空间（主机的 ${share}）`
  },
  obstacle: {
    unsuited: (reason) => `不适合：${reason}`,
    rule: (reason) => reason,
    offline: (reason) => reason,
    maintenance: '主机正在维护'
  },
  wouldHelp: (changes) => `可行的改变：${changes}。`,
  change: {
    vcpus: (amount) => `减少 ${amount}，或在该主机上腾出`,
    memory: (amount) => `减少 ${amount} 内存，或在该主机上腾出`,
    disk: (amount) => `减少 ${amount} 磁盘，或在该主机上腾出`,
    unsuited: '为主机补上所缺的资源，或为虚拟机另作选择',
    rule: '移走规则涉及的虚拟机，或更改标签',
    offline: '恢复与主机的连接',
    maintenance: '结束主机维护'
  },
  and: '，并且',

  hereBest: (host, cost, next, nextCost) => `${host} 的代价为 ${cost}，其次是 ${next}，代价为 ${nextCost}。`,
  mostly: (term, points) => `差别主要在于${term}：${points}。`,
  hereDearer: (host, cost, best, bestCost) => `${host} 的代价为 ${cost}；放在 ${best} 上只需 ${bestCost}。`,
  hereOnly: (host) => `只有 ${host} 可用。`,
  best: (host, cost) => `${host} 代价最低：${cost}。`,
  nobody: '没有可用的主机。',
  nearest: (host) => `${host} 最接近可用。`,
  missing: (obstacle) => `${obstacle}。`,

  how: '如何选择主机',
  byHand: '手动选择',
  placed: '自动放置',
  scheduler: '调度器',
  ranking: '正在询问调度器…',
  waiting: (scheduler) => `正在等待 ${scheduler} 为主机评分。若一直没有答复，将放弃等待；您也可以自行选择。`,
  byHandNow: '立即手动选择',
  ranked: '按评分排列的主机',
  score: '评分',
  scoreOf: (score, host) => `评分 ${score}（满分 100）：${host}`,
  noScheduler: '没有启用任何调度器。',
  noSchedulerHelp: '请在插件中启用一个，或手动选择主机。',
  toPlugins: '插件',
  costs: (points) => `代价 ${points}`,
  most: (term, points) => `${term} ${points}`,
  noneCan: '调度器没有找到可用的主机。',
  othersCannot: (n) => many(n, { other: '# 台主机不可用' }),
  whyThis: '为什么是这台主机？',
  whyNotThere: '为什么不能放在那里？',
  whyTitle: (vm) => `${vm} 的主机选择原因`,
  newVm: '新虚拟机',
  schedulerFailed: '调度器没有给出答复。请选择另一个调度器，或手动选择主机。',
  each: '每台虚拟机各有主机',
  on: (host, n) => `${host}（${n} 台）`,
  unplaced: (n) => many(n, { other: '其中 # 台没有主机可以容纳。' }),
  spreadOver: (vms, hosts) => `${many(vms, { other: '# 台虚拟机' })}分布在 ${many(hosts, { other: '# 台主机' })}上`,
  unreadable: '请先修正表单中的问题：调度器需要知道规格。',

  placement: '放置',
  whyHere: '为什么在这里',
  held: (reason) => `任何方案都不会迁移它：${reason}。`,
  asOf: '按机群此刻的状态和“方案”页中的各项代价计算。',
  again: '重新计算',

  tags: {
    title: '用于放置虚拟机的标签',
    meaning: '标签可以是任意词语。以下标签还会告诉调度器和方案，虚拟机可以放在哪里：',
    rule: {
      apart: '带有它的虚拟机，任意两台都不在同一主机上',
      spread: '带有它的虚拟机至少分布在两个（或三个）站点',
      near: '全部在同一站点',
      together: '全部在同一主机上',
      needs: '其站点内须有带标签 gives:dns 的虚拟机',
      gives: '供带标签 needs:dns 的虚拟机依赖',
      only: '只能在该主机上、该站点内；有多个时，任选其一',
      not: '不能在该主机上、该站点内',
      pin: '任何方案都不会迁移它',
      pinUntil: '在该时刻（UTC）之前，重新均衡不会迁移它',
      yields: '主机过忙时，方案可为其设上限，最低至其 vCPU 可用量的一半，或 30 %'
    },
    names: '冒号后的名称由您自定；on 与 not-on 后接主机的名称或编号。',
    odd: (tags) =>
      `“${tags}”看似放置规则，但无法识别，因此不起作用。冒号后须有名称；spread 末尾可带 2 到 100 的数字，yields 可带 1 到 99。`
  }
};
