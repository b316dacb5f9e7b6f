// A volume copied by the hypervisor, at its own pace: how far it is can be asked, and it can be given up. libvirtd goes on
// copying for a client that is gone, so giving up means ending the copying program too, and removing what there is of it.
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { sizeOf } from './domain-xml.ts';
import type { LibvirtHost } from './host.ts';
import { demandWanted, refuse } from './refusal.ts';
import type { VolumeFacts } from './storage.ts';
import { INPUT, quote, Virsh, VirshError } from './virsh.ts';
import { element, find, printElement, readElement } from './xml.ts';

const LOOK_EVERY = 700;
const KILL_EVERY = 50;
/** Large disks on slow ones. */
const TIMEOUT = 24 * 3_600_000;
const LET_GO = { first: 200, longest: 5_000 };

export type Copy = {
  readonly from: VolumeFacts;
  readonly pool: string;
  readonly name: string;
};

/**
 * Makes the new volume, with a format like the old one's and no tie to it. Half a copy is never left.
 * @param tell how much of it is done, 0 to 1; null where that cannot be known
 */
export async function copyVolume(
  host: LibvirtHost,
  { from, pool, name }: Copy,
  signal: AbortSignal,
  tell: (share: number | null) => void
): Promise<void> {
  demandWanted(signal);
  // A virsh of its own: copies must not take the place of what is quick.
  const copier = new Virsh(host.config.uri, host.config.virsh);
  let killing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    // It may be about to start.
    killing = setInterval(() => copier.close(), KILL_EVERY);
  };
  const over = new AbortController();
  signal.addEventListener('abort', stop, { once: true });
  host.copiers.add(copier);
  const watching = watch(host, { from, pool, name }, tell, over.signal);
  const input = printElement(
    element(
      'volume',
      {},
      element('name', {}, name),
      element('capacity', { unit: 'bytes' }, String(from.capacity)),
      element('target', {}, element('format', { type: from.format }))
    )
  );
  try {
    await copier.change(['vol-create-from', pool, INPUT, from.name, '--inputpool', pool], { input, timeout: TIMEOUT });
  } catch (error) {
    await abandon(host, pool, name);
    demandWanted(signal);
    if (error instanceof VirshError && /No space left|File too large/.test(error.message)) {
      refuse('no-space', { where: `pool ${pool}`, need: '', free: '' });
    }
    throw error;
  } finally {
    clearInterval(killing);
    over.abort();
    await watching;
    signal.removeEventListener('abort', stop);
    host.copiers.delete(copier);
    host.storage.forget();
  }
}

/** Asks how large the copy has become, until it is over. */
async function watch(
  host: LibvirtHost,
  { from, pool, name }: Copy,
  tell: (share: number | null) => void,
  over: AbortSignal
): Promise<void> {
  const ask = async (volume: string): Promise<{ allocation: number | null; backed: boolean }> => {
    const [text = ''] = await host.virsh.read([`vol-dumpxml --pool ${quote(pool)} --vol ${quote(volume)}`]);
    const root = readElement(text);
    return {
      allocation: sizeOf(find(root, 'allocation'), 'bytes'),
      backed: find(root, 'backingStore', 'path') !== null
    };
  };
  tell(null);
  try {
    // What lies below a volume is copied with it, and nobody knows how much of it that is.
    const { allocation, backed } = await ask(from.name);
    const total = backed ? 0 : (allocation ?? 0);
    while (total > 0) {
      await pause(LOOK_EVERY, undefined, { signal: over });
      const copied = (await ask(name).catch(() => null))?.allocation ?? null;
      if (copied !== null) tell(Math.min(1, copied / total));
    }
  } catch {
    // It is over, or nothing can be known.
  }
}

/** Removes a volume that may still be written, once it no longer is. */
export async function abandon(host: LibvirtHost, pool: string, name: string): Promise<void> {
  const path = (await host.storage.pools()).find((each) => each.name === pool)?.path ?? null;
  let missing = 0;
  for (let wait = LET_GO.first; missing < 2; wait = Math.min(LET_GO.longest, wait * 2)) {
    if (host.local && path !== null) await endCopier(`${path}/${name}`);
    try {
      await host.storage.remove(pool, name);
      return;
    } catch (error) {
      if (!(error instanceof VirshError)) throw error;
      // What was asked for a moment ago may yet appear.
      if (/not found|no storage vol/i.test(error.message)) missing++;
      else if (!/still being allocated|in use/i.test(error.message)) throw error;
    }
    await pause(wait);
  }
}

/** Ends the program that writes this file, and no other. */
async function endCopier(path: string): Promise<void> {
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').slice(0, -1);
    if (!/(^|\/)qemu-img$/.test(words[0] ?? '') || words[1] !== 'convert' || words.at(-1) !== path) continue;
    try {
      process.kill(Number(pid), 'SIGTERM');
    } catch {
      // It has ended, or is not ours to end: then its end is waited for.
    }
  }
}
