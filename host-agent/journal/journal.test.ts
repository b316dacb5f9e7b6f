import { appendFile, copyFile, open as openFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newCommandId, newOperator, scratch } from '../../tests/support/agent-lab.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { CommandId } from '../../src/lib/model/ids.ts';
import { Journal } from './journal.ts';
import { GENESIS, hashOf } from './line.ts';
import type { Ending } from './line.ts';
import { silent } from '../log.ts';

const HOST = hostId('n1');
const OPERATOR = newOperator();
const DONE: Ending = { status: 'done', fault: null, effects: [], code: null };
const DIGEST = 'a'.repeat(64);

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await scratch();
  path = join(directory, 'journal.jsonl');
});
afterEach(() => rm(directory, { recursive: true }));

const open = (file = path): Promise<Journal> => Journal.open(file, HOST, silent);
const started = (id: CommandId, summary = 'Start web-1') => ({
  id,
  operator: OPERATOR,
  label: 'Ada',
  op: 'vm.start' as const,
  vm: null,
  digest: DIGEST,
  summary,
  note: null
});
const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (thrown: unknown) => Fault.from(thrown)
  );

test('a command is found again with its outcome, also by the next run of the agent', async () => {
  const fault = new Fault('no-space', { where: 'pool a', need: '5 MiB', free: '“1” MiB' });
  const effect = { resource: 'vcpus', asked: '4', seen: null, by: null, when: 'now', note: 'ü😀\n' } as const;
  const [good, bad] = [newCommandId(), newCommandId()];
  const first = await open();
  const numbers = [await first.begin(started(good)), await first.begin(started(bad, 'Other'))];
  await first.finish(bad, numbers[1] ?? 0, { status: 'refused', fault, effects: [], code: null });
  await first.finish(good, numbers[0] ?? 0, { ...DONE, effects: [effect], code: '0123456789abcdef' });
  const { head } = first;
  await first.close();

  const second = await open();
  expect(second.head).toEqual(head);
  expect(await second.unfinished()).toEqual([]);
  expect((await second.find(good))?.ended).toMatchObject({
    status: 'done',
    effects: [effect],
    code: '0123456789abcdef'
  });
  const refused = (await second.find(bad))?.ended?.fault;
  expect([refused?.code, refused?.message]).toEqual([fault.code, fault.message]);
  expect(await second.find(newCommandId())).toBeNull();
  await second.close();
});

test('the hash of every line can be told, and nothing is told of lines that are not there', async () => {
  const journal = await open();
  for (let n = 0; n < 20; n++) await journal.begin(started(newCommandId()));
  const lines = (await readFile(path)).toString().trimEnd().split('\n');
  expect(await journal.hashAt(0)).toBe(GENESIS);
  for (const [index, line] of lines.entries()) expect(await journal.hashAt(index + 1)).toBe(hashOf(Buffer.from(line)));
  expect(journal.head).toEqual({ number: 21, hash: hashOf(Buffer.from(lines.at(-1) ?? '')) });
  expect(await journal.hashAt(22)).toBeNull();
  await journal.close();
});

test('commands that arrive together are written together and in order, and each only resolves once it is on disk', async () => {
  const journal = await open();
  const ids = Array.from({ length: 200 }, newCommandId);
  const numbers = await Promise.all(
    ids.map(async (id) => {
      const number = await journal.begin(started(id));
      expect(journal.head.number).toBeGreaterThanOrEqual(number);
      expect((await readFile(path, 'utf8')).includes(id)).toBe(true);
      return number;
    })
  );
  expect(numbers).toEqual(ids.map((_, index) => index + 2));
  await journal.close();
});

