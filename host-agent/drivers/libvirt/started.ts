// When a running VM was started. libvirt does not say; on the hypervisor's own machine the process table does (proc(5)), and on
// Xen, where a guest has no process, its xenstore.
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import type { VmId } from '../../../src/lib/model/ids.ts';

/** Linux reports process times in hundredths of a second to user space, on every architecture QEMU runs on. */
const TICKS = 100;
const READINGS = 5;

export type Run = { readonly id: VmId; readonly name: string };

/**
 * Milliseconds since the epoch, to 20, at which QEMU was started for each of `runs`; those not found are absent.
 *
 * @param socket the daemon's own: beside it libvirt writes down which process is whose, and on a machine with several daemons one
 *   VM may have a process for each while it moves; null: unknown
 */
export async function startTimes(runs: readonly Run[], socket: string | null): Promise<ReadonlyMap<VmId, number>> {
  const found = new Map<VmId, number>();
  const boot = bootedAt();
  const keep = (id: VmId, ticks: number | null): void => {
    if (ticks !== null) found.set(id, Math.round(boot + (ticks / TICKS) * 1000));
  };
  if (socket !== null) await Promise.all(runs.map(async (run) => keep(run.id, await ofDaemon(run, dirname(socket)))));
  const missing = new Set(runs.flatMap(({ id }) => (found.has(id) ? [] : [id])));
  if (missing.size === 0) return found;
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const id = await uuidOf(pid);
    if (id !== null && missing.has(id)) keep(id, await ticksOf(pid));
  }
  return found;
}

/** Milliseconds since the epoch, to 10: `btime` of /proc/stat has whole seconds. */
function bootedAt(): number {
  let [boot, apart] = [NaN, Infinity];
  // A busy machine may have this process wait between the two clocks.
  for (let reading = 0; reading < READINGS && apart > 0; reading++) {
    const before = Date.now();
    const up = uptime();
    const waited = Date.now() - before;
    if (waited < apart) [boot, apart] = [before - up * 1000, waited];
  }
  return boot;
}

/** By the PID file of libvirt: `/run/libvirt/qemu/NAME.pid`, of a session `…/libvirt/qemu/run/NAME.pid`. */
async function ofDaemon({ id, name }: Run, directory: string): Promise<number | null> {
  for (const place of ['qemu', 'qemu/run']) {
    const pid = (await text(join(directory, place, `${name}.pid`))).trim();
    if (/^\d+$/.test(pid) && (await uuidOf(pid)) === id) return ticksOf(pid);
  }
  return null;
}

/** What QEMU was told; null for any other process. */
async function uuidOf(pid: string): Promise<VmId | null> {
  const words = (await text(`/proc/${pid}/cmdline`)).split('\0');
  const at = words.indexOf('-uuid');
  return at < 0 ? null : ((words[at + 1] ?? null) as VmId | null);
}

/** Since the machine started. */
async function ticksOf(pid: string): Promise<number | null> {
  // After the command name in parentheses, which may hold anything, `starttime` is the 20th field.
  const fields = (await text(`/proc/${pid}/stat`)).split(') ').at(-1)?.split(' ') ?? [];
  const ticks = Number(fields[19]);
  return ticks > 0 ? ticks : null;
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
