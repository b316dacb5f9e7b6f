import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault, detailNames, faults, type FaultCode } from '../model/fault.ts';
import { faultAdvice, faultMessage } from './fault-words.ts';
import { halves } from './halves.ts';
import { LANGUAGES, languageFor, loadTranslation, type LanguageTag, type Messages } from './messages.ts';
import { en } from './en.ts';
import { figure, plural } from './plural.ts';

const loadMessages = async (tag: LanguageTag): Promise<Messages> => (await loadTranslation(tag)) ?? en;

/** Arguments whose figures are found again in what is printed. */
const ARGUMENTS = [71, 72, 73, 74] as const;

/** `area.key`: its text, or what it prints for sample arguments. */
function* texts(value: object, path = ''): Generator<readonly [string, string]> {
  for (const [key, each] of Object.entries(value) as [string, unknown][]) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof each === 'string') yield [at, each];
    else if (typeof each === 'function') yield [at, String((each as (...args: unknown[]) => unknown)(...ARGUMENTS))];
    else if (typeof each === 'object' && each !== null) yield* texts(each, at);
  }
}

test.each(LANGUAGES)('%s has every key, and no empty text', async (tag) => {
  const found = new Map(texts(await loadMessages(tag)));
  expect([...found.keys()].sort()).toEqual([...new Map(texts(en)).keys()].sort());
  expect([...found].filter(([, text]) => text.trim() === '')).toEqual([]);
});

test.each(LANGUAGES)('%s tells everything it is told', async (tag) => {
  const english = new Map(texts(en));
  const told = (text: string): readonly number[] => ARGUMENTS.filter((argument) => text.includes(String(argument)));
  const lost = [...texts(await loadMessages(tag))].filter(
    ([key, text]) => told(text).join() !== told(english.get(key) ?? '').join()
  );
  expect(lost).toEqual([]);
});

test.each(LANGUAGES)('in %s a fault names all its details', async (tag) => {
  const m = await loadMessages(tag);
  for (const code of Object.keys(faults) as FaultCode[]) {
    const names = detailNames(code);
    const fault = new Fault(code, Object.fromEntries(names.map((name) => [name, `‹${name}›`])) as never);
    const message = faultMessage(m, fault);
    expect(names.filter((name) => !message.includes(`‹${name}›`))).toEqual([]);
    expect(message).not.toMatch(/undefined|[.。]$/);
    expect(faultAdvice(m, fault)).toMatch(/[.。]$/);
  }
});

test('in English a fault says what it says by itself', () => {
  const fault = new Fault('busy', { what: 'db-1', by: 'vm.pause' });
  expect([faultMessage(en, fault), faultAdvice(en, fault)]).toEqual([fault.message, fault.advice]);
});

test('in Chinese the words of our own in a fault are said in Chinese, all others as they came', async () => {
  const zh = await loadMessages('zh-CN');
  const state = new Fault('wrong-state', { state: 'paused', needs: 'off or crashed' });
  expect(faultMessage(zh, state)).toBe('虚拟机当前状态为“已暂停”；此操作要求状态为“已关机”或“已崩溃”');
  const foreign = new Fault('unreachable', { host: 'n1', reason: 'a gremlin' });
  expect(faultMessage(zh, foreign)).toBe('无法连接到主机 n1：a gremlin');
});

test('in Chinese a journal entry is called by its op, and an op of a newer host by its summary', async () => {
  const { activity } = (await loadMessages('zh-CN')).tasks;
  expect(activity('Set vCPUs of db-1 to 4', 'vm.set-vcpus', 'db-1')).toBe('设置 db-1 的 vCPU');
  expect(activity('Start a VM', 'vm.start', null)).toBe('启动虚拟机');
  expect(activity('Teleport db-1', 'vm.teleport', 'db-1')).toBe('Teleport db-1');
  expect(activity('Odd', 'toString', null)).toBe('Odd');
});

test('a message is cut where its argument stands', () => {
  expect(halves((age) => `as of ${age}.`)).toEqual(['as of ', '.']);
});

test('the reader’s first language that there is, is taken', () => {
  expect(languageFor(['de-DE', 'zh-TW', 'en'])).toBe('zh-CN');
  expect(languageFor(['de'])).toBe('en');
  expect(languageFor([])).toBe('en');
});

test('a plural is written by the rules of its language', () => {
  const english = plural('en');
  const forms = { one: '# host', other: '# hosts' };
  expect([0, 1, 2, 20_000].map((n) => english(n, forms))).toEqual([
    '0\u00a0hosts',
    '1\u00a0host',
    '2\u00a0hosts',
    '20,000\u00a0hosts'
  ]);
  expect(plural('zh-CN')(1, { other: '# 台主机' })).toBe('1\u00a0台主机');
});

test('the rules and the groups of figures are those of the Unicode project', () => {
  const categories = { zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other' };
  const grouped = new Intl.NumberFormat('en', { useGrouping: 'min2' });
  for (const locale of ['en', 'zh-CN'] as const) {
    const rules = new Intl.PluralRules(locale);
    fc.assert(fc.property(fc.nat(), (n) => plural(locale)(n, categories) === rules.select(n)));
  }
  fc.assert(fc.property(fc.nat(), (n) => figure(n) === grouped.format(n)));
});
