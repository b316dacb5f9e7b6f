import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { letsItRun, procedureOf, RpcMessages, typeOf } from './rpc-messages.ts';
import { word, xdrText } from './xdr.ts';
import { confirm, giveUp } from './rpc-caller.ts';

const VM = '5a1f0c1e-0000-4000-8000-0000000000aa' as VmId;
const UUID = Buffer.from(VM.replaceAll('-', ''), 'hex');
const DOMAIN = Buffer.concat([xdrText('mv'), UUID, word(3)]);
const NOTHING = Buffer.alloc(0);
/** A `remote_error` with this sentence. */
const error = (text: string): Buffer => Buffer.concat([word(55), word(0), word(1), xdrText(text), word(2)]);

type Answer = { readonly status?: number; readonly body: Buffer };
const ANSWERS: Readonly<Record<number, Answer>> = {
  66: { body: word(0) },
  1: { body: NOTHING },
  24: { body: DOMAIN },
  306: { status: 1, body: error('') },
  307: { body: NOTHING },
  2: { body: NOTHING }
};

/** A daemon that answers by procedure; what it was told, header cut off. */
function daemon(answers: Readonly<Record<number, Answer>> = ANSWERS): {
  readonly end: Duplex;
  readonly heard: [number, Buffer][];
  readonly letRun: boolean[];
} {
  const [end, own] = duplexPair();
  const heard: [number, Buffer][] = [];
  const letRun: boolean[] = [];
  own
    .pipe(
      new RpcMessages((message) => {
        const procedure = procedureOf(message);
        expect(typeOf(message)).toBe(0);
        heard.push([procedure, Buffer.from(message.subarray(28))]);
        letRun.push(letsItRun(message));
        const { status = 0, body } = answers[procedure] ?? { body: NOTHING };
        const serial = message.readUInt32BE(20);
        const reply = Buffer.concat([
          ...[28 + body.length, 0x20008086, 1, procedure, 1, serial, status].map(word),
          body
        ]);
        // Sockets cut as they like.
        own.write(reply.subarray(0, 9));
        own.write(reply.subarray(9));
        return null;
      })
    )
    .resume();
  return { end, heard, letRun };
}

test.each([
  [true, 0],
  [false, 1]
])('the source is told whether the VM has left: %s', async (left, cancelled) => {
  const { end, heard } = daemon();
  await confirm(end, VM, left);
  expect(heard.map(([procedure]) => procedure)).toEqual([66, 1, 24, 307, 2]);
  expect(heard[1]?.[1]).toEqual(Buffer.concat([word(1), xdrText('xen:///system'), word(0)]));
  expect(heard[2]?.[1]).toEqual(UUID);
  // The domain as it was looked up, no parameters, no cookie; persistent there, undefined here.
  expect(heard[3]?.[1]).toEqual(Buffer.concat([DOMAIN, word(0), word(0), word(24), word(cancelled)]));
  expect(end.destroyed).toBe(true);
});

test('the target gives a VM up by its name; the error libvirt answers with is none', async () => {
  const { end, heard, letRun } = daemon();
  await giveUp(end, 'mv');
  const named = Buffer.concat([word(1), xdrText('destination_name'), word(7), xdrText('mv')]);
  expect(heard.at(-2)).toEqual([306, Buffer.concat([named, word(0), word(24), word(1)])]);
  expect(letRun).not.toContain(true);
});

test('what libvirt refuses is said in its words', async () => {
  const { end } = daemon({ ...ANSWERS, 24: { status: 1, body: error('Domain not found') } });
  await expect(confirm(end, VM, true)).rejects.toThrow('Domain not found');
});

test('a daemon that wants to know who this is is not asked', async () => {
  const { end, heard } = daemon({ ...ANSWERS, 66: { body: Buffer.concat([word(1), word(2)]) } });
  await expect(confirm(end, VM, true)).rejects.toThrow('only root');
  expect(heard).toHaveLength(1);
});

test('one that ends, or answers unlike libvirt, is an end too', async () => {
  const [end, own] = duplexPair();
  own.once('data', () => own.end());
  await expect(confirm(end, VM, true)).rejects.toMatchObject({ code: 'hypervisor-down' });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const [here, there] = duplexPair();
      there.once('data', () => there.end(Buffer.from(bytes)));
      await expect(confirm(here, VM, true)).rejects.toThrow();
    })
  );
});
