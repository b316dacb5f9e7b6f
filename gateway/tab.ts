// One browser's WebSocket and the links on it. Keeps the bounds: what waits for agents and what waits for the browser are
// both held below 1 MiB by not reading from whoever sends too fast.
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { CloseName } from '../src/lib/frame/close-code.ts';
import { closePayload, creditPayload, FRAME, linkOfData, readOpen, unpack } from '../src/lib/frame/frame.ts';
import type { FrameKind } from '../src/lib/frame/frame.ts';
import { FRAME_HEADER, MAX_LINKS } from '../src/lib/frame/limits.ts';
import { TokenBucket } from '../src/lib/frame/token-bucket.ts';
import { Fault } from '../src/lib/model/fault.ts';
import type { HostId } from '../src/lib/model/ids.ts';
import type { Sealed } from '../src/lib/model/stages.ts';
import type { Agents } from './agents.ts';
import { FrameWriter } from './frame-writer.ts';
import { LinkRefusal } from './link-refusal.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { Relay } from './relay.ts';
import type { RelayOwner } from './relay.ts';
import type { Slabs } from './slabs.ts';
import type { HostEntry } from './table.ts';

export type TabContext = {
  readonly agents: Agents;
  readonly lookUp: (host: HostId) => HostEntry | null;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly slabs: Slabs;
  /** Milliseconds between WebSocket pings; a browser that leaves one unanswered is gone. */
  readonly pingInterval: number;
  /** Milliseconds an agent may take nothing while it holds up the other links of its tab. */
  readonly stall: number;
  readonly maxLinks: number;
};

/** Bytes waiting for agents on all links together: above, the browser is not read; below half of it, it is again. */
const TO_AGENTS = 768 * 1024;
/** OPEN frames: a tab opens all its hosts at once, and then only what it lost. */
const OPEN_BURST = 2 * MAX_LINKS;
const OPENS_PER_SECOND = 100;

