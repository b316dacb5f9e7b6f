import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locked, startOf, tryLock } from './lock.mjs';

let dir = '';
let file = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'smps-lock-'));
  file = join(dir, 'lock');
});
afterEach(() => rmSync(dir, { recursive: true }));

function take() {
  const got = tryLock(file);
  if ('holder' in got) throw new Error(`held by ${got.holder.pid}`);
  return got.lock;
}

describe('lock file', () => {
  it('is held by one at a time, and says by whom and what they tell', () => {
    const lock = take();
    lock.tell('http://localhost:1/');
    const second = tryLock(file);
    expect(second).toMatchObject({ holder: { pid: process.pid, about: 'http://localhost:1/' } });
    lock.release();
    take().release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is taken from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const [pid, started] = [child.pid ?? 0, startOf(child.pid ?? 0)];
    await once(child, 'exit');
    writeFileSync(file, `${pid}\n${started ?? ''}\n`);
    take().release();
  });

  it('is taken when the process id now belongs to another process', () => {
    writeFileSync(file, `${process.pid}\n1\n`);
    take().release();
  });

  it('is taken when it holds nonsense', () => {
    writeFileSync(file, 'not a pid');
    take().release();
  });

  it('is not taken from a living process', () => {
    writeFileSync(file, `${process.ppid}\n${startOf(process.ppid) ?? ''}\n`);
    expect(tryLock(file)).toMatchObject({ holder: { pid: process.ppid } });
    expect(existsSync(file)).toBe(true);
  });

  it('makes work of two follow one another', async () => {
    const order: string[] = [];
    let let1Go = (): void => undefined;
    const first = locked(
      file,
      () => order.push('first waits'),
      () =>
        new Promise<void>((resolve) => {
          order.push('first');
          let1Go = resolve;
        })
    );
    const second = locked(
      file,
      () => {
        order.push('second waits');
        let1Go();
      },
      () => order.push('second')
    );
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second waits', 'second']);
  });

  it('is released when the work throws', async () => {
    const work = locked(
      file,
      () => undefined,
      () => Promise.reject(new Error('broke'))
    );
    await expect(work).rejects.toThrow('broke');
    take().release();
  });
});

describe('start of a process', () => {
  it('is the same each time it is asked, and null for none', () => {
    expect(startOf(process.pid)).toBe(startOf(process.pid));
    expect(startOf(0x3fffffff)).toBeNull();
  });
});
