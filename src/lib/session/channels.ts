// What happens inside one sealed link, the same at both ends: XML messages, byte channels with credit, pings, new keys,
// closing (docs/WIRE.md, Inside a record). Whatever is wrong with a record ends the link; nothing is skipped.
import { Fault } from '../model/fault.ts';
import type { Sealed, Segment, Xml } from '../model/stages.ts';
import { CLOSE_CODES } from '../frame/close-code.ts';
import { packSegment, SEGMENT, splitXml, unpackSegment, XmlAssembler } from '../protocol/segment.ts';
import type { Secure } from '../seal/handshake.ts';
import { TAG } from '../seal/noise.ts';
import { HEADER } from '../seal/record.ts';
import { ByteChannel } from './byte-channel.ts';
import type { ByteHandlers } from './byte-channel.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { decodeClosing, encodeClosing } from './closing.ts';
import { LANE, Outbox } from './outbox.ts';

export type ChannelsOptions = {
  readonly secure: Secure;
  /** The pipe's: resolves when it has room for the next record. */
  send(record: Sealed): Promise<void>;
  /** Closes the pipe; called once, whoever ended the link. */
  close(code: number, text: string): void;
  onXml(xml: Xml): void;
  /** Once, when the peer or a fault ended the link; not after `close`. */
  onClosed(fault: Fault): void;
  /** The peer opened a byte channel by sending on it; null (the default) lets it wait for `openBytes`. */
  readonly onOpenBytes?: ((channel: number) => void) | null;
  /** True: more than a mebibyte waits to be opened here, stop reading; false: go on. */
  readonly onPressure?: (high: boolean) => void;
  /** This end sends commands, and byte channels make way for what it is told then. Default: no. */
  readonly asks?: boolean;
  readonly clock?: Clock;
  /** Milliseconds without a record from the peer after which it is pinged; after as many again it is dead. */
  readonly keepAlive?: number;
  readonly rekeyAfter?: number;
};

export const KEEP_ALIVE = 15_000;
/** Bytes received and not yet opened at which the pipe should stop. */
const PRESSURE = 1024 * 1024;
/** Records that are opened at once. */
const AHEAD = 8;
/** Bytes of a record that holds a REKEY: no other kind is shorter. */
const REKEY_RECORD = HEADER + packSegment(SEGMENT.REKEY, 0, new Uint8Array(0)).length + TAG;
/** Channels the peer may use before this end has opened them. */
const MAX_EARLY = 16;
const MAX_PING = 64;
/** Milliseconds for the goodbye of a closing link to leave. */
const CLOSE_TIME = 1_000;
/** Milliseconds for which byte channels make way after each message of an end that asks. */
const WAY_TIME = 250;
/** Kinds that belong to a byte channel; CLOSE belongs to either, all others to channel 0. */
const OFF_ZERO: ReadonlySet<number> = new Set([SEGMENT.BYTES, SEGMENT.CREDIT]);

type Opening = { readonly segment: Promise<Segment>; readonly size: number };

type Ping = {
  readonly sentAt: number;
  readonly answered: (roundTrip: number) => void;
  readonly failed: (fault: Fault) => void;
};

export class Channels {
  readonly secure: Secure;
  readonly #options: ChannelsOptions;
  readonly #clock: Clock;
  readonly #keepAlive: number;
  readonly #outbox: Outbox;
  readonly #assembler = new XmlAssembler();
  readonly #bytes = new Map<number, ByteChannel>();
  readonly #early = new Set<number>();
  readonly #closedBytes = new Set<number>();
  readonly #pings = new Map<string, Ping>();
  readonly #received: Sealed[] = [];
  /** Being opened, in order. */
  readonly #ahead: Opening[] = [];
  #backlog = 0;
  #pressed = false;
  #opening = false;
  #lastPing = 0;
  #heardAt: number;
  #probed = false;
  #cancelProbe: () => void = ignore;
  /** Not null: byte channels make way. */
  #cancelWay: (() => void) | null = null;
  #pipeEnded: Fault | null = null;
  #over = false;

