// Processes of the sample hosts, recognised by their command lines: a process id alone may have been given to another.
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const commandLine = async (pid: number): Promise<readonly string[]> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');

/** True if `pid` is a libvirtd that reads `config`. */
export async function isDaemonOf(pid: number, config: string): Promise<boolean> {
  const words = await commandLine(pid);
  return basename(words[0] ?? '') === 'libvirtd' && words.includes(config);
}

/** The QEMU processes whose pid files libvirt keeps in `dir` (`NAME.pid`). */
export async function guestProcesses(dir: string): Promise<readonly number[]> {
  const guests: number[] = [];
  for (const file of await readdir(dir).catch(() => [])) {
    if (!file.endsWith('.pid')) continue;
    const pid = Number((await readFile(join(dir, file), 'utf8').catch(() => '')).trim());
    if (!(pid > 1)) continue;
    const words = await commandLine(pid);
    const name = file.slice(0, -'.pid'.length);
    if (/qemu/.test(words[0] ?? '') && words.some((word) => word.startsWith(`guest=${name},`))) guests.push(pid);
  }
  return guests;
}

/** Asks it to end, then insists after 10 s. Resolves when it is gone. */
export async function endProcess(pid: number): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 5_000]
  ] as const) {
    if (!send(pid, signal)) return;
    for (const deadline = Date.now() + patience; Date.now() < deadline;) {
      if (!(await isAlive(pid))) return;
      await pause(50);
    }
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** A zombie is gone: its parent may be another program that takes its time. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return status !== null && !/\) [ZX] /.test(status);
}