test('a crash at any byte of the file leaves a journal that goes on with exactly the whole lines before it', async () => {
  const journal = await open();
  const ids: CommandId[] = [];
  for (let n = 0; n < 12; n++) {
    const id = newCommandId();
    ids.push(id);
    const number = await journal.begin(started(id, `Naïve “${n}” 😀`));
    if (n % 3 !== 0) await journal.finish(id, number, DONE);
  }
  await journal.close();
  const whole = await readFile(path);
  const lines = whole.toString().split('\n').slice(0, -1);

  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      const torn = join(directory, 'torn.jsonl');
      await copyFile(path, torn);
      await truncate(torn, length);
      const kept = whole.subarray(0, length).toString('latin1').split('\n').length - 1;
      const recovered = await open(torn);
      const seen = lines
        .slice(0, kept)
        .map((line) => JSON.parse(line) as { kind: string; id: CommandId; n: number; of: number });
      // A journal cut off within its first line begins anew.
      expect(recovered.head.number).toBe(Math.max(1, kept));
      const begun = seen.filter((line) => line.kind === 'started');
      const ended = new Set(seen.filter((line) => line.kind === 'ended').map((line) => line.of));
      for (const id of ids) {
        const entry = await recovered.find(id);
        expect(entry?.number ?? null).toBe(begun.find((line) => line.id === id)?.n ?? null);
        if (entry) expect(entry.ended !== null).toBe(ended.has(entry.number));
      }
      expect((await recovered.unfinished()).map(({ number }) => number)).toEqual(
        begun.filter(({ n }) => !ended.has(n)).map(({ n }) => n)
      );
      // And it goes on.
      const next = newCommandId();
      const number = await recovered.begin(started(next));
      await recovered.close();
      const again = await open(torn);
      expect((await again.find(next))?.number).toBe(number);
      await again.close();
      await rm(torn);
    }),
    { numRuns: 150 }
  );
});

test('any altered, missing or doubled line stops the start, and the fault names the file and the line', async () => {
  const journal = await open();
  for (let n = 0; n < 6; n++) await journal.finish(...(await begin(journal)), DONE);
  await journal.close();
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);

  await fc.assert(
    fc.asyncProperty(
      // The last line has no successor to contradict it, and is a client's to check: see `hashAt`.
      fc.integer({ min: 0, max: lines.length - 2 }),
      fc.constantFrom('digit', 'drop', 'double', 'swap'),
      async (at, how) => {
        const changed = [...lines];
        const line = lines[at] ?? '';
        if (how === 'digit')
          changed[at] = line.replace(/"at":(\d)/, (_, digit: string) => `"at":${(Number(digit) % 9) + 1}`);
        if (how === 'drop') changed.splice(at, 1);
        if (how === 'double') changed.splice(at, 0, line);
        if (how === 'swap') changed.splice(at, 2, lines[at + 1] ?? '', line);
        await writeFile(path, `${changed.join('\n')}\n`);
        const fault = await faultOf(open());
        expect(fault.code).toBe('corrupt-state');
        expect(fault.message).toMatch(/journal\.jsonl line \d+ is corrupt/);
      }
    ),
    { numRuns: 60 }
  );
});

async function begin(journal: Journal): Promise<[CommandId, number]> {
  const id = newCommandId();
  return [id, await journal.begin(started(id))];
}

test('a last line that is whole but wrong is corruption, not a torn write', async () => {
  const journal = await open();
  await begin(journal);
  await journal.close();
  await appendFile(path, '{"n":3,"prev":\n');
  const fault = await faultOf(open());
  expect(fault.message).toContain('line 3');
  expect((await stat(path)).size).toBeGreaterThan(0);
});

test('the journal of another host is refused', async () => {
  await (await open()).close();
  const fault = await faultOf(Journal.open(path, hostId('n2'), silent));
  expect(fault.message).toContain('n1');
});

test('what another version of the agent wrote is read as far as this one understands it', async () => {
  const journal = await open();
  const [id, number] = await begin(journal);
  await journal.finish(id, number, {
    ...DONE,
    status: 'refused',
    fault: new Fault('stale', { expected: 'a', actual: 'b' })
  });
  await journal.close();
  const text = await readFile(path, 'utf8');
  const lines = text.trimEnd().split('\n');
  const last = (lines[2] ?? '').replace('"stale"', '"too-hot"');
  const second = (lines[1] ?? '').replace('vm.start', 'vm.teleport');
  const relinked = last.replace(hashOf(Buffer.from(lines[1] ?? '')), hashOf(Buffer.from(second)));
  await writeFile(path, `${[lines[0], second, relinked].join('\n')}\n`);
  const again = await open();
  const found = await again.find(id);
  expect(found?.started.op).toBe('vm.teleport');
  expect(found?.ended?.fault).toMatchObject({
    code: 'internal',
    message: expect.stringContaining('too-hot: the VM changed') as string
  });
  await again.close();
});

