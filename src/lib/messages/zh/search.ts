import type { search as en } from '../en/search.ts';
import type { Same } from '../same.ts';

const choose = (list: string): string => (list === '' ? '' : `可用：${list}。`);

export const search: Same<typeof en> = {
  label: '筛选主机和虚拟机',
  placeholder: '筛选：输入词语，或 site:north state:running cpu>80',
  clear: '清除筛选',
  completions: '补全',
  help: '筛选方法',
  saved: '已保存的筛选',
  savedNone: '给筛选起个名字，以后就能在这里找到。',
  saveAs: '此筛选的名称',
  save: '保存',
  rename: (name) => `重命名 ${name}`,
  remove: (name) => `删除 ${name}`,
  newName: '新名称',
  use: (fix) => `改为 ${fix}`,
  leaveOut: '去掉它',

  problem: {
    'unknown-field': (found) => `没有名为“${found}”的字段。含冒号的文本请加引号。`,
    'unknown-value': (found, field, choices) => `“${found}”不是 ${field} 的值。${choose(choices)}`,
    'missing-value': (_found, field, choices) => `${field} 后面需要一个值。${choose(choices)}`,
    'not-a-number': (found, field) => `${field} 要与数字比较，“${found}”不是数字。`,
    'needs-unit': (found, _field, choices) => `${found} 缺少单位，可用：${choices}。`,
    'unknown-unit': (found, field, choices) =>
      choices === '' ? `${field} 是纯数字，“${found}”带有单位。` : `“${found}”的单位在这里不适用。${choose(choices)}`,
    'needs-figure': (found, field) => `${field} 是文本：可用“:”（等于）和“~”（包含），不能用“${found}”。`,
    'needs-text': (found, field) => `${field} 是数值：不能用“${found}”，可用 = < > <= >=。`,
    'no-field': (found) => `“${found}”前面没有字段；符号两边不留空格：cpu>80。`,
    'unclosed-quote': () => '引号没有闭合。',
    'dangling-or': () => 'OR 应位于两个条件之间。',
    'too-long': () => '筛选最多 500 个字符，其余部分被忽略。'
  }
};
