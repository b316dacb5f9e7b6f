// A lock file that names its holder (pid and start time, so that a reused pid is not mistaken for it). It appears with its
// content in one step (link), and a dead holder's lock is taken away by renaming, so that two takers cannot both win.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * @typedef {{ pid: number, started: string, about: string }} Holder `about` is whatever the holder wants to tell others.
 * @typedef {{ tell(about: string): void, release(): void }} Lock
 */

/** When the process started, in the kernel's ticks; null when there is no such process. '' where /proc does not exist.
 * @param {number} pid @returns {string | null} */
export function startOf(pid) {
  try {
    // The name (field 2) may hold spaces and parentheses: count from the last `)`.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? '');
  } catch {
    try {
      return process.kill(pid, 0) ? '' : null;
    } catch (error) {
      return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM' ? '' : null;
    }
  }
}

/** @param {string} file @returns {Holder | null} null when absent or unreadable */
export function holderOf(file) {
  try {
    const [pid, started = '', ...about] = readFileSync(file, 'utf8').split('\n');
    return { pid: Number(pid), started, about: about.join('\n').trim() };
  } catch {
    return null;
  }
}

/** @param {Holder} holder */
export const alive = (holder) => holder.pid > 0 && startOf(holder.pid) === holder.started;

/** The lock, or who holds it. @param {string} file @returns {{ lock: Lock } | { holder: Holder }} */
export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${process.pid}\n${startOf(process.pid) ?? ''}\n`;
  const own = `${file}.${process.pid}`;
  for (;;) {
    writeFileSync(own, mine);
    try {
      linkSync(own, file);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    } finally {
      rmSync(own, { force: true });
    }
    const holder = holderOf(file);
    if (holder && alive(holder)) return { holder };
    takeAway(file);
  }
  const release = () => {
    if (readSafely(file).startsWith(mine)) rmSync(file, { force: true });
    process.off('exit', release);
  };
  process.on('exit', release);
  return {
    lock: {
      tell(about) {
        writeFileSync(own, `${mine}${about}\n`);
        renameSync(own, file);
      },
      release
    }
  };
}

/** Removes a dead holder's lock, unless it has meanwhile become a living one's. @param {string} file */
function takeAway(file) {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const holder = holderOf(aside);
  try {
    if (holder && alive(holder)) linkSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} file */
function readSafely(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Runs `work` while holding the lock; waits for whoever holds it. @template T
 * @param {string} file @param {(holder: Holder) => void} onWait called once @param {() => T | Promise<T>} work
 * @returns {Promise<T>} */
export async function locked(file, onWait, work) {
  let waiting = false;
  for (;;) {
    const got = tryLock(file);
    if ('lock' in got) {
      try {
        return await work();
      } finally {
        got.lock.release();
      }
    }
    if (!waiting) onWait(got.holder);
    waiting = true;
    await pause(300);
  }
}
