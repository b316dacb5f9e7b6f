// When a running VM was started. libvirt does not say; on the hypervisor's own machine the process table does (proc(5)), and on
// Xen, where a guest has no process, its xenstore.
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import type { VmId } from '../../../src/lib/model/ids.ts';

/** Linux reports process times in hundredths of a second to user space, on every architecture QEMU runs on. */
const TICKS = 100;

/** Milliseconds since the epoch at which QEMU was started for each of `ids`; those not found are absent. */
export async function startTimes(ids: ReadonlySet<VmId>): Promise<ReadonlyMap<VmId, number>> {
  const found = new Map<VmId, number>();
  const boot = Number(/^btime (\d+)$/m.exec(await text('/proc/stat'))?.[1] ?? NaN);
  if (Number.isNaN(boot)) return found;
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const words = (await text(`/proc/${pid}/cmdline`)).split('\0');
    const at = words.indexOf('-uuid');
    const id = words[at + 1] as VmId | undefined;
    if (at < 0 || id === undefined || !ids.has(id)) continue;
    // After the command name in parentheses, which may hold anything, `starttime` is the 20th field.
    const fields = (await text(`/proc/${pid}/stat`)).split(') ').at(-1)?.split(' ') ?? [];
    const started = Number(fields[19]);
    if (started > 0) found.set(id, Math.round((boot + started / TICKS) * 1000));
  }
  return found;
}

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** The same in domain 0 of Xen; a process for each of `ids`. */
export async function xenStartTimes(ids: ReadonlySet<VmId>): Promise<ReadonlyMap<VmId, number>> {
  const read = (id: VmId): Promise<string> =>
    new Promise((resolve) => {
      execFile('xenstore-read', [`/vm/${id}/start_time`], { timeout: 5_000 }, (error, stdout) => {
        resolve(error === null ? stdout : '');
      });
    });
  const found = await Promise.all([...ids].map(async (id) => [id, parseStartTime(await read(id))] as const));
  return new Map(found.flatMap(([id, at]) => (at === null ? [] : [[id, at] as const])));
}

/** Milliseconds since the epoch, of libxl's seconds and hundredths; null when it is none. */
export function parseStartTime(text: string): number | null {
  const match = /^(\d{9,11})\.(\d{2})$/.exec(text.trim());
  return match === null ? null : Number(match[1]) * 1000 + Number(match[2]) * 10;
}
