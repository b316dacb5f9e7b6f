// Chromium that nobody listens in on. Playwright has each WebSocket frame of a page told to it, in base64, which costs renderer and
// browser more than the frame does; here the DevTools protocol carries what is asked for and nothing else.
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { findBrowser } from '../../scripts/browser.mjs';

export type BarePage = {
  /** One call of the DevTools protocol to this page. @throws Error with what the browser said */
  send<Result = unknown>(method: string, params?: object): Promise<Result>;
  /** What `expression` comes to in the page: plain data; a promise is awaited. @throws Error with what it threw */
  evaluate<Value>(expression: string): Promise<Value>;
  close(): Promise<void>;
};

export type BareBrowser = {
  readonly pid: number;
  /** A new tab at `url`, of 1440 x 900, with `script` run before anything of the page. Resolves before it has loaded. */
  page(url: string, script: string): Promise<BarePage>;
  close(): Promise<void>;
};

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-extensions',
  '--disable-sync',
  '--no-first-run',
  '--password-store=basic',
  '--use-mock-keychain',
  '--window-size=1440,900',
  '--remote-debugging-pipe'
];
const SIZE = { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false };

type Answer = { readonly id?: number; readonly result?: unknown; readonly error?: { readonly message: string } };
type Waiting = { resolve(result: unknown): void; reject(error: Error): void };
type Evaluated = {
  readonly result: { readonly value: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
};

/** @param profile directory of its profile */
export function bareBrowser(profile: string): BareBrowser {
  const args = [...ARGS, `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(findBrowser() ?? 'chromium', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  let over = false;
  const gone = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
  const [to, from] = [child.stdio[3] as Duplex, child.stdio[4] as Duplex];
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let rest = '';
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const { id = 0, result, error } = JSON.parse(message) as Answer;
      if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result);
      waiting.delete(id);
    }
  });
  // It may end while it is being told something.
  to.on('error', () => undefined);
  void gone.then(() => {
    over = true;
    for (const each of waiting.values()) each.reject(new Error('the browser ended'));
  });
  const send = <Result>(method: string, params: object = {}, sessionId?: string): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (over) reject(new Error('the browser ended'));
      waiting.set((last += 1), { resolve: (result) => resolve(result as Result), reject });
      to.write(`${JSON.stringify({ id: last, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });

  const page = async (url: string, script: string): Promise<BarePage> => {
    const { targetId } = await send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const tell: BarePage['send'] = (method, params) => send(method, params, sessionId);
    await tell('Emulation.setDeviceMetricsOverride', SIZE);
    await tell('Page.enable');
    await tell('Page.addScriptToEvaluateOnNewDocument', { source: script });
    await tell('Page.navigate', { url });
    return {
      send: tell,
      evaluate: async (expression) => {
        const asked = { expression, awaitPromise: true, returnByValue: true };
        const { result, exceptionDetails } = await tell<Evaluated>('Runtime.evaluate', asked);
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value as never;
      },
      close: async () => {
        await send('Target.closeTarget', { targetId });
      }
    };
  };
  return {
    pid: child.pid ?? 0,
    page,
    close: async () => {
      await send('Browser.close').catch(() => undefined);
      await gone;
    }
  };
}
