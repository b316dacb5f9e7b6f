import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Fault } from '#lib/model/fault.ts';
import { MemoryConsole } from '../../../../tests/support/memory-console.ts';
import { RfbServer } from '../../../../tests/support/rfb-server.ts';
import '../app.css';
import { strokesOf, type Stroke } from './keystrokes.ts';
import { takePicture } from './picture.ts';
import Screen from './Screen.svelte';
import type { Pasting } from './typist.ts';

type Controls = { press(strokes: readonly Stroke[], how: Pasting): Promise<void>; sendCtrlAltDel(): void };
const RED = [200, 0, 0] as const;

async function show(line: MemoryConsole) {
  const told: string[] = [];
  const ends: (Fault | null)[] = [];
  const screen = await render(Screen, {
    channel: line,
    size: 'actual',
    label: 'Screen of web-1',
    onshown: () => told.push('shown'),
    onend: (fault: Fault | null) => ends.push(fault),
    onleave: () => told.push('leave')
  });
  const canvas = (): HTMLCanvasElement => {
    const found = screen.container.querySelector('canvas');
    if (found === null) throw new Error('no picture');
    return found;
  };
  return { screen, told, ends, canvas };
}

test('the picture of the guest is drawn, and said to be the screen of that VM', async () => {
  const line = new MemoryConsole();
  new RfbServer(line, [64, 48], RED);
  const { told, canvas } = await show(line);
  await expect.poll(() => told).toEqual(['shown']);
  expect([canvas().width, canvas().height]).toEqual([64, 48]);
  expect([...(canvas().getContext('2d')?.getImageData(10, 10, 1, 1).data ?? [])]).toEqual([200, 0, 0, 255]);
  expect(canvas().getAttribute('aria-label')).toBe('Screen of web-1');
  expect(canvas().tabIndex).toBe(0);
});

test('keys go to the guest and not to the page; what is held when they are given back is let go of', async () => {
  const line = new MemoryConsole();
  const server = new RfbServer(line, [64, 48], RED);
  const { told, canvas } = await show(line);
  await expect.poll(() => told).toEqual(['shown']);
  const heard: string[] = [];
  const listen = ({ key }: KeyboardEvent): void => void heard.push(key);
  addEventListener('keydown', listen);
  canvas().focus();
  await userEvent.keyboard('t');
  expect(server.keys).toEqual([
    { keysym: 0x74, down: true },
    { keysym: 0x74, down: false }
  ]);
  await userEvent.keyboard('{Control>}{Alt>}{Shift>}');
  expect(told).toEqual(['shown', 'leave']);
  expect(heard).toEqual([]);
  server.keys.length = 0;
  canvas().blur();
  removeEventListener('keydown', listen);
  expect(server.keys.every(({ down }) => !down)).toBe(true);
  expect(server.keys.map(({ keysym }) => keysym)).toEqual(expect.arrayContaining([0xffe3, 0xffe9]));
  await userEvent.keyboard('{/Control}{/Alt}{/Shift}');
});

test('text is pressed key by key, and Ctrl-Alt-Del as the three keys', async () => {
  const line = new MemoryConsole();
  const server = new RfbServer(line, [64, 48], RED);
  const { told, screen } = await show(line);
  await expect.poll(() => told).toEqual(['shown']);
  const controls = screen.component as Controls;
  const progress: number[] = [];
  const signal = new AbortController().signal;
  await controls.press(strokesOf('aB\n').strokes, { signal, onprogress: (sent) => progress.push(sent) });
  expect(server.keys.filter(({ down }) => down).map(({ keysym }) => keysym)).toEqual([0x61, 0xffe1, 0x42, 0xff0d]);
  expect(progress).toEqual([0, 3]);
  server.keys.length = 0;
  controls.sendCtrlAltDel();
  expect(server.keys.filter(({ down }) => down).map(({ keysym }) => keysym)).toEqual([0xffe3, 0xffe9, 0xffff]);
});

test('a guest that can is asked for a picture of the window’s size when that is chosen, and not before', async () => {
  const line = new MemoryConsole();
  const server = new RfbServer(line, [64, 48], RED);
  const { told, screen } = await show(line);
  screen.container.style.width = '500px';
  await expect.poll(() => told).toEqual(['shown']);
  server.offerResize();
  await screen.rerender({ size: 'fit' });
  expect(server.wishes).toEqual([]);
  await screen.rerender({ size: 'guest' });
  await expect.poll(() => server.wishes.at(-1)?.[0]).toBe(500);
});

test('a viewer’s keys are not sent', async () => {
  const line = new MemoryConsole(true);
  const server = new RfbServer(line, [64, 48], RED);
  const { told, canvas } = await show(line);
  await expect.poll(() => told).toEqual(['shown']);
  canvas().focus();
  await userEvent.keyboard('t');
  expect(server.keys).toEqual([]);
});

test('the end of the channel is told once, with what ended it', async () => {
  const line = new MemoryConsole();
  new RfbServer(line, [64, 48], RED);
  const { told, ends } = await show(line);
  await expect.poll(() => told).toEqual(['shown']);
  await line.end(null);
  expect(ends).toEqual([null]);
});

test('what is no screen says so', async () => {
  const line = new MemoryConsole();
  const { ends } = await show(line);
  await line.say('HTTP/1.1 200 OK\r\n\r\n');
  await expect.poll(() => ends.map((fault) => fault?.code)).toEqual(['unsupported']);
});

test('a small picture is taken in passing, and the channel closed after it', async () => {
  const line = new MemoryConsole();
  new RfbServer(line, [64, 48], RED);
  const url = await takePicture(line, 32);
  const image = new Image();
  image.src = url;
  await image.decode();
  expect([image.naturalWidth, image.naturalHeight]).toEqual([32, 24]);
  expect(line.closed).toBe(true);
});

test('a picture of what is lost meanwhile is none', async () => {
  const line = new MemoryConsole();
  const taken = takePicture(line, 32);
  const lost = new Fault('link-ended', { what: 'the link', by: 'the other end' });
  await line.end(lost);
  await expect(taken).rejects.toBe(lost);
});
