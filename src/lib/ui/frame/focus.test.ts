import { beforeEach, expect, test } from 'vitest';
import { focusOn, keepFocus } from './focus.ts';

beforeEach(() => {
  document.body.innerHTML = '<section><div><button>one</button></div><button>two</button></section>';
  return keepFocus(document.body);
});
const find = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`no ${selector}`);
  return found;
};

test('what held the button that went has the focus, and only while it keeps it', async () => {
  find('div button').focus();
  find('div button').remove();
  await expect.poll(() => document.activeElement).toBe(find('div'));
  find('section > button').focus();
  expect(find('div').hasAttribute('tabindex')).toBe(false);
});

test('when that went with it, what is round both takes it', async () => {
  find('div button').focus();
  find('div').remove();
  await expect.poll(() => document.activeElement).toBe(find('section'));
});

test('a button that is disabled while it has the focus passes it on', async () => {
  find('section > button').focus();
  find('section > button').setAttribute('disabled', '');
  await expect.poll(() => document.activeElement).toBe(find('section'));
});

test('a press on nothing leaves the focus nowhere', async () => {
  find('div button').focus();
  find('section').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
  find('div button').blur();
  find('div').remove();
  await new Promise((resolve) => requestAnimationFrame(resolve));
  expect(document.activeElement).toBe(document.body);
});

test('a heading takes the focus when it is told to', () => {
  expect(focusOn(find('section'))).toBe(true);
});

test('the heading of a view that has gone passes it on to the one in its place, and nothing else does', async () => {
  document.body.innerHTML = '<section id="subject"><main><h1>No such VM</h1><button>all</button></main></section>';
  const become = (name: string): void => {
    find('#subject').innerHTML = `<main><h1>${name}</h1><button>all</button></main>`;
  };
  focusOn(find('h1'));
  become('keys-1');
  await expect.poll(() => document.activeElement).toBe(find('h1'));
  find('button').focus();
  become('keys-2');
  await expect.poll(() => document.activeElement).toBe(find('#subject'));
});
