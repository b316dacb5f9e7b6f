import { expect, test } from 'vitest';
import { strokesOf } from './keystrokes.ts';

test('each character is the key of a US keyboard that writes it, with Shift where it needs it', () => {
  expect(strokesOf('a').strokes).toEqual([{ keysym: 0x61, code: 'KeyA', shift: false }]);
  expect(strokesOf('A').strokes).toEqual([{ keysym: 0x41, code: 'KeyA', shift: true }]);
  expect(strokesOf('"').strokes).toEqual([{ keysym: 0x22, code: 'Quote', shift: true }]);
  expect(strokesOf(' ').strokes).toEqual([{ keysym: 0x20, code: 'Space', shift: false }]);
});

test('every printable ASCII character has its key', () => {
  const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, n) => 32 + n));
  expect(strokesOf(printable)).toMatchObject({ missing: 0 });
  expect(strokesOf(printable).strokes).toHaveLength(95);
});

test('a line ends with one Enter, and what is on no key is counted and left out', () => {
  const { strokes, missing } = strokesOf('é\r\n虚😀\x1b\t');
  expect(strokes.map(({ code }) => code)).toEqual(['Enter', 'Tab']);
  expect(missing).toBe(4);
});
