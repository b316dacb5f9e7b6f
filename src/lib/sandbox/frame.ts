// The hidden frame of one plugin: an opaque origin with a policy of its own (static/plugin-frame.html), in it a worker, and one
// port straight to that. Removing the frame ends its process, whatever the worker is at.

/** Milliseconds until a frame must have said that it is there. */
const OPENING = 10_000;

export type Frame = {
  /** To the worker. */
  readonly port: MessagePort;
  /** Whether the frame's document answers within `ms`; it does while its worker is busy, and not when its process has died. */
  readonly isAlive: (ms: number) => Promise<boolean>;
  readonly remove: () => void;
};

/** @param url of the frame's page @param runtime script of the worker @throws Error when it does not open */
export async function openFrame(url: string, runtime: string, signal: AbortSignal): Promise<Frame> {
  const frame = hiddenFrame(url);
  const [control, port] = [new MessageChannel(), new MessageChannel()];
  const remove = (): void => {
    frame.remove();
    control.port1.close();
    port.port1.close();
  };
  try {
    await loaded(frame, signal);
    frame.contentWindow?.postMessage(runtime, '*', [control.port2, port.port2]);
    const isAlive = (ms: number): Promise<boolean> => echoed(control.port1, ms);
    if (!(await isAlive(OPENING))) throw new Error('the frame does not answer');
    signal.throwIfAborted();
    return { port: port.port1, isAlive, remove };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

/** Of an opaque origin, without anything a page may ask a browser for. */
export function hiddenFrame(url: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  frame.hidden = true;
  frame.src = url;
  return frame;
}

/** Resolves once the frame's page is there. @throws Error */
export function loaded(frame: HTMLIFrameElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the frame does not load')), OPENING);
    const stop = (): void => reject(new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    frame.addEventListener(
      'load',
      () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        resolve();
      },
      { once: true }
    );
    document.body.append(frame);
  });
}

function echoed(control: MessagePort, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    control.addEventListener(
      'message',
      () => {
        clearTimeout(timer);
        resolve(true);
      },
      { once: true }
    );
    control.start();
    control.postMessage(null);
  });
}
