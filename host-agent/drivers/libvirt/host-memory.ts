// Whether the host has memory left for a guest: asked before something is started or given more.
import { readFile } from 'node:fs/promises';
import type { LibvirtHost } from './host.ts';
import { refuse } from './refusal.ts';

/** Refuses `no-space` when the host has not `need` KiB left. Where that cannot be known, nothing is refused. */
export async function demandMemory(host: LibvirtHost, need: number): Promise<void> {
  if (need <= 0) return;
  const free = await freeMemory(host);
  if (free === null || need <= free) return;
  const mib = (kib: number): string => `${Math.floor(kib / 1024)} MiB`;
  refuse('no-space', { where: 'the memory of the host', need: mib(need), free: mib(free) });
}

/** KiB that can be had without swapping, on Xen what no domain has; null when the host does not say. */
async function freeMemory(host: LibvirtHost): Promise<number | null> {
  // What /proc says in domain 0 is that domain's own.
  if (host.xen) return parseFreecell((await host.virsh.read(['freecell']))[0] ?? '');
  if (host.local) {
    const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
    const match = /^MemAvailable:\s+(\d+) kB$/m.exec(text);
    return match === null ? null : Number(match[1]);
  }
  const [text = ''] = await host.virsh.read(['nodememstats']);
  const figure = (name: string): number | null => {
    const match = new RegExp(`^${name}\\s*:\\s+(\\d+) KiB`, 'm').exec(text);
    return match === null ? null : Number(match[1]);
  };
  const free = figure('free');
  return free === null ? null : free + (figure('buffers') ?? 0) + (figure('cached') ?? 0);
}

/** KiB of all cells, of what `freecell` prints; null when it is no answer. */
export function parseFreecell(text: string): number | null {
  const match = /^Total: +(\d{1,15}) KiB$/m.exec(text);
  return match === null ? null : Number(match[1]);
}
