// A browser as the gateway sees it, frame by frame: for what no honest client would send, and to see exactly what comes.
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import type { CloseName } from '../../src/lib/frame/close-code.ts';
import { FRAME, packData, packOpen, readClose, readCredit, unpack } from '../../src/lib/frame/frame.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import type { Sealed } from '../../src/lib/model/stages.ts';

export type Seen =
  | { readonly kind: 'opened'; readonly link: number }
  | { readonly kind: 'data'; readonly link: number; readonly record: Uint8Array }
  | { readonly kind: 'close'; readonly link: number; readonly name: CloseName | null; readonly text: string }
  | { readonly kind: 'credit'; readonly link: number; readonly bytes: number };

export class RawTab {
  readonly socket: WebSocket;
  readonly #frames: Seen[] = [];
  readonly #waiting = new Set<() => void>();
  /** The code the gateway closed the socket with. */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer<ArrayBuffer>) => {
      this.#frames.push(read(data));
      for (const look of [...this.#waiting]) look();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
  }

  /** Rejects with the HTTP status when the gateway refuses the WebSocket. */
  static connect(url: string, options: ClientOptions = {}): Promise<RawTab> {
    const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    const tab = new RawTab(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        resolve(tab);
      });
      socket.once('unexpected-response', (_, response) => {
        response.resume();
        reject(new Error(`status ${String(response.statusCode)}`));
      });
      socket.once('error', reject);
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  data(link: number, record: Uint8Array): void {
    this.send(packData(link, record as Sealed));
  }

  /** Takes the first frame for which `is` holds out of those that came, or waits for it. */
  take<K extends Seen['kind']>(kind: K, link?: number): Promise<Extract<Seen, { kind: K }>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const at = this.#frames.findIndex(
          (frame) => frame.kind === kind && (link === undefined || frame.link === link)
        );
        const frame = this.#frames[at];
        if (frame === undefined) return;
        this.#frames.splice(at, 1);
        this.#waiting.delete(look);
        resolve(frame as Extract<Seen, { kind: K }>);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Opens a link and waits for OPENED. */
  async open(link: number, host: string): Promise<void> {
    this.send(packOpen(link, host as HostId));
    await this.take('opened', link);
  }

  /** Tries to open a link and returns why there is none. */
  async refused(link: number, host: string): Promise<Extract<Seen, { kind: 'close' }>> {
    this.send(packOpen(link, host as HostId));
    return this.take('close', link);
  }

  close(): void {
    this.socket.terminate();
  }
}

function read(data: Buffer<ArrayBuffer>): Seen {
  const { kind, link, payload } = unpack(data);
  switch (kind) {
    case FRAME.OPENED:
      return { kind: 'opened', link };
    case FRAME.DATA:
      return { kind: 'data', link, record: payload };
    case FRAME.CLOSE:
      return { kind: 'close', link, ...readClose(payload) };
    case FRAME.CREDIT:
      return { kind: 'credit', link, bytes: readCredit(payload) };
    default:
      throw new Error(`a gateway sent kind ${String(kind)}`);
  }
}
