import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOf } from '../setup/lock.mjs';
import { Child, parseListening } from './child.ts';

const LISTEN = `console.log('noise'); console.log('{"event":"listening","port":7}');`;

let dir = '';
let child: Child | null = null;
/** What was said; each line also settles whoever waits for it. */
let said: string[] = [];
let waiting: { pattern: RegExp; resolve: () => void }[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'smps-child-'));
  [said, waiting] = [[], []];
});
afterEach(async () => {
  await child?.stop(1_000);
  rmSync(dir, { recursive: true });
});

function run(script: string): Child {
  writeFileSync(join(dir, 'program.mjs'), script);
  const say = (line: string): void => {
    said.push(line);
    for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve();
  };
  child = new Child({ name: 'it', args: [join(dir, 'program.mjs')], log: join(dir, 'log'), say });
  return child;
}
const heard = (pattern: RegExp): Promise<void> =>
  said.some((line) => pattern.test(line))
    ? Promise.resolve()
    : new Promise((resolve) => waiting.push({ pattern, resolve }));

describe('a supervised process', () => {
  it('is started once it says that it listens', async () => {
    await expect(run(`${LISTEN} setInterval(() => 0, 1e6)`).start()).resolves.toEqual({ event: 'listening', port: 7 });
  });

  it('that ends at once fails with its last words', async () => {
    const started = run(`console.error('no such table'); process.exit(3)`).start();
    await expect(started).rejects.toThrow(/ended at once \(exit status 3\)[^]*no such table/);
  });

  it('is started again after a kill, and said so', async () => {
    await run(`${LISTEN} setInterval(() => 0, 1e6)`).start();
    const first = child?.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await heard(/it ended \(SIGKILL\); starting it again in 1 s/);
    await heard(/it is back/);
    expect(child?.pid).not.toBe(first);
  });

  it('is asked to end, and made to when it will not', async () => {
    await run(`process.on('SIGTERM', () => console.error('no')); ${LISTEN} setInterval(() => 0, 1e6)`).start();
    const pid = child?.pid ?? 0;
    await child?.stop(200);
    expect(startOf(pid)).toBeNull();
    expect(readFileSync(join(dir, 'log'), 'utf8')).toContain('no');
    expect(said).toEqual([]);
  });

  it('stopped before it listens ends its start as interrupted', async () => {
    const started = run(`setInterval(() => 0, 1e6)`).start();
    const failed = expect(started).rejects.toMatchObject({ code: 'interrupted' });
    await child?.stop(1_000);
    await failed;
  });
});

describe('listening line', () => {
  it('is told from anything else', () => {
    expect(parseListening('{"event":"listening","port":8,"more":1}')).toEqual({ event: 'listening', port: 8 });
    for (const line of ['', 'x', '[]', 'null', '{"event":"ready","port":8}', '{"event":"listening"}']) {
      expect(parseListening(line)).toBeNull();
    }
  });
});
