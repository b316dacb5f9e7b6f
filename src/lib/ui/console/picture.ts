// One small picture of a screen, taken in passing: nobody types, and the channel is closed after it.
import RFB from '@novnc/novnc';
import { Fault } from '#lib/model/fault.ts';
import type { ConsoleChannel } from '#lib/session/console.ts';
import { RawChannel } from './raw-channel.ts';

/** Milliseconds: for the first answer; for parts of the picture that are decoded aside; until one of a single colour is believed. */
const ANSWER_TIME = 10_000;
const DECODED = 200;
const BELIEVED = 2_000;

/**
 * @param width pixels at most
 * @returns a `data:` URL. Rejects with the Fault why there is none.
 */
export async function takePicture(channel: ConsoleChannel, width: number): Promise<string> {
  const { promise: shown, resolve, reject } = Promise.withResolvers<string>();
  const target = document.createElement('div');
  const timers: ReturnType<typeof setTimeout>[] = [];
  const after = (ms: number, act: () => void): void => void timers.push(setTimeout(act, ms));
  const look = (orPlain: boolean): void => {
    const canvas = target.querySelector('canvas');
    if (canvas === null || canvas.width === 0) return;
    const small = shrunk(canvas, width);
    if (orPlain || !isPlain(small)) resolve(small.toDataURL('image/webp', 0.8));
  };
  // The first updates of QEMU have no picture in them.
  const raw = new RawChannel(channel, {
    drawn: () => after(DECODED, () => look(false)),
    ended: (fault) => reject(fault ?? new Fault('link-ended', { what: 'the screen', by: 'the host' }))
  });
  const rfb = new RFB(target, raw, { shared: true });
  rfb.viewOnly = true;
  let connected = true;
  const disconnect = (): void => {
    if (connected) rfb.disconnect();
  };
  const fails = (): void =>
    reject(new Fault('unsupported', { what: 'a picture', reason: 'it is no open screen', instead: '' }));
  rfb.addEventListener('connect', () => after(BELIEVED, () => look(true)));
  rfb.addEventListener('credentialsrequired', fails);
  rfb.addEventListener('disconnect', () => {
    connected = false;
    fails();
  });
  after(ANSWER_TIME, () => reject(new Fault('timeout', { what: 'the screen', after: `${ANSWER_TIME / 1000} s` })));
  raw.open();
  try {
    return await shown;
  } finally {
    timers.forEach(clearTimeout);
    disconnect();
  }
}

function shrunk(canvas: HTMLCanvasElement, width: number): HTMLCanvasElement {
  const small = document.createElement('canvas');
  const scale = Math.min(1, width / canvas.width);
  small.width = Math.max(1, Math.round(canvas.width * scale));
  small.height = Math.max(1, Math.round(canvas.height * scale));
  small.getContext('2d')?.drawImage(canvas, 0, 0, small.width, small.height);
  return small;
}

/** All of one colour. */
function isPlain(canvas: HTMLCanvasElement): boolean {
  const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
  if (data === undefined) return true;
  const pixels = new Uint32Array(data.buffer);
  return pixels.every((pixel) => pixel === pixels[0]);
}
