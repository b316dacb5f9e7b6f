import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import { codeId } from '../../src/lib/seal/handshake.ts';
import { CODE_LIFETIME, CODE_TRIES, Codes } from './codes.ts';
import type { PairingCode } from './codes.ts';
import { nodeProvider } from '../crypto.ts';
import { silent } from '../log.ts';

const provider = nodeProvider();
let directory: string;
let now: number;
beforeEach(async () => {
  directory = join(await scratch(), 'codes');
  await mkdir(directory);
  now = 1_000_000;
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));
const asIs = (code: PairingCode): Promise<PairingCode> => Promise.resolve(code);
const open = (): Codes => new Codes(directory, provider, silent, () => now);

test('a code is a file for its owner alone, named by the public id, that another process finds', async () => {
  const made = await open().create('operator');
  expect(made.id).toBe(Buffer.from(await codeId(provider, made.code)).toString('hex'));
  expect(await open().find(made.id)).toEqual(made);
  expect((await stat(join(directory, `${made.id}.json`))).mode & 0o777).toBe(0o600);
  expect(made.code).toHaveLength(16);
});

test('a code is good for one use', async () => {
  const codes = open();
  const { id, role } = await codes.create('viewer');
  const spent = await Promise.all([codes.spend(id, asIs), codes.spend(id, asIs)]);
  expect(spent.map((each) => each?.role ?? null).sort()).toEqual([null, role].sort());
  expect(await codes.find(id)).toBeNull();
  expect(await readdir(directory)).toEqual([]);
});

test('a code is good again when what it was spent for failed, and is not when the agent ended meanwhile', async () => {
  const codes = open();
  const made = await codes.create('admin');
  const full = new Error('no space left on device');
  await expect(codes.spend(made.id, () => Promise.reject(full))).rejects.toBe(full);
  expect(await codes.find(made.id)).toEqual(made);
  const seen = await codes.spend(made.id, () => open().find(made.id));
  expect(seen).toBeNull();

  const cut = await codes.create('admin');
  await rename(join(directory, `${cut.id}.json`), join(directory, `${cut.id}.spent`));
  expect(await open().spend(cut.id, asIs)).toBeNull();
  await open().sweep();
  expect(await readdir(directory)).toEqual([]);
});

test('what a code was spent for stands, also where its file cannot be tidied away', async () => {
  const codes = open();
  const { id } = await codes.create('viewer');
  const enrols = async (): Promise<string> => {
    await rm(directory, { recursive: true });
    return 'enrolled';
  };
  expect(await codes.spend(id, enrols)).toBe('enrolled');
});

test('a code is good for ten minutes, and its file is gone when the next one is made', async () => {
  const codes = open();
  const { id } = await codes.create('viewer');
  now += CODE_LIFETIME - 1;
  expect(await codes.find(id)).not.toBeNull();
  now += 1;
  expect(await codes.find(id)).toBeNull();
  expect(await codes.spend(id, asIs)).toBeNull();
  const next = await codes.create('viewer');
  expect(await readdir(directory)).toEqual([`${next.id}.json`]);
});

test('a code is good for five tries, also over restarts of the agent', async () => {
  const { id } = await open().create('viewer');
  for (let n = 1; n < CODE_TRIES; n++) await open().failed(id);
  expect(await open().find(id)).toMatchObject({ tries: CODE_TRIES - 1 });
  const last = open();
  await Promise.all([last.failed(id), last.failed(id)]);
  expect(await last.find(id)).toBeNull();
  expect(await readdir(directory)).toEqual([]);
});

test('failed tries with a code nobody made leave no trace', async () => {
  await open().failed('0123456789abcdef');
  expect(await readdir(directory)).toEqual([]);
  await expect(open().find('../../etc/passwd')).rejects.toMatchObject({ code: 'bad-argument' });
});

test('a file that is no code is never good, and is swept', async () => {
  await writeFile(join(directory, '0123456789abcdef.json'), '{"version":1,"code":"x"}');
  expect(await open().find('0123456789abcdef')).toBeNull();
  await open().sweep();
  expect(await readdir(directory)).toEqual([]);
});
