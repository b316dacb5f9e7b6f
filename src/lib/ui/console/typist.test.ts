import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '#lib/model/fault.ts';
import { MemoryConsole } from '../../../../tests/support/memory-console.ts';
import { pasteBytes, Typist } from './typist.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const stopped = new Fault('cancelled', { by: 'this tab', left: '' });

test('lines of a paste end as with Enter, whichever way they were written', () => {
  expect(text(pasteBytes('a\nb\r\nc\rd\t', false))).toBe('a\rb\rc\rd\t');
});

test('a paste holds no control character but Enter and Tab, and cannot end its own brackets', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (pasted, bracketed) => {
      const sent = text(pasteBytes(`${pasted}\x1b[201~\x03`, bracketed));
      const inner = bracketed ? sent.slice(6, -6) : sent;
      // eslint-disable-next-line no-control-regex
      expect(inner).not.toMatch(/[\0-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f]/);
      if (bracketed) expect(sent).toMatch(/^\x1b\[200~.*\x1b\[201~$/su); // eslint-disable-line no-control-regex
    })
  );
});

test('what is typed while a paste goes has its turn between two pieces of it', async () => {
  const line = new MemoryConsole();
  const typist = new Typist(line);
  const free = Promise.withResolvers<undefined>();
  line.full = free.promise;
  const pasted = typist.paste(new Uint8Array(10_000).fill(65), {
    signal: new AbortController().signal,
    onprogress: () => undefined
  });
  typist.type(new TextEncoder().encode('x'));
  line.full = null;
  free.resolve(undefined);
  await pasted;
  expect(line.text.length).toBe(10_001);
  expect(line.text.indexOf('x')).toBe(4_096);
});

test('a paste tells how far it is, and a cancelled one ends at once, though the line takes nothing', async () => {
  const line = new MemoryConsole();
  const typist = new Typist(line);
  const told: number[] = [];
  const abort = new AbortController();
  line.full = new Promise(() => undefined);
  const pasted = typist.paste(new Uint8Array(20_000), { signal: abort.signal, onprogress: (sent) => told.push(sent) });
  abort.abort(stopped);
  await expect(pasted).rejects.toBe(stopped);
  expect(told).toEqual([0]);
  expect(line.text.length).toBe(4_096);
});

test('a line that takes nothing holds a bounded number of typed bytes', () => {
  const line = new MemoryConsole();
  line.full = new Promise(() => undefined);
  const typist = new Typist(line);
  for (let n = 0; n < 1_000; n++) typist.type(new Uint8Array(1_000));
  expect(line.text.length).toBeLessThanOrEqual(65_536);
});

test('a viewer types nothing', () => {
  const line = new MemoryConsole(true);
  new Typist(line).type(new Uint8Array(1));
  expect(line.written).toEqual([]);
});
