import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Setting } from '#lib/plugin/manifest.ts';
import { readSetting, settingError, settingHint } from './setting-words.ts';

const words = en.plugins;
const share: Setting = {
  type: 'number',
  title: 'Share',
  description: 'Of a host.',
  default: 80,
  minimum: 1,
  maximum: 100
};
const count: Setting = { type: 'integer', title: 'Count', default: 3, minimum: 0 };
const name: Setting = { type: 'string', title: 'Name', default: 'a', maxLength: 5 };

test('a hint says what it is, its range and its default', () => {
  expect(settingHint(words, share)).toBe('Of a host. From 1 to 100. Default: 80.');
  expect(settingHint(words, count)).toBe('0 or more. Default: 3.');
  expect(settingHint(words, { type: 'boolean', title: 'Wake', default: true })).toBe('Default: yes.');
});

test.each([
  [share, '70', 70, null],
  [share, ' 0,5 ', 0.5, 'From 1 to 100.'],
  [share, '', NaN, 'A number is wanted here.'],
  [share, '7x', NaN, 'A number is wanted here.'],
  [count, '2.5', 2.5, 'A whole number is wanted here.'],
  [count, '-1', -1, '0 or more.'],
  [name, 'abcdef', 'abcdef', 'At most 5 characters.'],
  [name, 'abc', 'abc', null]
])('%j from “%s” is %s: %s', (setting, typed, value, error) => {
  expect(readSetting(setting, typed)).toBe(value);
  expect(settingError(words, setting, value)).toBe(error);
});
