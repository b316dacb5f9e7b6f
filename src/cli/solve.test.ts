import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from './main.ts';

const directory = mkdtempSync(join(tmpdir(), 'smps-solve-'));
const file = (name: string): string => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true }));

/** One resource, two hosts that are safe up to 5 each, four VMs of 3, all at the first host; a move costs 1. */
writeFileSync(
  file('model'),
  '1 0 10 2  0 0 20 5 0 0  0 0 20 5 0 0  4 0 0 0 0 0 0 0 0  4 0 3 1 1 3 1 2 3 1 3 3 1  0  1 0 0'
);
writeFileSync(file('home'), '0 0 0 0');
const FILES = ['--model', file('model'), '--assignment', file('home')];

async function smps(...words: readonly string[]) {
  const said = { out: [] as string[], err: [] as string[] };
  const status = await main(words, {
    out: (line) => said.out.push(line),
    err: (line) => said.err.push(line),
    env: {},
    version: 'test',
    signal: new AbortController().signal
  });
  return { status, out: said.out.join('\n'), err: said.err.join('\n') };
}

describe('smps solve', { timeout: 60_000 }, () => {
  test('writes the least costly assignment and says what it costs', async () => {
    const ran = await smps('solve', ...FILES, '--cpu-seconds', '1', '--workers', '2', '--out', file('answer'));
    // 12 at one host is 7 too many; 6 and 6 are 1 too many each, and two moves.
    expect(ran).toMatchObject({ status: 0, out: '70 -> 22: 2 of 4 moved' });
    const hosts = readFileSync(file('answer'), 'utf8').trim().split(' ');
    expect(hosts.toSorted()).toEqual(['0', '0', '1', '1']);
  });

  test('as JSON it tells the cost term by term', async () => {
    const ran = await smps('solve', ...FILES, '--cpu-seconds', '1', '--workers', '1', '--json');
    expect(JSON.parse(ran.out)).toMatchObject({
      before: 70,
      load: 20,
      balance: 0,
      move: 2,
      serviceMove: 0,
      total: 22,
      moved: 2
    });
  });

  test('an assignment that breaks the rules, or one for another model, is refused', async () => {
    writeFileSync(file('short'), '0 0 0');
    writeFileSync(file('tight'), readFileSync(file('model'), 'utf8').replace('0 0 20 5', '0 0 11 5'));
    const short = await smps('solve', '--model', file('model'), '--assignment', file('short'));
    expect(short).toMatchObject({ status: 2, err: expect.stringContaining('the file ends before it') as string });
    const tight = await smps('solve', '--model', file('tight'), '--assignment', file('home'));
    expect(tight).toMatchObject({ status: 2, err: expect.stringContaining('it must be feasible') as string });
  });

  test('what is not asked as it should be is a matter of usage', async () => {
    expect((await smps('solve')).status).toBe(2);
    expect((await smps('solve', ...FILES, '--workers', '0')).err).toContain('--workers');
    expect((await smps('ls', '--seed', '1')).status).toBe(2);
  });

  test('a file that is not there is named', async () => {
    const ran = await smps('solve', '--model', file('nothing'), '--assignment', file('home'));
    expect(ran.status).not.toBe(0);
    expect(ran.err).toContain('nothing');
  });
});