/** WebSocket close codes (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;

export class Tab implements RelayOwner {
  readonly slabs: Slabs;
  readonly #id: number;
  readonly #socket: WebSocket;
  readonly #writer: FrameWriter;
  readonly #context: TabContext;
  readonly #relays = new Map<number, Relay>();
  readonly #opens: TokenBucket;
  readonly #pings: NodeJS.Timeout;
  #lastLink = 0;
  #waiting = 0;
  #reading = true;
  #relaying = true;
  #stallCheck: NodeJS.Timeout | undefined;
  #alive = true;

  constructor(id: number, socket: WebSocket, stream: Duplex, context: TabContext) {
    this.slabs = context.slabs;
    this.#id = id;
    this.#socket = socket;
    this.#writer = new FrameWriter(socket, stream, context.slabs, () => {
      this.#onDrain();
    });
    this.#context = context;
    this.#opens = new TokenBucket(OPEN_BURST, OPENS_PER_SECOND, Date.now);
    socket.on('message', (data, isBinary) => {
      this.#onMessage(data, isBinary);
    });
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('error', (error) => {
      context.log('socket-error', { socket: id, reason: error.message });
    });
    socket.once('close', (code) => {
      this.#onSocketClose(code);
    });
    this.#pings = setInterval(() => {
      this.#ping();
    }, context.pingInterval);
    this.#pings.unref();
  }

  get links(): number {
    return this.#relays.size;
  }

  /** Ends the links to hosts that are no longer where they were. */
  onTable(): void {
    for (const relay of [...this.#relays.values()]) {
      const entry = this.#context.lookUp(relay.host);
      if (entry === null) relay.fail('unknown-host', 'the host was removed from the gateway’s table');
      else if (!sameEntry(entry, relay.entry)) relay.fail('lost', 'the host’s entry in the gateway’s table changed');
    }
  }

  /** Tells every link why, then closes the socket; cuts it when the browser does not answer within `grace` milliseconds. */
  shutDown(grace: number): void {
    for (const relay of [...this.#relays.values()]) relay.fail('shutting-down', 'the gateway is being stopped');
    this.#writer.flush();
    this.#socket.close(GOING_AWAY);
    setTimeout(() => {
      this.#socket.terminate();
    }, grace).unref();
  }

  opened(relay: Relay): void {
    if (!this.#relaying) relay.pause();
    this.#send(FRAME.OPENED, relay.link, EMPTY);
  }

  record(relay: Relay, record: Sealed): void {
    relay.records += 1;
    relay.bytes += record.length;
    this.#context.metrics.toBrowserRecords += 1;
    this.#context.metrics.toBrowserBytes += record.length;
    this.#send(FRAME.DATA, relay.link, record);
    if (this.#relaying && this.#writer.full) {
      this.#relaying = false;
      this.#context.metrics.agentPauses += 1;
      for (const each of this.#relays.values()) each.pause();
    }
  }

  credit(relay: Relay, bytes: number): void {
    this.#send(FRAME.CREDIT, relay.link, creditPayload(bytes));
  }

  closed(relay: Relay, close: CloseName, text: string): void {
    this.#forget(relay, close, text);
    this.#send(FRAME.CLOSE, relay.link, closePayload(close, text));
  }

  released(bytes: number): void {
    this.#waiting -= bytes;
    if (this.#reading || this.#waiting > TO_AGENTS / 2) return;
    this.#reading = true;
    clearTimeout(this.#stallCheck);
    this.#socket.resume();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#alive = true;
    // What still comes on a socket that is being closed counts no more.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (!isBinary) {
      this.#break(UNSUPPORTED_DATA, 'text frame');
      return;
    }
    try {
      // `ws` hands out Buffers (its default binaryType) whose bytes nobody else uses.
      this.#onFrame(data as Buffer<ArrayBuffer>);
    } catch (error) {
      this.#break(PROTOCOL_ERROR, error instanceof Fault ? error.message : 'malformed frame');
    }
  }

  /** @throws Fault `malformed`: the browser does not keep to the protocol, so nothing on this socket can be trusted to. */
  #onFrame(frame: Buffer<ArrayBuffer>): void {
    const data = linkOfData(frame);
    if (data !== 0) {
      this.#onData(data, frame);
      return;
    }
    const { kind, link, payload } = unpack(frame);
    switch (kind) {
      case FRAME.OPEN:
        this.#onOpen(link, payload);
        return;
      case FRAME.CLOSE:
        this.#onClose(link);
        return;
      default:
        throw new Fault('malformed', { where: 'frame', reason: `kind ${String(kind)} from a browser` });
    }
  }

  #onOpen(link: number, payload: Uint8Array): void {
    const { metrics, log, lookUp, maxLinks } = this.#context;
    if (link <= this.#lastLink)
      throw new Fault('malformed', { where: 'OPEN', reason: 'the link number was used before' });
    this.#lastLink = link;
    metrics.opensTotal += 1;
    const refuse = (close: CloseName, text: string): void => {
      metrics.closed(close);
      log('link-refused', { socket: this.#id, link, close, reason: text });
      this.#send(FRAME.CLOSE, link, closePayload(close, text));
    };
    if (this.#relays.size >= maxLinks) {
      refuse('limit', `more than ${String(maxLinks)} links on one socket`);
      return;
    }
    if (!this.#opens.take()) {
      refuse('busy', 'too many links opened in a short time');
      return;
    }
    let host: HostId;
    try {
      host = readOpen(payload);
    } catch {
      refuse('unknown-host', 'not a host id');
      return;
    }
    const entry = lookUp(host);
    if (entry === null) {
      refuse('unknown-host', 'the gateway’s table has no such host');
      return;
    }
    const relay = new Relay(link, host, entry, this);
    this.#relays.set(link, relay);
    metrics.links += 1;
    log('link-open', { socket: this.#id, link, host });
    this.#context.agents.request(host, entry).then(
      (stream) => {
        relay.start(stream);
      },
      (error: unknown) => {
        if (error instanceof LinkRefusal) relay.fail(error.close, error.message);
        else relay.fail('unreachable', 'the request to the agent failed');
      }
    );
  }

  #onClose(link: number): void {
    const relay = this.#relays.get(link);
    if (relay === undefined) return;
    this.#forget(relay, 'normal', 'the browser closed it');
    relay.end();
  }

  #onData(link: number, frame: Buffer<ArrayBuffer>): void {
    const relay = this.#relays.get(link);
    if (relay === undefined) {
      // A link that has just been closed from this side may still be written to.
      if (link <= this.#lastLink) return;
      throw new Fault('malformed', { where: 'DATA', reason: 'the link was never open' });
    }
    const size = frame.length - FRAME_HEADER;
    this.#waiting += size;
    if (!relay.forward(frame)) return;
    relay.records += 1;
    relay.bytes += size;
    this.#context.metrics.toAgentRecords += 1;
    this.#context.metrics.toAgentBytes += size;
    if (this.#reading && this.#waiting > TO_AGENTS) {
      this.#reading = false;
      this.#context.metrics.browserPauses += 1;
      this.#socket.pause();
      this.#endStalled();
    }
  }

  /** While all wait for the agents that take nothing, those agents lose their links. */
  #endStalled(): void {
    const { stall } = this.#context;
    const since = Date.now() - stall;
    for (const relay of [...this.#relays.values()]) {
      if (relay.backlog > 0 && relay.movedAt <= since) relay.fail('busy', 'the agent does not take what is sent to it');
    }
    this.#stallCheck = setTimeout(() => {
      this.#endStalled();
    }, stall / 4);
  }

  #forget(relay: Relay, close: CloseName, reason: string): void {
    if (!this.#relays.delete(relay.link)) return;
    this.#context.metrics.links -= 1;
    this.#context.metrics.closed(close);
    const { link, host, records, bytes } = relay;
    this.#context.log('link-closed', { socket: this.#id, link, host, close, reason, records, bytes });
  }

  #send(kind: FrameKind, link: number, payload: Uint8Array): void {
    if (!this.#writer.send(kind, link, payload)) this.#context.log('socket-deaf', { socket: this.#id });
  }

  #onDrain(): void {
    if (this.#relaying) return;
    this.#relaying = true;
    for (const relay of this.#relays.values()) relay.resume();
  }

  #ping(): void {
    if (!this.#alive) {
      this.#context.log('socket-dead', { socket: this.#id });
      this.#socket.terminate();
      return;
    }
    // A browser that is not being read cannot be heard answering.
    this.#alive = !this.#reading;
    this.#socket.ping();
  }

  #break(code: number, reason: string): void {
    this.#context.log('socket-broken', { socket: this.#id, code, reason });
    for (const relay of [...this.#relays.values()]) relay.fail('limit', 'the browser broke the protocol');
    this.#writer.flush();
    this.#socket.close(code, reason.slice(0, 100));
  }

  #onSocketClose(code: number): void {
    clearInterval(this.#pings);
    clearTimeout(this.#stallCheck);
    for (const relay of [...this.#relays.values()]) {
      this.#forget(relay, 'normal', 'the browser is gone');
      relay.end();
    }
    this.#context.log('socket-closed', { socket: this.#id, code });
  }
}

const EMPTY = new Uint8Array(0);

const sameEntry = (a: HostEntry, b: HostEntry): boolean =>
  a.hostname === b.hostname && a.port === b.port && a.pin === b.pin;
