import type { planRun as en } from '../en/plan-run.ts';
import type { Same } from '../same.ts';

export const planRun: Same<typeof en> = {
  run: (n) => `执行 ${n} 个可执行的步骤`,
  goOn: (n) => `继续执行 ${n} 个步骤`,
  pause: '暂停',
  pauseHelp: '正在执行的步骤会完成，不再开始新的步骤。',
  pausing: '正在暂停：等待执行中的步骤…',
  abort: '执行中的步骤完成后中止',
  abortNow: '立即中止',
  abortNowHelp: '正在进行的迁移会被取消，这些虚拟机留在原处。',
  giveUp: '放弃其余步骤',
  aborting: '正在中止：等待执行中的步骤…',
  aborted: '已中止。尚未开始的步骤不再执行；仍可继续执行。',
  elsewhere: '正在此浏览器的另一个标签页中执行',
  elsewhereHelp: '进展也会显示在这里。那个标签页关闭后，可以在这里继续执行。',
  far: (done, of) => `已完成 ${done}/${of}`,
  farAndLeft: (done, of, left) => `已完成 ${done}/${of}，大约还需 ${left}`,
  stands: (state, far) => `${state}：${far}`,
  parts: (n) => `${n} 条命令`,
  partsOf: (n, name) => `${n} 条命令：${name}`,
  progress: '方案进度',

  options: '执行方式',
  moves: '同时迁移数',
  movesHelp: '所有主机合计。',
  perHost: '每台主机同时进行数',
  perHostHelp: '作为源或目标；更多只会争用其磁盘和线路。',
  bandwidth: '每次迁移的带宽，MiB/s',
  bandwidthHelp: '留空：尽可能快。',
  autoConverge: '客户机写入快于复制时放慢其速度',
  wholeNumber: (most) => `1 到 ${most} 的整数。`,

  standing: {
    ready: '可执行',
    running: '执行中',
    done: '完成',
    failed: '失败',
    cancelled: '已中止',
    stopped: '未执行',
    unknown: '未知，正在核实',
    planned: '已计划',
    waits: '等待',
    'behind-planned': '等待',
    'behind-failed': '等待'
  },
  unknownHelp: '尚不知道结果如何。两台主机都能说明虚拟机在哪里时，即可查明。',

  log: '经过',
  logHelp: '由此浏览器记录，最新的在前。命令记录在各主机的日志中。',
  logTime: '时间',
  logStep: '步骤',
  logWhat: '事件',
  logged: { approved: '已批准', run: '已开始', paused: '已暂停', aborted: '已中止', ended: '已结束' },
  state: {
    waiting: '重新等待',
    running: '已开始',
    done: '已完成',
    failed: '失败',
    stopped: '未执行',
    unknown: '不知道结果如何'
  },
  seen: {
    waiting: '发现仍在原处：重新等待',
    running: '发现正在进行',
    done: '发现已完成',
    failed: '发现未完成',
    stopped: '发现未完成',
    unknown: '不知道结果如何'
  },
  journal: (n) => `日志 #${n}`,

  undo: '撤销',
  undoHelp: '为退回另建一个方案：迁移、规格和 CPU 份额，按当前的全部主机核对并排序。批准之前什么都不会执行。',
  undoWhat: (moves, sizes, shares) =>
    [
      moves > 0 ? `${moves} 台虚拟机迁回` : '',
      sizes > 0 ? `${sizes} 台虚拟机恢复原规格` : '',
      shares > 0 ? `${shares} 台虚拟机恢复原 CPU 份额` : ''
    ]
      .filter(Boolean)
      .join('，'),
  undoNothing: '已完成的步骤都无法通过方案撤销。',
  undoPlan: '规划退回',
  notUndoneTitle: '以下保持不变',
  notUndone: {
    started: '它已被启动；如不需要，请自行关机',
    created: '它已被创建；如不需要，请自行删除',
    'at-next-boot': '新规格在下次启动时才生效；请在其页面上更改',
    'share-kept': '其标签不允许方案恢复它原来的 CPU 份额；请在其页面上更改',
    'size-unknown': '没有保存它之前的规格'
  },
  undoes: '这是另一个方案的退回：',

  because: '起因',
  becauseOf: (name, step) => `方案“${name}”，步骤 ${step}`
};
