// The client's end of the WebSocket against a gateway played by the test: everything a broken or hostile one could do.
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket as ServerSocket } from 'ws';
import { FakeClock } from '../../../tests/support/fake-clock.ts';
import { CLOSE_CODES } from '../frame/close-code.ts';
import { creditPayload, FRAME, pack, packClose, packData, readClose, unpack } from '../frame/frame.ts';
import type { Unpacked } from '../frame/frame.ts';
import { LINK_WINDOW, OPEN_TIMEOUT } from '../frame/limits.ts';
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import type { Sealed } from '../model/stages.ts';
import type { PipeEvents, Transport } from './transport.ts';
import { webSocketTransport } from './websocket.ts';

const HOST = hostId('n1');
const OPENED = (link: number): Uint8Array => pack(FRAME.OPENED, link, new Uint8Array(0));
const record = (size = 100): Sealed => new Uint8Array(size).fill(1) as Sealed;

/** The gateway: what it got, and the socket to answer on. Answers OPEN with OPENED unless told otherwise. */
class Gateway {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly frames: Unpacked[] = [];
  sockets: ServerSocket[] = [];
  answer: (frame: Unpacked, socket: ServerSocket) => void = (frame, socket) => {
    if (frame.kind === FRAME.OPEN) socket.send(OPENED(frame.link));
  };
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.server.on('connection', (socket) => {
      this.sockets.push(socket);
      socket.on('message', (data: Buffer<ArrayBuffer>) => {
        const frame = unpack(new Uint8Array(data));
        this.frames.push(frame);
        for (const look of [...this.#waiting]) look();
        this.answer(frame, socket);
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/v1/link`;
  }

  get socket(): ServerSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('nobody connected');
    return socket;
  }

  /** Resolves with the first frame that came, or comes, for which `is` holds. */
  got(is: (frame: Unpacked) => boolean): Promise<Unpacked> {
    return new Promise((resolve) => {
      const look = (): void => {
        const frame = this.frames.find(is);
        if (frame === undefined) return;
        this.#waiting.delete(look);
        resolve(frame);
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}

let gateway: Gateway;
let clock: FakeClock;
let transport: Transport;
beforeEach(async () => {
  gateway = new Gateway();
  await new Promise((resolve) => gateway.server.once('listening', resolve));
  clock = new FakeClock();
  transport = webSocketTransport(gateway.url, clock);
});
afterEach(async () => {
  transport.close();
  await gateway.close();
});

function listener(): PipeEvents & { records: Sealed[]; closed: Promise<Fault> } {
  const records: Sealed[] = [];
  let onClose: (fault: Fault) => void = () => undefined;
  const closed = new Promise<Fault>((resolve) => (onClose = resolve));
  return {
    records,
    closed,
    onRecord: (each) => records.push(each),
    onClose: (fault) => {
      onClose(fault);
    }
  };
}
const fault = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => Fault.from(error)
  );

test('many links share one socket, with numbers of their own', async () => {
  await Promise.all(Array.from({ length: 20 }, () => transport.open(HOST, listener())));
  expect(gateway.sockets).toHaveLength(1);
  expect(gateway.frames.map((frame) => frame.link)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test('a lost socket ends its links, and the next open connects anew', async () => {
  const events = listener();
  await transport.open(HOST, events);
  gateway.socket.terminate();
  expect((await events.closed).code).toBe('gateway-lost');
  await transport.open(HOST, listener());
  expect(gateway.sockets).toHaveLength(2);
});

test('a gateway that is not there is gateway-lost for every open that waits', async () => {
  await gateway.close();
  const faults = await Promise.all([transport.open(HOST, listener()), transport.open(HOST, listener())].map(fault));
  expect(faults.map((each) => each.code)).toEqual(['gateway-lost', 'gateway-lost']);
  gateway = new Gateway();
});

test('a sender waits for credit, and goes on when it comes', async () => {
  const pipe = await transport.open(HOST, listener());
  let sent = 0;
  const sending = (async () => {
    for (; sent < 12; sent += 1) await pipe.send(record(32_768));
  })();
  const isData = (frame: Unpacked): boolean => frame.kind === FRAME.DATA;
  await gateway.got(() => gateway.frames.filter(isData).length === 6);
  // With 6 x 32 KiB of 256 KiB under way there is no room for a longest record: the seventh waits.
  await transport.open(HOST, listener());
  expect(sent).toBe(5);
  expect(LINK_WINDOW - 6 * 32_768).toBeLessThan(65_562 + 1);
  gateway.answer = (frame, socket) => {
    if (isData(frame)) socket.send(pack(FRAME.CREDIT, 1, creditPayload(32_768)));
  };
  gateway.socket.send(pack(FRAME.CREDIT, 1, creditPayload(6 * 32_768)));
  await sending;
  expect(gateway.frames.filter(isData)).toHaveLength(12);
});

test('a sender that waits is told of the end', async () => {
  const pipe = await transport.open(HOST, listener());
  const sending = fault(
    (async () => {
      for (;;) await pipe.send(record(65_000));
    })()
  );
  await gateway.got(() => gateway.frames.filter((frame) => frame.kind === FRAME.DATA).length >= 3);
  gateway.socket.terminate();
  expect((await sending).code).toBe('gateway-lost');
});

test('closing a pipe tells the gateway, once, and nothing comes any more', async () => {
  const events = listener();
  const pipe = await transport.open(HOST, events);
  pipe.close(CLOSE_CODES.failed, 'no');
  pipe.close(CLOSE_CODES.normal, '');
  const frame = await gateway.got(({ kind }) => kind === FRAME.CLOSE);
  expect(readClose(frame.payload)).toEqual({ name: 'failed', text: 'no' });
  gateway.socket.send(packData(1, record()));
  gateway.socket.send(packClose(1, 'normal'));
  await transport.open(HOST, listener());
  expect(events.records).toEqual([]);
  expect(gateway.frames.filter(({ kind }) => kind === FRAME.CLOSE)).toHaveLength(1);
  expect((await fault(pipe.send(record()))).code).toBe('link-ended');
});

describe('a link refused or closed by the gateway', () => {
  test.each([
    ['unknown-host', 'unreachable', 'host table'],
    ['pin-mismatch', 'unreachable', 'pinned'],
    ['busy', 'unreachable', 'busy'],
    ['shutting-down', 'gateway-lost', 'stopped']
  ] as const)('with %s is %s to the operator', async (name, code, words) => {
    gateway.answer = (frame, socket) => {
      if (frame.kind === FRAME.OPEN) socket.send(packClose(frame.link, name, 'because'));
    };
    const refused = await fault(transport.open(HOST, listener()));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(words);
    expect(refused.message).toContain('the gateway says: because');
    expect(refused.advice).not.toBe('');
  });

  test('with a code from the future is unreachable all the same', async () => {
    gateway.answer = (frame, socket) => {
      if (frame.kind === FRAME.OPEN) socket.send(pack(FRAME.CLOSE, frame.link, Uint8Array.of(9, 9)));
    };
    expect((await fault(transport.open(HOST, listener()))).code).toBe('unreachable');
  });
});

describe('a gateway that breaks the protocol loses the socket:', () => {
  test.each([
    ['a text message', 'hello'],
    ['an empty message', new Uint8Array(0)],
    ['a frame of link 0', Uint8Array.of(2, 0, 0, 0, 0)],
    ['OPENED twice', OPENED(1)],
    ['OPEN', Uint8Array.of(1, 0, 0, 0, 1, 0x6e)],
    ['credit for what was never sent', pack(FRAME.CREDIT, 1, creditPayload(1))],
    ['a record longer than any', new Uint8Array(5 + 65_563).fill(3)]
  ])('%s', async (_, message) => {
    const events = listener();
    await transport.open(HOST, events);
    gateway.socket.send(message);
    expect((await events.closed).code).toBe('gateway-lost');
  });

  test('data before OPENED', async () => {
    gateway.answer = (frame, socket) => {
      if (frame.kind === FRAME.OPEN) socket.send(packData(frame.link, record()));
    };
    expect((await fault(transport.open(HOST, listener()))).code).toBe('gateway-lost');
  });
});

describe('an open that is not answered', () => {
  test('ends after its time; a gateway that said nothing else is taken as lost', async () => {
    gateway.answer = () => undefined;
    const opening = fault(transport.open(HOST, listener()));
    await gateway.got(({ kind }) => kind === FRAME.OPEN);
    await clock.advance(OPEN_TIMEOUT);
    expect((await opening).code).toBe('unreachable');
    gateway.answer = (frame, socket) => {
      if (frame.kind === FRAME.OPEN) socket.send(OPENED(frame.link));
    };
    await transport.open(HOST, listener());
    expect(gateway.sockets).toHaveLength(2);
  });

  test('leaves a gateway alone that said something meanwhile', async () => {
    const events = listener();
    await transport.open(HOST, events);
    gateway.answer = () => undefined;
    const opening = fault(transport.open(HOST, listener()));
    await gateway.got(({ link }) => link === 2);
    gateway.socket.send(packData(1, record()));
    await expect.poll(() => events.records.length).toBe(1);
    await clock.advance(OPEN_TIMEOUT);
    expect((await opening).code).toBe('unreachable');
    expect(readClose((await gateway.got(({ kind }) => kind === FRAME.CLOSE)).payload).name).toBe('failed');
    expect(gateway.socket.readyState).toBe(gateway.socket.OPEN);
  });
});

test.each(['http://x/', 'not a url', 'wss:'])('%j is no gateway', (url) => {
  expect(() => webSocketTransport(url)).toThrow('gateway');
});
