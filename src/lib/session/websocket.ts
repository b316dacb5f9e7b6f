// All links of a tab over one WebSocket to the gateway (docs/WIRE.md, Frames). Connects when the first link is opened, and
// again when one is opened after a loss. Uses the global WebSocket of browsers and of Node.
import { FRAME, packClose, packData, packOpen, readClose, readCredit, unpack } from '../frame/frame.ts';
import { CLOSE_CODES, closeName } from '../frame/close-code.ts';
import { LINK_WINDOW, MAX_RECORD, OPEN_TIMEOUT } from '../frame/limits.ts';
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { Sealed } from '../model/stages.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { closeReason } from './close-reason.ts';
import type { Pipe, PipeEvents, Transport } from './transport.ts';

/** Milliseconds for the WebSocket to open. */
const CONNECT_TIMEOUT = 10_000;
const MAX_LINK = 0xffffffff;

/** `url`: `ws:` or `wss:` of the gateway's `/v1/link`. @throws Fault `bad-argument` */
export function webSocketTransport(url: string, clock: Clock = systemClock): Transport {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'ws:' && parsed?.protocol !== 'wss:') {
    throw new Fault('bad-argument', { name: 'gateway', value: url.slice(0, 200), reason: 'must be a ws: or wss: URL' });
  }
  return new WebSocketTransport(parsed.href, clock);
}

