import { expect, test } from 'vitest';
import { parseLook, printLook } from './terminal-look.ts';

test('a kept look is read again, and anything else is the usual one', () => {
  expect(parseLook(printLook({ fontSize: 18, scrollback: 1_000 }))).toEqual({ fontSize: 18, scrollback: 1_000 });
  expect(parseLook('18')).toEqual({ fontSize: 18, scrollback: 10_000 });
  for (const kept of [null, '', '1e9 1e9', '13.5 -1', 'x y'])
    expect(parseLook(kept)).toEqual({ fontSize: 13, scrollback: 10_000 });
});