  constructor(options: ChannelsOptions) {
    this.secure = options.secure;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#keepAlive = options.keepAlive ?? KEEP_ALIVE;
    this.#heardAt = this.#clock.now();
    this.#outbox = new Outbox(
      options.secure,
      (record) => options.send(record),
      (fault) => {
        this.ended(fault);
      },
      options.rekeyAfter
    );
    this.#probeLater();
  }

  /** Feed every record of the pipe, in order. */
  receive(record: Sealed): void {
    if (this.#over) return;
    this.#heardAt = this.#clock.now();
    this.#probed = false;
    this.#received.push(record);
    this.#backlog += record.length;
    if (!this.#pressed && this.#backlog > PRESSURE) {
      this.#pressed = true;
      this.#options.onPressure?.(true);
    }
    this.#openAhead();
    if (!this.#opening) void this.#deliver();
  }

  /** Tell it when the pipe has ended. What was received before still counts: the peer's reason may be in it. */
  ended(fault: Fault): void {
    if (this.#opening) this.#pipeEnded ??= fault;
    else this.#end(fault);
  }

  /**
   * Resolves when the last piece has been handed to the pipe and the pipe has room left; rejects with the fault that ended
   * the link. Awaiting it is the back-pressure. A rejection nobody handles is harmless.
   */
  sendXml(xml: Xml): Promise<void> {
    if (this.#options.asks === true && this.#bytes.size > 0) this.#makeWay();
    let last = Promise.resolve();
    for (const segment of splitXml(xml)) last = this.#outbox.put(LANE.XML, segment);
    return last;
  }

  /**
   * A byte channel both ends agreed on by a command and its reply. `channel`: 1 to 2^32 - 1, not used before on this link.
   * @throws Fault `bad-argument` when it was
   */
  openBytes(channel: number, handlers: ByteHandlers): ByteChannel {
    const known = this.#bytes.get(channel);
    const used = known === undefined ? this.#closedBytes.has(channel) : !this.#early.delete(channel);
    if (channel === 0 || used) {
      throw new Fault('bad-argument', { name: 'channel', value: String(channel), reason: 'was used before' });
    }
    const opened = known ?? this.#newChannel(channel);
    opened.attach(handlers);
    return opened;
  }

  /** The round trip in milliseconds. Rejects with Fault `timeout`, or what ended the link. */
  ping(timeoutMs: number): Promise<number> {
    const id = (this.#lastPing += 1);
    const data = new Uint8Array(8);
    new DataView(data.buffer).setUint32(4, id);
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        this.#pings.delete(data.join());
        reject(new Fault('timeout', { what: 'a ping', after: `${String(timeoutMs)} ms` }));
      });
      this.#pings.set(data.join(), {
        sentAt: this.#clock.now(),
        answered: (roundTrip) => {
          cancel();
          resolve(roundTrip);
        },
        failed: (fault) => {
          cancel();
          reject(fault);
        }
      });
      void this.#outbox.put(LANE.URGENT, packSegment(SEGMENT.PING, 0, data)).catch((error: unknown) => {
        this.#pings.delete(data.join());
        cancel();
        reject(Fault.from(error));
      });
    });
  }

  /** Ends the link and tells the peer why, under seal; without a fault: in good order. */
  close(fault: Fault | null = null): void {
    if (this.#over) return;
    this.#over = true;
    this.#failBytes(fault ?? BY_THIS_END);
    const goodbye = this.#outbox.put(LANE.URGENT, packSegment(SEGMENT.CLOSE, 0, encodeClosing(fault)));
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      cancel();
      this.#options.close(CLOSE_CODES.normal, '');
      this.#stop(fault ?? BY_THIS_END);
    };
    // A peer that does not read must not keep the link from ending.
    const cancel = this.#clock.after(CLOSE_TIME, end);
    goodbye.then(end, end);
  }

  /** A record behind what may be a REKEY is opened when that has been read; one behind any other at once. */
  #openAhead(): void {
    while (this.#ahead.length < AHEAD && (this.#ahead.at(-1)?.size ?? Infinity) > REKEY_RECORD) {
      const record = this.#received.shift();
      if (record === undefined) return;
      const segment = this.secure.open(record);
      // Whoever reads it hears of it; behind a broken one nobody does.
      segment.catch(ignore);
      this.#ahead.push({ segment, size: record.length });
    }
  }

  async #deliver(): Promise<void> {
    this.#opening = true;
    try {
      for (let next = this.#ahead[0]; next !== undefined; next = this.#ahead[0]) {
        const segment = await next.segment;
        if (this.#over) return;
        this.#relax(next.size);
        this.#onSegment(segment);
        this.#ahead.shift();
        this.#openAhead();
      }
    } catch (error) {
      this.#end(Fault.from(error));
    } finally {
      this.#opening = false;
    }
    if (this.#pipeEnded !== null) this.#end(this.#pipeEnded);
  }

  #relax(size: number): void {
    this.#backlog -= size;
    if (!this.#pressed || this.#backlog > PRESSURE / 2) return;
    this.#pressed = false;
    this.#options.onPressure?.(false);
  }

  #onSegment(segment: Segment): void {
    const { kind, channel, data } = unpackSegment(segment);
    if (kind !== SEGMENT.CLOSE && (channel === 0) === OFF_ZERO.has(kind))
      throw malformed('segment', `kind ${String(kind)} on channel ${String(channel)}`);
    switch (kind) {
      case SEGMENT.XML: {
        const xml = this.#assembler.add(data);
        if (xml !== null) this.#options.onXml(xml);
        return;
      }
      case SEGMENT.BYTES:
        this.#channel(channel)?.receive(data);
        return;
      case SEGMENT.CREDIT:
        if (data.length !== 4) throw malformed('CREDIT', 'not four bytes');
        this.#bytes.get(channel)?.receiveCredit(new DataView(data.buffer, data.byteOffset).getUint32(0));
        return;
      case SEGMENT.CLOSE:
        if (channel !== 0) this.#bytes.get(channel)?.receiveClose(decodeClosing(data));
        else this.#end(decodeClosing(data) ?? new Fault('link-ended', { what: 'the link', by: 'the other end' }));
        return;
      case SEGMENT.PING:
        if (data.length > MAX_PING) throw malformed('PING', 'too long');
        void this.#outbox.put(LANE.URGENT, packSegment(SEGMENT.PONG, 0, data));
        return;
      case SEGMENT.PONG:
        this.#onPong(data);
        return;
      case SEGMENT.REKEY:
        if (data.length !== 0) throw malformed('REKEY', 'not empty');
        this.secure.rekeyReceive();
    }
  }

  #onPong(data: Uint8Array): void {
    const ping = this.#pings.get(data.join());
    this.#pings.delete(data.join());
    ping?.answered(this.#clock.now() - ping.sentAt);
  }

  /** Null for a channel that was closed here while its bytes were on the way. */
  #channel(channel: number): ByteChannel | null {
    const known = this.#bytes.get(channel);
    if (known !== undefined || this.#closedBytes.has(channel)) return known ?? null;
    if (this.#early.size >= MAX_EARLY) throw malformed('BYTES', 'too many channels nobody opened');
    this.#early.add(channel);
    const opened = this.#newChannel(channel);
    this.#options.onOpenBytes?.(channel);
    return opened;
  }

  #newChannel(channel: number): ByteChannel {
    const opened = new ByteChannel(channel, {
      bytes: (id, data) => this.#outbox.put(LANE.BULK, packSegment(SEGMENT.BYTES, id, NOTHING), data),
      credit: (id, amount) => {
        const data = new Uint8Array(4);
        new DataView(data.buffer).setUint32(0, amount);
        void this.#outbox.put(LANE.URGENT, packSegment(SEGMENT.CREDIT, id, data));
      },
      // In the bulk lane: it must not overtake the bytes before it.
      close: (id, reason) => {
        this.#bytes.delete(id);
        this.#early.delete(id);
        this.#closedBytes.add(id);
        void this.#outbox.put(LANE.BULK, packSegment(SEGMENT.CLOSE, id, encodeClosing(reason)));
      },
      narrow: () => this.#cancelWay !== null,
      broken: (fault) => {
        this.#end(fault);
      }
    });
    this.#bytes.set(channel, opened);
    return opened;
  }

  #makeWay(): void {
    this.#cancelWay?.();
    this.#cancelWay = this.#clock.after(WAY_TIME, () => {
      this.#cancelWay = null;
      for (const channel of this.#bytes.values()) channel.widen();
    });
  }

  #probeLater(): void {
    this.#cancelProbe = this.#clock.after(this.#keepAlive, () => {
      if (this.#probed) {
        this.#end(
          new Fault('timeout', { what: 'the peer’s answer to a ping', after: `${String(this.#keepAlive / 1000)} s` })
        );
        return;
      }
      if (this.#clock.now() - this.#heardAt >= this.#keepAlive) {
        this.#probed = true;
        void this.#outbox.put(LANE.URGENT, packSegment(SEGMENT.PING, 0, new Uint8Array(8)));
      }
      this.#probeLater();
    });
  }

  /** The peer or a fault ended the link. */
  #end(fault: Fault): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.close(CLOSE_CODES.failed, '');
    this.#stop(fault);
    this.#options.onClosed(fault);
  }

  #stop(fault: Fault): void {
    this.#cancelProbe();
    this.#cancelWay?.();
    this.#received.length = 0;
    this.#ahead.length = 0;
    this.#outbox.fail(fault);
    this.#failBytes(fault);
    for (const ping of this.#pings.values()) ping.failed(fault);
    this.#pings.clear();
  }

  #failBytes(fault: Fault): void {
    for (const channel of this.#bytes.values()) channel.fail(fault);
    this.#bytes.clear();
  }
}

const BY_THIS_END = new Fault('link-ended', { what: 'the link', by: 'this end' });

const malformed = (where: string, reason: string): Fault => new Fault('malformed', { where, reason });
const NOTHING = new Uint8Array(0);
const ignore = (): void => undefined;
