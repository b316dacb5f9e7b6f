import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vmId } from '../../../src/lib/model/ids.ts';
import { RpcFilter } from './rpc-filter.ts';

const VM = vmId('11111111-2222-3333-4444-555555555555');
const NAME = 'web-1';
const OTHER = '11111111-2222-3333-4444-555555555556';
const REMOTE = 0x20008086;

function message(program: number, procedure: number, body: Uint8Array | string = ''): Buffer {
  const payload = Buffer.from(body as string);
  const head = Buffer.alloc(28);
  head.writeUInt32BE(28 + payload.length, 0);
  head.writeUInt32BE(program, 4);
  head.writeUInt32BE(1, 8);
  head.writeInt32BE(procedure, 12);
  return Buffer.concat([head, payload]);
}

async function passed(chunks: readonly Buffer[]): Promise<Buffer> {
  const out: Buffer[] = [];
  await pipeline(
    Readable.from(chunks),
    new RpcFilter({ id: VM, name: NAME }),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) out.push(chunk);
    }
  );
  return Buffer.concat(out);
}

const ALLOWED = [1, 2, 3, 23, 24, 60, 66];

test('calls of a migration pass unchanged, wherever the bytes are cut', async () => {
  const anyMessage = fc
    .tuple(fc.constantFrom(...ALLOWED), fc.uint8Array({ maxLength: 200 }))
    .map(([procedure, body]) => message(REMOTE, procedure, body));
  await fc.assert(
    fc.asyncProperty(fc.array(anyMessage, { maxLength: 8 }), fc.integer({ min: 1, max: 97 }), async (all, size) => {
      const bytes = Buffer.concat(all);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size)
      );
      expect(await passed(chunks)).toEqual(bytes);
    })
  );
});

test('every other call ends the stream, and nothing of it passes', async () => {
  const any = fc.tuple(fc.constantFrom(REMOTE, 0x20008087, 0x20008088), fc.integer({ min: -1, max: 460 }));
  await fc.assert(
    fc.asyncProperty(any, async ([program, procedure]) => {
      fc.pre(program !== REMOTE || ![...ALLOWED, 303, 306].includes(procedure));
      await expect(passed([message(program, procedure)])).rejects.toThrow(/procedure/);
    })
  );
});

test('a migration passes only when every id in it is that of the VM with the permit', async () => {
  const prepare = (xml: string): Promise<Buffer> => passed([message(REMOTE, 303, xml)]);
  expect((await prepare(`<domain><uuid>${VM}</uuid></domain>`)).toString()).toContain(VM);
  await expect(prepare(`<domain><uuid>${OTHER}</uuid></domain>`)).rejects.toThrow(/another VM/);
  await expect(prepare(`<c><uuid>${VM}</uuid></c><domain><uuid>${OTHER}</uuid></domain>`)).rejects.toThrow(
    /another VM/
  );
  await expect(prepare(`<uuid>${VM}</uuid><uuid\n>${OTHER}</uuid>`)).rejects.toThrow(/another VM/);
  await expect(prepare('<domain/>')).rejects.toThrow(/another VM/);
});

test('the end of a migration passes only when it names the VM with the permit, once', async () => {
  const text = (value: string): Buffer => {
    const bytes = Buffer.alloc(4 + Math.ceil(Buffer.byteLength(value) / 4) * 4);
    bytes.writeUInt32BE(Buffer.byteLength(value));
    bytes.write(value, 4);
    return bytes;
  };
  const named = (name: string, key = 'destination_name'): Buffer =>
    Buffer.concat([text(key), Buffer.from([0, 0, 0, 7]), text(name)]);
  const finish = (...parameters: readonly Buffer[]): Promise<Buffer> =>
    passed([message(REMOTE, 306, Buffer.concat([Buffer.from([0, 0, 0, parameters.length]), ...parameters]))]);
  expect(await finish(named('x', 'persist_xml'), named(NAME))).toHaveLength(28 + 4 + 28 + 36);
  // What libvirt calls it that cannot carry its name.
  expect(await finish(named(`${NAME}-${VM.slice(0, 8)}`))).toHaveLength(28 + 4 + 24 + 20);
  await expect(finish(named(`${NAME}-${OTHER.slice(0, 7)}2`))).rejects.toThrow(/another VM/);
  await expect(finish(named('web-12'))).rejects.toThrow(/another VM/);
  await expect(finish(named('web-'))).rejects.toThrow(/another VM/);
  await expect(finish(named(NAME), named('db-1'))).rejects.toThrow(/another VM/);
  await expect(finish(named('db-1'), named(NAME))).rejects.toThrow(/another VM/);
  await expect(finish()).rejects.toThrow(/another VM/);
});

test.each([0, 27, 40 * 1024 * 1024])('a message that says it has %d bytes ends the stream', async (length) => {
  const wrong = message(REMOTE, 60);
  wrong.writeUInt32BE(length, 0);
  await expect(passed([wrong])).rejects.toThrow(/bytes/);
});
