// A host's journal is a hash chain that only grows. Every client keeps where it saw it stand; a journal that is shorter
// or has another past was rolled back or rewritten (docs/WIRE.md, Journal).
import { Fault } from '../model/fault.ts';
import type { JournalHead } from '../model/fleet.ts';
import type { HostId } from '../model/ids.ts';

const show = ({ number, hash }: JournalHead): string => `entry ${number}, ${hash.slice(0, 12)}`;

/**
 * The head to keep from now on.
 * @param kept what was last seen; null: anything is believed
 * @param keptHash the hash the host's chain has at `kept.number`, when the host was asked for it; null: it has none
 * @throws Fault `rollback` when the host no longer has the past that was seen
 */
export function followJournal(
  host: HostId,
  kept: JournalHead | null,
  offered: JournalHead,
  keptHash: string | null
): JournalHead {
  const head: JournalHead = { number: offered.number, hash: offered.hash };
  if (!kept) return head;
  const there = offered.number === kept.number ? offered.hash : keptHash;
  if (offered.number < kept.number || there !== kept.hash) {
    throw new Fault('rollback', { host, kept: show(kept), offered: show(head) });
  }
  return head;
}

/**
 * The same for a head announced on a link that has proven its past: it can only have grown, and an older one that was
 * overtaken on its way says nothing.
 * @throws Fault `rollback` for the same number with another hash
 */
export function advanceJournal(host: HostId, kept: JournalHead | null, offered: JournalHead): JournalHead {
  if (kept && offered.number < kept.number) return kept;
  return followJournal(host, kept, offered, kept?.hash ?? null);
}
