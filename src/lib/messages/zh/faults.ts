import type { faults as en } from '../en/faults.ts';
import type { Same } from '../same.ts';
import { word } from './details.ts';

export const faults: Same<typeof en> = {
  malformed: {
    message: (d) => `${word(d.where)} 格式有误：${word(d.reason)}`,
    advice: '两端的版本不同，或者数据被改动过。请更新两端后重试。'
  },
  'too-large': {
    message: (d) => `${word(d.what)}超过了 ${word(d.limit)}`,
    advice: '请一次少请求一些。'
  },
  'bad-argument': {
    message: (d) => `${word(d.name)}“${d.value}”${word(d.reason)}`,
    advice: '请改正该值后重试。'
  },
  expired: {
    message: (d) => `${word(d.what)}已于 ${d.at} 过期`,
    advice: '请重新发送；如果立刻又发生，请比对本机与主机的时钟。'
  },
  'id-reused': {
    message: (d) => `命令编号 ${d.id} 已被用于另一条命令`,
    advice: '请用新的编号重新发送该命令。'
  },
  'unknown-operator': {
    message: (d) => `主机 ${d.host} 不认识此操作员密钥`,
    advice: '请重新与该主机配对：在主机上运行 `smps-agent pair` 会打印新的配对链接。'
  },
  forbidden: {
    message: (d) => `${word(d.role)}无权${word(d.op)}；这需要${word(d.needs)}角色`,
    advice: '请此主机的管理员更改您的角色。'
  },
  'pairing-refused': {
    message: (d) => `主机 ${d.host} 拒绝了配对码`,
    advice: '配对码只能使用一次，有效期十分钟，最多尝试五次。请在主机上生成新的配对码后重试。'
  },
  'last-admin': {
    message: (d) => `这是主机 ${d.host} 的最后一名管理员`,
    advice: '请先将另一名操作员设为管理员。'
  },
  'not-found': {
    message: (d) => `没有${word(d.kind)}“${d.id}”`,
    advice: '它可能已被删除；列表显示的是当前存在的项。'
  },
  stale: {
    message: (d) => `虚拟机在此期间发生了变化（预期修订号 ${d.expected}，当前为 ${d.actual}）`,
    advice: '请查看其当前状态后再决定。'
  },
  'wrong-state': {
    message: (d) => `虚拟机当前状态为“${word(d.state)}”；此操作要求状态为“${word(d.needs)}”`,
    advice: '请先使虚拟机进入该状态。'
  },
  'name-taken': {
    message: (d) => `名称“${d.name}”在此主机上已被占用`,
    advice: '请换一个名称。'
  },
  'no-space': {
    message: (d) =>
      d.free !== '' && d.need !== ''
        ? `${d.where} 剩余 ${d.free}，需要 ${d.need}`
        : `${d.where} 的剩余空间少于所需的${d.need === '' ? '空间' : ` ${d.need}`}`,
    advice: '请释放一些空间，或选择其他存储池或主机。'
  },
  unsupported: {
    message: (d) => `${word(d.what)}：${word(d.reason)}${d.instead === '' ? '' : `；${word(d.instead)}`}`,
    advice: '如果此主机有替代办法，消息中会说明。'
  },
  'not-sent': {
    message: (d) => d.reason,
    advice: '没有向主机发送任何命令。请先解决该问题，然后重试。'
  },
  'in-use': {
    message: (d) => `${d.what} 仍被 ${word(d.by)} 使用`,
    advice: '请先在使用处释放它（在客户机中：卸载文件系统或关闭使用它的程序），然后重试。'
  },
  protected: {
    message: (d) => `${d.vm} 受保护：它及其卷都不能被删除`,
    advice: '请先关闭此虚拟机的删除保护。'
  },
  cancelled: {
    message: (d) => `已被 ${word(d.by)} 取消${d.left === '' ? '' : `；${word(d.left)}`}`,
    advice: '如果仍然需要，请重新发送。'
  },
  'not-cancellable': {
    message: (d) => `${d.what} 无法取消：${word(d.reason)}`,
    advice: '请等待其结束；其结果可以用另一条命令撤销。'
  },
  busy: {
    message: (d) => `${d.what} 正忙于 ${word(d.by)}`,
    advice: '请等它结束后重试。'
  },
  hypervisor: {
    message: (d) => `虚拟化平台执行 ${d.operation} 失败：${d.reason}`,
    advice: '原因由虚拟化平台给出；主机上的日志中有更多信息。'
  },
  'hypervisor-down': {
    message: (d) => `虚拟化平台的管理守护进程没有应答：${d.reason}`,
    advice: '请在主机上启动 libvirtd；代理会自动重新连接。'
  },
  'passage-lost': {
    message: (d) => `途中与主机 ${d.host} 的连接中断；${word(d.left)}`,
    advice: '请检查两台主机之间的网络，然后重新迁移虚拟机。'
  },
  'move-interrupted': {
    message: (d) => `迁移被中断：${word(d.by)}；${word(d.left)}`,
    advice: '虚拟机本身没有问题。如果仍然需要，请重新迁移。'
  },
  'move-no-space': {
    message: (d) => `${d.host} 的空间在途中用尽${d.need === '' ? '' : `（磁盘共 ${d.need}）`}；${word(d.left)}`,
    advice: '请在目标存储池中腾出空间，或选择其他存储池或主机，然后重新迁移。'
  },
  timeout: {
    message: (d) => `${word(d.what)}未能在 ${d.after} 内完成`,
    advice: '它仍可能发生：重试之前请先查看状态。'
  },
  interrupted: {
    message: (d) => `代理在执行${word(d.what)}时被中断；不知道它是否已生效`,
    advice: '重试之前请先查看虚拟机的状态，它是最新的。'
  },
  internal: {
    message: (d) => `内部出错：${d.reason}`,
    advice: '这是一个程序缺陷：请报告它，并附上您的操作以及代理的日志或浏览器控制台的内容。'
  },
  unreachable: {
    message: (d) => `无法连接到主机 ${d.host}：${word(d.reason)}`,
    advice: '请检查代理是否在运行，以及网关的主机表中是否有其地址和证书指纹。'
  },
  offline: {
    message: (d) => `自${word(d.since)}起与主机 ${d.host} 没有连接；没有发送任何内容`,
    advice: '主机可达后连接会自动恢复；届时请重试。'
  },
  unanswered: {
    message: (d) => `${word(d.op)} 已发送到主机 ${d.host}，但在收到应答之前连接断开了`,
    advice: '它可能已经发生，也可能没有：重试之前请先查看状态，连接恢复后的状态是最新的。'
  },
  'gateway-lost': {
    message: (d) => `无法连接到网关 ${d.url}：${word(d.reason)}`,
    advice: '请检查网关是否在运行；此标签页会自动重新连接。'
  },
  'link-ended': {
    message: (d) => `${word(d.what)}被${word(d.by)}关闭`,
    advice: '系统会自动建立新的连接。'
  },
  handshake: {
    message: (d) => `无法与主机 ${d.host} 建立加密链路：${word(d.reason)}`,
    advice: '主机更换了密钥、此密钥已被撤销，或者中间有人伪造数据。重新配对之前请核对两端的密钥号码。'
  },
  integrity: {
    message: (d) => `一条加密记录未通过校验：${d.reason}`,
    advice: '连接已关闭并会重新建立。如果持续发生，说明您与主机之间有人在篡改数据。'
  },
  rollback: {
    message: (d) => `主机 ${d.host} 的日志倒退了（我们见过 ${d.kept}，它提供的是 ${d.offered}）`,
    advice: '主机从备份恢复过，或者其历史被改写。请先在主机上查明，然后重新接受其日志。'
  },
  'bad-plugin': {
    message: (d) => `${d.what} 不合要求：${d.reason}`,
    advice: '须由插件作者修正；`smps plugin test` 会指出同样的问题。'
  },
  'plugin-failed': {
    message: (d) => `插件 ${d.plugin} 已停止：${d.reason}`,
    advice: '没有任何改动。请改用其他调度器。'
  },
  'port-in-use': {
    message: (d) => `端口 ${d.port} 已被占用`,
    advice: '请用 --port 选择其他端口，或停止占用它的程序。'
  },
  'already-running': {
    message: (d) => `${word(d.what)}已在运行（进程 ${d.pid}）`,
    advice: '请使用正在运行的那个，用 Ctrl-C 停止它，或为这个指定另一个 --state 目录。'
  },
  'corrupt-state': {
    message: (d) => `状态文件 ${d.file} 已损坏：${d.reason}`,
    advice: '请从备份恢复它，或将其移走后在没有它的情况下启动。'
  },
  'storage-refused': {
    message: (d) => `浏览器拒绝保存密钥：${d.reason}`,
    advice: '请允许此页面保存站点数据（隐私窗口可能禁止），然后重新加载。'
  },
  usage: { message: (d) => d.reason, advice: '请参阅 --help。' }
};
