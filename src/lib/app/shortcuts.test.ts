import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { shortcuts } from './shortcuts.ts';

let end: () => void = () => undefined;
function listen(): string[] {
  const done: string[] = [];
  const handler = shortcuts({ '/': () => done.push('/'), s: () => done.push('s'), 'g s': () => done.push('g s') });
  addEventListener('keydown', handler);
  end = () => removeEventListener('keydown', handler);
  return done;
}
afterEach(() => {
  end();
  document.body.replaceChildren();
});

test('single keys and pairs act', async () => {
  const done = listen();
  await userEvent.keyboard('/gsxs');
  expect(done).toEqual(['/', 'g s', 's']);
});

test('nothing acts while someone types, or with a modifier', async () => {
  const done = listen();
  const field = document.createElement('input');
  document.body.append(field);
  field.focus();
  await userEvent.keyboard('/s');
  field.blur();
  await userEvent.keyboard('{Control>}s{/Control}');
  expect(field.value).toBe('/s');
  expect(done).toEqual([]);
});
