// One process at a time: a file that names its holder by process id and start time, so that neither a crash nor a
// reused process id leaves it held. Taken atomically by a hard link.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../src/lib/model/fault.ts';
import { readIfThere } from './durable.ts';

export type Release = () => Promise<void>;

const isCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === code;

/** The process's start in clock ticks since boot (proc(5), stat field 22); '' where /proc cannot tell; null: no such process. */
function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if (isCode(thrown, 'ESRCH')) return null;
  }
  try {
    // The name in field 2 may hold spaces and parentheses: count from the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function holderAlive(content: string): boolean {
  const [pid, start] = content.trim().split(' ');
  if (pid === undefined || !/^[1-9][0-9]{0,9}$/.test(pid)) return false;
  const now = startOf(Number(pid));
  return now !== null && (now === '' || start === undefined || now === start);
}

const pidOf = (content: string): string => content.trim().split(' ')[0] ?? '?';

/**
 * Removes the lock `held` of a holder that is gone. Only who has the second name beside it may, and looks again: else one that
 * looked before another took over would remove the other's. @returns the process that is about to; null: try again
 */
async function clear(path: string, own: string, held: string): Promise<string | null> {
  const clearing = `${path}.clearing`;
  try {
    await link(own, clearing);
  } catch (thrown) {
    if (!isCode(thrown, 'EEXIST')) throw thrown;
    const rival = await readIfThere(clearing);
    if (rival !== null && holderAlive(rival)) return pidOf(rival);
    await rm(clearing, { force: true });
    return null;
  }
  try {
    if ((await readIfThere(path)) === held) await rm(path, { force: true });
  } finally {
    await rm(clearing, { force: true });
  }
  return null;
}

/** The process that holds the lock; null: none does. @throws the system's errors, but for a lock that is not there */
export async function holderOf(path: string): Promise<number | null> {
  const held = await readIfThere(path);
  return held !== null && holderAlive(held) ? Number(pidOf(held)) : null;
}

/**
 * Takes the lock `path` at once or not at all; `what` names the thing in the fault. The holder may be this process.
 * @throws Fault `already-running` naming the process that has it
 */
export async function lock(path: string, what: string): Promise<Release> {
  const suffix = randomBytes(6).toString('hex');
  const own = `${path}.${suffix}.tmp`;
  await writeFile(own, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      try {
        await link(own, path);
        return () => rm(path, { force: true });
      } catch (thrown) {
        if (!isCode(thrown, 'EEXIST')) throw thrown;
      }
      const held = await readIfThere(path);
      if (held === null) continue;
      if (holderAlive(held)) throw new Fault('already-running', { what, pid: pidOf(held) });
      const rival = await clear(path, own, held);
      if (rival !== null) throw new Fault('already-running', { what, pid: rival });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** As `lock`, but waits up to `ms` for a holder to finish: for changes that take milliseconds. */
export async function lockWithin(ms: number, path: string, what: string): Promise<Release> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await lock(path, what);
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'already-running' || Date.now() > end) throw thrown;
      await sleep(20);
    }
  }
}
