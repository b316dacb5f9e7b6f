import { expect, test } from 'vitest';
import { fitText } from './fit-text.ts';

test('names are cut with an ellipsis by whole code points, and left out when there is no room', () => {
  expect(fitText('database-primary-1', 200)).toBe('database-primary-1');
  expect(fitText('database-primary-1', 60)).toBe('databas…');
  expect(fitText('😀😀😀😀😀😀', 60)).toBe('😀😀😀😀…');
  expect(fitText('web', 12)).toBe('');
  expect(fitText('', 100)).toBe('');
});

test('East Asian letters take twice the room', () => {
  expect(fitText('数据库主服务器一号', 60)).toBe('数据库主…');
});

test('an enormous name costs no more than what is shown of it', () => {
  const cut = fitText('x'.repeat(500_000), 100);
  expect(cut).toMatch(/^x{10,20}…$/);
});
