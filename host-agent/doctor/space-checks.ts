// Room where the agent and libvirt write: state, pools, images.
import { access, constants, statfs } from 'node:fs/promises';
import { connection } from '../drivers/libvirt/virsh.ts';
import { ask } from './ask.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import type { ResourceProbe } from './storage-checks.ts';

export type Room = {
  /** For people: “state /var/lib/smps-agent”. */
  readonly what: string;
  /** Bytes. */
  readonly total: number;
  readonly free: number;
  /** Share of inodes that are free, 0 to 1; null where there is no such number. */
  readonly inodes: number | null;
  readonly writable: boolean;
};

/** Room under a directory; null: it is not there. @param written whether whoever looks writes there */
export async function probeRoom(what: string, path: string, written: boolean): Promise<Room | null> {
  const found = await statfs(path).catch(() => null);
  if (found === null) return null;
  const { bsize, blocks, bavail, files, ffree } = found;
  const writable =
    !written ||
    (await access(path, constants.W_OK).then(
      () => true,
      () => false
    ));
  return {
    what: `${what} ${path}`,
    total: blocks * bsize,
    free: bavail * bsize,
    inodes: files === 0 ? null : ffree / files,
    writable
  };
}

/** Room in each active pool, as libvirt counts it. */
export async function probePoolRoom(pools: ResourceProbe, uri: string, program = 'virsh'): Promise<readonly Room[]> {
  const rooms: Room[] = [];
  for (const { name } of (pools ?? []).filter(({ active }) => active)) {
    const { out } = await ask(program, [...connection(uri), 'pool-info', name, '--bytes']);
    const bytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d{1,18})$`, 'm').exec(out)?.[1] ?? NaN);
    const [total, free] = [bytes('Capacity'), bytes('Available')];
    if (!Number.isNaN(total) && !Number.isNaN(free))
      rooms.push({ what: `pool ${name}`, total, free, inodes: null, writable: true });
  }
  return rooms;
}

/** Bytes. The journal and the load history of a host take tens of MiB. */
const STATE_NEEDS = 64 * 2 ** 20;
const LOW = 0.1;

export function judgeSpace(rooms: readonly Room[]): readonly Finding[] {
  const found = rooms.flatMap(judge);
  if (found.length > 0 || rooms.length === 0) return found;
  return [ok('space', rooms.map(({ what, free }) => `${what}: ${size(free)} free`).join('; '))];
}

function judge({ what, total, free, inodes, writable }: Room): readonly Finding[] {
  if (!writable)
    return [
      fail(
        'space',
        `${what} cannot be written`,
        'make it this user’s own, and see whether its file system is mounted read-only (dmesg)'
      )
    ];
  const left = `${what} has ${size(free)} of ${size(total)} free`;
  const advice = 'free some: old volumes, images, backups; or give it a larger file system';
  if (what.startsWith('state') && free < STATE_NEEDS) {
    return [fail('space', `${left}: without its journal the agent carries out nothing`, advice)];
  }
  if (inodes !== null && inodes < LOW / 10) return [warn('space', `${what} has hardly any inodes left`, advice)];
  return total > 0 && free / total < LOW ? [warn('space', left, advice)] : [];
}

function size(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return mib < 10_240 ? `${Math.floor(mib)} MiB` : `${Math.floor(mib / 1024)} GiB`;
}
