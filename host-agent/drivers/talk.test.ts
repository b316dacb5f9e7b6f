import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Talk } from './talk.ts';

test('lines and the bytes after one are heard as they were said, wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 40 }),
      async (word, bytes, size) => {
        const [here, there] = duplexPair();
        const all = Buffer.concat([
          Buffer.from(`${JSON.stringify({ word })}\n`),
          bytes,
          Buffer.from('{"agreed":true}\n')
        ]);
        for (let at = 0; at < all.length; at += size) there.write(all.subarray(at, at + size));
        const talk = new Talk(here);
        expect((await talk.hear()).text('word', /^[^]*$/)).toBe(word);
        const heard: Buffer[] = [];
        await talk.take(bytes.length, async (chunk) => {
          heard.push(Buffer.from(chunk));
          await Promise.resolve();
        });
        expect(Buffer.concat(heard)).toEqual(Buffer.from(bytes));
        expect(await talk.answer((fields) => fields.flag('agreed'))).toEqual({ value: true });
        there.destroy();
      }
    ),
    { numRuns: 40 }
  );
});

test('a refusal is told as it is, as far as it is short', async () => {
  const [here, there] = duplexPair();
  there.write(`${JSON.stringify({ refused: 'x'.repeat(5_000) })}\n`);
  expect(await new Talk(here).answer((fields) => fields.flag('agreed'))).toEqual({ why: 'x'.repeat(1_024) });
});

test.each([
  ['link-ended', '{"agreed":'],
  ['corrupt-state', 'no\n'],
  ['corrupt-state', '{"agreed":true,"more":1}\n'],
  ['too-large', 'x'.repeat(4 * 1024 * 1024 + 1)]
])('what is not an answer ends in %s', async (code, said) => {
  const [here, there] = duplexPair();
  there.end(said);
  await expect(new Talk(here).answer((fields) => fields.flag('agreed'))).rejects.toMatchObject({ code });
});
