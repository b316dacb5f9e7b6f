// QEMU before 9.0, where it emulates, loses what a guest writes while its memory is sent for the second time and later: it learns
// which pages were written since the pass before, but not of writes to them that follow, until the emulated TLB forgets the page.
// Found and mended by QEMU’s commit 03bfc2188f06 (“physmem: Fix migration dirty bitmap coherency with TCG memory access”); there
// since aa8dc044772. Measured: docs/decisions/migration.md, “Emulated guests”.
import type { Capability } from '../../../src/lib/model/fleet.ts';

const MENDED = 9;

export const LOST_WRITES =
  'a QEMU before 9.0 that emulates loses what the guest writes while its memory is sent a second time; so it is sent once, and the VM may stand still for 2 s at the end, longer if it writes much';

/**
 * @param type libvirt's, of the domain
 * @param version as hosts tell it: `QEMU 7.2.22`; any other is taken for an old one
 */
export function losesWrites(type: string, version: string): boolean {
  if (type !== 'qemu') return false;
  const major = /^QEMU (\d+)\./.exec(version)?.[1];
  return major === undefined || Number(major) < MENDED;
}

/** What of `known`, which holds for all hosts of a kind, holds with this version. */
export const movesHere = (known: Capability, type: string, version: string): Capability =>
  type === 'qemu' ? { ...known, reason: losesWrites(type, version) ? LOST_WRITES : null } : known;
