// A worker of the app's own that hands fleets on to plugins, so that the page need not wait until they are copied. It has the memory
// that the page writes them into, and keeps the last one: fresh memory takes longer than what is written.
import type { ToCourier } from './courier.ts';

/** What one plugin gets its fleets on. */
const lanes = new Map<number, MessagePort>();
let spare: ArrayBuffer | null = null;

onmessage = ({ data, ports: [port] }: MessageEvent<ToCourier>) => {
  switch (data.is) {
    case 'lane':
      // Nothing is to come out of there: what would pile up here is not heard.
      port!.onmessage = () => port!.close();
      lanes.set(data.lane, port!);
      break;
    case 'memory':
      giveMemory(data.bytes);
      break;
    case 'parcel':
      lanes.get(data.lane)?.postMessage(data.parcel);
      spare = data.parcel.memory;
      break;
    case 'closed':
      lanes.get(data.lane)?.close();
      lanes.delete(data.lane);
  }
};

function giveMemory(bytes: number): void {
  const fits = spare !== null && spare.byteLength >= bytes && spare.byteLength <= SPACIOUS * bytes;
  const memory = fits ? spare! : touched(Math.ceil(bytes / GRAIN) * GRAIN);
  spare = null;
  postMessage(memory, { transfer: [memory] });
}

/** All of it is copied, also what is of no use. */
const SPACIOUS = 1.25;
const GRAIN = 2 ** 16;

function touched(bytes: number): ArrayBuffer {
  const memory = new ArrayBuffer(bytes);
  new Uint8Array(memory).fill(1);
  return memory;
}