test('a torn last line is mentioned in the log', async () => {
  await (await open()).close();
  await appendFile(path, '{"n":2');
  const logged: string[] = [];
  const journal = await Journal.open(path, HOST, (level, event) => void logged.push(`${level} ${event}`));
  expect(logged).toEqual(['warn journal-torn']);
  await journal.close();
});

test('activities come newest first, page by page, with their outcome and filtered by VM', async () => {
  const journal = await open();
  const vm = '11111111-2222-4333-8444-555555555555' as NonNullable<Parameters<Journal['activities']>[0]['vm']>;
  const ends: Promise<void>[] = [];
  const numbers: number[] = [];
  for (let n = 0; n < 700; n++) {
    const id = newCommandId();
    const number = await journal.begin({ ...started(id, `Command ${n}`), vm: n % 7 === 0 ? vm : null });
    numbers.push(number);
    if (n !== 3)
      ends.push(
        journal.finish(
          id,
          number,
          n % 2 === 0 ? DONE : { ...DONE, status: 'failed', fault: new Fault('internal', { reason: 'x' }) }
        )
      );
  }
  await Promise.all(ends);
  const paged: number[] = [];
  for (let before: number | null = null; ;) {
    const page: Awaited<ReturnType<Journal['activities']>> = await journal.activities({ limit: 90, before, vm: null });
    if (page.length === 0) break;
    paged.push(...page.map(({ number }) => number));
    before = paged.at(-1) ?? null;
  }
  expect(paged).toEqual(numbers.toReversed());
  const ofVm = await journal.activities({ limit: 500, before: null, vm });
  expect(ofVm).toHaveLength(100);
  const all = await journal.activities({ limit: 700, before: null, vm: null });
  expect(all.find(({ summary }) => summary === 'Command 3')).toMatchObject({ status: 'running', endedAt: null });
  expect(all.find(({ summary }) => summary === 'Command 5')).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('x') as string
  });
  expect(all.find(({ summary }) => summary === 'Command 6')).toMatchObject({
    status: 'done',
    reason: null,
    operatorLabel: 'Ada'
  });
  await journal.close();
});

/** What every open file does, to be broken for a moment. */
async function anyFile(): Promise<FileHandle> {
  const file = await openFile(path, 'r');
  await file.close();
  return Object.getPrototypeOf(file) as FileHandle;
}

test.each([
  ['is written once there is room', 'ENOSPC', 'no-space', 2],
  ['is refused where the disk is broken', 'EIO', 'internal', null]
])('what comes while a line that failed is taken back %s', async (_, code, refused, number) => {
  const journal = await open();
  const files = await anyFile();
  const error = Object.assign(new Error(`${code}: it is so`), { code });
  const sync = vi.spyOn(files, 'datasync').mockRejectedValueOnce(error);
  const cut = files.truncate; // eslint-disable-line @typescript-eslint/unbound-method -- called on the file below
  const late = newCommandId();
  let coming: Promise<number> | null = null;
  const back = vi.spyOn(files, 'truncate').mockImplementationOnce(function (this: FileHandle, length) {
    coming = journal.begin(started(late));
    return cut.call(this, length);
  });
  const failed = newCommandId();
  await expect(journal.begin(started(failed))).rejects.toMatchObject({ code: refused });
  if (number === null) await expect(coming).rejects.toMatchObject({ code: refused });
  else await expect(coming).resolves.toBe(number);
  sync.mockRestore();
  back.mockRestore();
  await journal.close();
  const again = await open();
  expect([(await again.find(late))?.number ?? null, await again.find(failed)]).toEqual([number, null]);
  await again.close();
});