class WebSocketTransport implements Transport {
  readonly #url: string;
  readonly #clock: Clock;
  #connection: Connection | null = null;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  get buffered(): number {
    return this.#connection?.buffered ?? 0;
  }

  async open(host: HostId, events: PipeEvents, signal?: AbortSignal): Promise<Pipe> {
    signal?.throwIfAborted();
    const connection = this.#connect();
    await abortable(connection.ready, signal);
    return connection.open(host, events, signal);
  }

  #connect(): Connection {
    if (this.#connection !== null && !this.#connection.over) return this.#connection;
    try {
      this.#connection = new Connection(this.#url, this.#clock);
    } catch (cause) {
      // A page on https may not open ws:, for example.
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Fault('gateway-lost', { url: this.#url, reason }, { cause });
    }
    return this.#connection;
  }

  close(): void {
    this.#connection?.fail('this client closed it');
    this.#connection = null;
  }
}

/** One WebSocket, from connecting to lost. */
class Connection {
  /** Rejects with `gateway-lost`. */
  readonly ready: Promise<void>;
  readonly #url: string;
  readonly #clock: Clock;
  readonly #socket: WebSocket;
  readonly #links = new Map<number, LinkPipe>();
  #lastLink = 0;
  /** Counts messages, so that an open that timed out can tell a slow agent from a dead socket. */
  #heard = 0;
  #over: Fault | null = null;
  #onEarlyLoss: (fault: Fault) => void = ignore;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.ready = new Promise((resolve, reject) => {
      const inTime = clock.after(CONNECT_TIMEOUT, () => {
        this.fail(`no WebSocket within ${String(CONNECT_TIMEOUT / 1000)} s`);
      });
      this.#socket.onopen = () => {
        inTime();
        resolve();
      };
      this.#onEarlyLoss = (fault) => {
        inTime();
        reject(fault);
      };
    });
    this.ready.catch(ignore); // Whoever opens a link hears of it.
    this.#socket.onmessage = (event) => {
      this.#onMessage(event.data);
    };
    this.#socket.onclose = (event) => {
      // 1006 (RFC 6455, 7.4.1): no closing handshake. A browser tells a page no more than that.
      const said = event.reason === '' ? '' : `: ${event.reason}`;
      this.fail(event.code === 1006 ? 'no connection' : `closed with code ${String(event.code)}${said}`);
    };
    // `close` follows and says more.
    this.#socket.onerror = ignore;
  }

  get over(): boolean {
    return this.#over !== null;
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  open(host: HostId, events: PipeEvents, signal?: AbortSignal): Promise<Pipe> {
    return new Promise((resolve, reject) => {
      if (this.#lastLink === MAX_LINK) this.fail('its link numbers are used up');
      if (this.#over !== null) {
        reject(this.#over);
        return;
      }
      const link = (this.#lastLink += 1);
      const heard = this.#heard;
      const settle = (): void => {
        inTime();
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        settle();
        pipe.close(CLOSE_CODES.normal, '');
        reject(signal?.reason as Error);
      };
      const inTime = this.#clock.after(OPEN_TIMEOUT, () => {
        settle();
        pipe.close(CLOSE_CODES.failed, '');
        const reason = `the gateway did not answer within ${String(OPEN_TIMEOUT / 1000)} s`;
        reject(new Fault('unreachable', { host, reason }));
        if (this.#heard === heard) this.fail('it does not answer');
      });
      const pipe = new LinkPipe(this, link, host, {
        onOpened: () => {
          settle();
          resolve(pipe);
        },
        onRecord: (record) => {
          events.onRecord(record);
        },
        onClose: (fault, opened) => {
          settle();
          if (opened) events.onClose(fault);
          else reject(fault);
        }
      });
      this.#links.set(link, pipe);
      signal?.addEventListener('abort', onAbort);
      this.transmit(packOpen(link, host));
    });
  }

  transmit(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  forget(link: number): void {
    this.#links.delete(link);
  }

  /** Ends every link with `gateway-lost`. */
  fail(reason: string): void {
    if (this.#over !== null) return;
    const fault = new Fault('gateway-lost', { url: this.#url, reason });
    this.#over = fault;
    this.#socket.onclose = null;
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#onEarlyLoss(fault);
    const links = [...this.#links.values()];
    this.#links.clear();
    for (const link of links) link.end(fault);
  }

  #onMessage(data: unknown): void {
    this.#heard += 1;
    try {
      if (!(data instanceof ArrayBuffer)) throw new Fault('malformed', { where: 'frame', reason: 'text' });
      const { kind, link, payload } = unpack(new Uint8Array(data));
      const pipe = this.#links.get(link);
      // A link closed here may still be spoken on until the gateway has heard of it.
      if (pipe === undefined) return;
      switch (kind) {
        case FRAME.OPENED:
          pipe.opened();
          return;
        case FRAME.DATA:
          pipe.record(payload as Sealed);
          return;
        case FRAME.CREDIT:
          pipe.credit(readCredit(payload));
          return;
        case FRAME.CLOSE: {
          const { name, text } = readClose(payload);
          this.#links.delete(link);
          pipe.end(closeReason(pipe.host, this.#url, name, text));
          return;
        }
        case FRAME.OPEN:
          throw new Fault('malformed', { where: 'frame', reason: 'OPEN from a gateway' });
      }
    } catch (error) {
      this.fail(error instanceof Fault ? error.message : 'it sent what is no frame');
    }
  }
}

type LinkEvents = {
  onOpened(): void;
  onRecord(record: Sealed): void;
  onClose(fault: Fault, opened: boolean): void;
};

class LinkPipe implements Pipe {
  readonly #connection: Connection;
  readonly #link: number;
  readonly #events: LinkEvents;
  readonly host: HostId;
  #isOpen = false;
  #over: Fault | null = null;
  #room = LINK_WINDOW;
  #waiting: { resolve(): void; reject(fault: Fault): void }[] = [];

  constructor(connection: Connection, link: number, host: HostId, events: LinkEvents) {
    this.#connection = connection;
    this.#link = link;
    this.host = host;
    this.#events = events;
  }

  async send(record: Sealed): Promise<void> {
    // Only a caller that did not wait for the last one finds no room here.
    while (this.#room < record.length) await this.#credited();
    if (this.#over !== null) throw this.#over;
    this.#room -= record.length;
    this.#connection.transmit(packData(this.#link, record));
    if (this.#room < MAX_RECORD) await this.#credited();
  }

  close(code: number, text: string): void {
    if (this.#over !== null) return;
    this.#connection.forget(this.#link);
    this.#connection.transmit(packClose(this.#link, closeName(code) ?? 'normal', text));
    this.#settle(new Fault('link-ended', { what: 'the link', by: 'this end' }));
  }

  opened(): void {
    if (this.#isOpen) throw new Fault('malformed', { where: 'OPENED', reason: 'the link was open' });
    this.#isOpen = true;
    this.#events.onOpened();
  }

  record(record: Sealed): void {
    if (!this.#isOpen) throw new Fault('malformed', { where: 'DATA', reason: 'the link is not open' });
    this.#events.onRecord(record);
  }

  credit(bytes: number): void {
    this.#room += bytes;
    if (this.#room > LINK_WINDOW) throw new Fault('malformed', { where: 'CREDIT', reason: 'more than was sent' });
    if (this.#room < MAX_RECORD) return;
    for (const waiting of this.#waiting.splice(0)) waiting.resolve();
  }

  end(fault: Fault): void {
    if (this.#over !== null) return;
    this.#settle(fault);
    this.#events.onClose(fault, this.#isOpen);
  }

  #credited(): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #settle(fault: Fault): void {
    this.#over = fault;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(fault);
  }
}

/** `promise`, or the signal's reason as soon as it aborts. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    void promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

const ignore = (): void => undefined;
