// The page's side of the courier: one worker for all plugins that run, there as long as one of them is.
import type { Columns } from '../plugin/columns.ts';
import { loadOf, packed } from './parcel.ts';
import type { Parcel } from './parcel.ts';

/** `memory` is answered with as many bytes or a few more, in the order in which they were asked for. */
export type ToCourier =
  | { readonly is: 'lane' | 'closed'; readonly lane: number }
  | { readonly is: 'memory'; readonly bytes: number }
  | { readonly is: 'parcel'; readonly lane: number; readonly parcel: Parcel };

/** The way of fleets to one plugin. */
export type Lane = {
  /** Resolves when the fleet is on its way. @throws Error when the courier could not be started */
  readonly send: (columns: Columns) => Promise<void>;
  readonly close: () => void;
};

type Waiting = { readonly resolve: (memory: ArrayBuffer) => void; readonly reject: (reason: Error) => void };

let courier: Courier | null = null;
let lanes = 0;

/** @param port whose other end gets a `Parcel` for each fleet */
export function openLane(port: MessagePort): Lane {
  const through = (courier ??= new Courier());
  const lane = ++lanes;
  through.open(lane, port);
  return {
    send: (columns) => through.send(lane, columns),
    close() {
      if (through.close(lane) && courier === through) courier = null;
    }
  };
}

class Courier {
  readonly #worker = new Worker(new URL('./courier-worker.ts', import.meta.url), { type: 'module' });
  readonly #open = new Set<number>();
  readonly #waiting: Waiting[] = [];
  #failed = false;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.#waiting.shift()?.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failed = true;
      if (courier === this) courier = null;
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the courier could not be started'));
    };
  }

  open(lane: number, port: MessagePort): void {
    this.#open.add(lane);
    this.#post({ is: 'lane', lane }, port);
  }

  async send(lane: number, columns: Columns): Promise<void> {
    const load = loadOf(columns);
    const memory = await this.#memory(load.bytes);
    // Without a lane it comes back for the next one.
    this.#post({ is: 'parcel', lane, parcel: packed(load, memory) }, memory);
  }

  /** @returns whether that was the last one, and the worker has ended */
  close(lane: number): boolean {
    if (!this.#open.delete(lane)) return false;
    this.#post({ is: 'closed', lane });
    if (this.#open.size > 0) return false;
    this.#worker.terminate();
    return true;
  }

  #memory(bytes: number): Promise<ArrayBuffer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#failed) this.#waiting.pop()!.reject(new Error('the courier could not be started'));
      else this.#post({ is: 'memory', bytes });
    });
  }

  #post(message: ToCourier, ...transfer: Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }
}
