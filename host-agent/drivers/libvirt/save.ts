// A VM's memory to the disk of its host and back: libvirt's managed save. What cannot be saved runs on; what cannot be restored stays
// saved, for libvirt removes its file only once the VM runs.
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import { cancelledBy } from '../control.ts';
import type { Control } from '../control.ts';
import type { Domain } from './domains.ts';
import { figure } from './domstats.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { MigrationJob } from './job-info.ts';
import { demandWanted, refuse } from './refusal.ts';
import { VirshError } from './virsh.ts';

/** A TiB on a slow disk. */
export const LONG = { timeout: 6 * 3_600_000, beside: true } as const;
const LOOK_EVERY = 500;

export async function save(host: LibvirtHost, domain: Domain, control: Control): Promise<Effect> {
  const { id } = domain;
  const { signal, progress } = control;
  demandWanted(signal);
  await demandRoom(host, domain);
  progress('saving');
  const over = new AbortController();
  const following = host.xen ? null : follow(host, domain, control, over.signal);
  try {
    await host.virsh.change(['managedsave', id], LONG);
  } catch (error) {
    over.abort();
    await following;
    if (signal.aborted && error instanceof VirshError) refuse('cancelled', cancelledBy(signal, await left(host, id)));
    if (error instanceof VirshError && /No space left/.test(error.message)) {
      refuse('no-space', { where: 'the disk of the host where memory is saved', need: '', free: '' });
    }
    if (host.xen && error instanceof VirshError && /Failed to save domain/.test(error.message)) {
      refuse('unsupported', {
        what: 'saving this VM now',
        reason:
          'Xen could not; its guest has to take part, and one that still boots, hangs or has no drivers for Xen does not',
        instead: 'try again once it is up, and see that the host’s disk is not full'
      });
    }
    throw error;
  } finally {
    over.abort();
    await following;
  }
  host.saved.note(id);
  const state = (await host.domains.get(id))?.state ?? 'off';
  return effectNow(
    'power',
    'saved',
    { text: state, by: 'hypervisor' },
    signal.aborted ? 'it was too late to cancel' : null
  );
}

/**
 * Whether it runs since it was restored: libvirt boots a VM whose saved file is gone, or (QEMU) was never written to its end. Its Xen
 * driver calls every VM booted. @param kept whether the file was there; null where that is not known
 */
export async function isRestored(host: LibvirtHost, id: VmId, kept: boolean | null): Promise<boolean> {
  if (host.xen) return kept !== false;
  const [state = ''] = await host.virsh.read([`domstate --reason ${id}`]);
  return !state.includes('(booted)');
}

/** Leaves it off. libvirt looks for its file only when it starts the VM, and until then cannot be told that there is none. */
export async function discard(host: LibvirtHost, id: VmId): Promise<void> {
  try {
    await host.virsh.change(['managedsave-remove', id]);
  } catch (error) {
    if (!(error instanceof VirshError) || !/No such file/.test(error.message)) throw error;
    refuse('unsupported', {
      what: 'discarding what was saved',
      reason: 'its file is gone from the disk of the host, which libvirt does not know',
      instead: 'start it: it boots anew'
    });
  }
}

/** Tells how far it is, and has it aborted when that is wanted, until it is over. */
async function follow(
  host: LibvirtHost,
  { id, live }: Domain,
  { signal, progress }: Control,
  over: AbortSignal
): Promise<void> {
  const job = new MigrationJob(bytes((live?.memoryCurrent ?? 0) * 1024));
  while (!over.aborted) {
    if (signal.aborted) await host.virsh.change(['domjobabort', id]).catch(() => null);
    const [text = ''] = await host.virsh.read([`domjobinfo ${id} --rawstats`]).catch(() => ['']);
    const far = job.read(text, performance.now());
    if (far !== null) progress('saving', far.share, { remaining: far.remaining, rate: far.rate, pass: null });
    const wake = signal.aborted ? over : AbortSignal.any([over, signal]);
    await pause(LOOK_EVERY, undefined, { signal: wake }).catch(() => null);
  }
}

/** libvirt lets a VM go on whose saving was aborted. @returns what is not as it was */
async function left(host: LibvirtHost, id: VmId): Promise<string> {
  host.domains.forget(id);
  const state = (await host.domains.get(id))?.state ?? 'off';
  return state === 'running' ? '' : `the VM is ${state}`;
}

/** Of a directory that libvirt may be yet to make. */
async function diskOf(directory: string): Promise<StatsFs | null> {
  const disk = await statfs(directory).catch(() => null);
  return disk !== null || dirname(directory) === directory ? disk : diskOf(dirname(directory));
}

/** Where the disk is this machine's: that it has room for what the VM may have in use. */
async function demandRoom(host: LibvirtHost, { live, figures }: Domain): Promise<void> {
  const { directory } = host.saved;
  const disk = directory === null ? null : await diskOf(directory);
  if (disk === null) return;
  const given = figure(figures, 'balloon.current') ?? live?.memoryCurrent ?? 0;
  // What the guest never touched QEMU has not, and does not write.
  const need = 1024 * Math.min(given, figure(figures, 'balloon.rss') ?? given);
  const free = disk.bavail * disk.bsize;
  const mib = (size: number): string => `${Math.ceil(size / 2 ** 20)} MiB`;
  if (need > free) {
    refuse('no-space', { where: 'the disk of the host where memory is saved', need: mib(need), free: mib(free) });
  }
}
