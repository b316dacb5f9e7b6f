// How long a VM may stand still at the end of its move. QEMU sends the rest of the memory with the VM stopped once it expects that
// to fit; asked for little it makes another pass instead. A VM that writes faster than that gets more, as oVirt and Nova do it.

/** Milliseconds. Passes over an idle guest's memory end below it; what the hypervisors tell each other takes longer. */
const SHORTEST = 30;
/** Milliseconds: QEMU's own, where nobody asks for another. */
export const QEMU_DOWNTIME = 300;
/** Over all memory, over what was written meanwhile, over what was written during that. */
const PATIENT_PASSES = 3;

/** Milliseconds in which what an emulated guest writes during one pass can mostly be sent. */
const ONE_PASS = 2_000;
/** Milliseconds: so that no pass follows. */
const NO_FURTHER_PASS = 60_000;

/**
 * Milliseconds the VM may stand still, for `virsh migrate-setmaxdowntime`.
 * @param pass the present one over its memory, from 1; null: none yet
 */
export type Downtime = (pass: number | null) => number;

/**
 * @param asked by the operator, in milliseconds; null: nothing
 * @param loses whether what the guest writes during further passes may be lost (lost-writes.ts)
 */
export function downtimeOf(asked: number | null, loses: boolean): Downtime {
  if (asked !== null) return () => asked;
  if (loses) return (pass) => (pass === null || pass < 2 ? ONE_PASS : NO_FURTHER_PASS);
  return (pass) => Math.min(QEMU_DOWNTIME, SHORTEST * 2 ** Math.max(0, (pass ?? 1) - PATIENT_PASSES));
}
