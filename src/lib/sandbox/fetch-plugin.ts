// A plugin's source from a URL, fetched by a frame of an opaque origin (static/plugin-fetch.html): without cookies or referrer, and
// without widening what the app itself may connect to.
import { Fault } from '../model/fault.ts';
import { hiddenFrame, loaded } from './frame.ts';
import { LIMITS } from './messages.ts';
import { sourceOf } from './source.ts';

const DEADLINE = 10_000;

export type FetchOptions = { readonly frame?: string; readonly ms?: number };

/**
 * @param text of an https address, or of http on this machine
 * @throws Fault `bad-argument` for the address, `plugin-failed` for what came of it, `too-large`
 */
export async function fetchPlugin(text: string, options: FetchOptions = {}): Promise<string> {
  const url = addressOf(text);
  const failed = (reason: string): Fault => new Fault('plugin-failed', { plugin: url.href, reason });
  const ms = options.ms ?? DEADLINE;
  const over = AbortSignal.timeout(ms);
  const frame = hiddenFrame(options.frame ?? '/plugin-fetch.html');
  const { port1, port2 } = new MessageChannel();
  try {
    await loaded(frame, over);
    const answer = new Promise<unknown>((resolve, reject) => {
      port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
      over.addEventListener('abort', () => reject(failed(`could not be fetched within ${ms / 1000} s`)));
    });
    frame.contentWindow?.postMessage({ url: url.href, most: LIMITS.source }, '*', [port2]);
    return sourceIn(await answer, failed);
  } finally {
    frame.remove();
    port1.close();
  }
}

/** @throws Fault */
function sourceIn(answer: unknown, failed: (reason: string) => Fault): string {
  const { bytes, status, size } = (answer ?? {}) as { bytes?: unknown; status?: unknown; size?: unknown };
  if (bytes instanceof ArrayBuffer) return sourceOf(new Uint8Array(bytes));
  if (typeof status === 'number') throw failed(`could not be fetched: its server answered ${status}`);
  if (typeof size === 'number') throw new Fault('too-large', { what: 'the plugin', limit: '1 MiB' });
  throw failed('could not be fetched: there is no such server, or it does not let other pages read this (CORS)');
}

const LOOPBACK = ['localhost', '127.0.0.1'];

/** @throws Fault `bad-argument` */
function addressOf(text: string): URL {
  const bad = (reason: string): Fault =>
    new Fault('bad-argument', { name: 'the address', value: text.slice(0, 80), reason });
  if (!URL.canParse(text)) throw bad('is not a URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw bad('must not carry a user name or password');
  const near = url.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (url.protocol !== 'https:' && !near) throw bad('must begin with https://, or be of this machine');
  return url;
}
