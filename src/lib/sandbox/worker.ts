// The classic worker in the sandbox's frame. Bundled into one text (`worker.ts?bundled`), which the app hands to the frame:
// nothing of it is fetched from there. The plugin shares this realm and may change anything in it, so the app believes nothing.
import { ConsoleCapture } from './console-capture.ts';
import { Runtime } from './runtime.ts';
import type { Asked } from './messages.ts';
import type { Parcel } from './parcel.ts';

const capture = new ConsoleCapture();
capture.install(globalThis);
// A worker of its own would have a console of its own, and another core.
Reflect.deleteProperty(globalThis, 'Worker');

const { performance } = globalThis;
const createObjectURL = URL.createObjectURL.bind(URL);

async function load(source: string): Promise<unknown> {
  const url = createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const module = (await import(/* @vite-ignore */ url)) as { readonly default?: unknown };
  return module.default;
}

addEventListener(
  'message',
  ({ ports: [port] }) => {
    if (port === undefined) return;
    const runtime = new Runtime({
      post: (answer) => port.postMessage(answer),
      now: () => performance.now(),
      load,
      console: capture
    });
    port.onmessage = ({ data, ports: [lane] }: MessageEvent<Asked>) => {
      if (lane === undefined) void runtime.answer(data);
      else lane.onmessage = ({ data: parcel }: MessageEvent<Parcel>) => void runtime.answer({ ask: 'fleet', parcel });
    };
  },
  { once: true }
);
// Its errors are told by the answers; what it throws where nobody waits is nobody's.
addEventListener('error', (event) => event.preventDefault());
addEventListener('unhandledrejection', (event) => event.preventDefault());
