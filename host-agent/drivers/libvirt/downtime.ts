// How long a VM may stand still at the end of its move. QEMU sends the rest of the memory with the VM stopped once it expects that
// to fit; asked for little it makes another pass instead. A VM that writes faster than that gets more, as oVirt and Nova do it.

/** Milliseconds. Passes over an idle guest's memory end below it; what the hypervisors tell each other takes longer. */
const SHORTEST_DOWNTIME = 30;
/** Milliseconds: QEMU's own. */
export const LONGEST_DOWNTIME = 300;
/** Over all memory, over what was written meanwhile, over what was written during that. */
const PATIENT_PASSES = 3;

/**
 * Milliseconds the VM may stand still, for `virsh migrate-setmaxdowntime`.
 * @param pass the present one over its memory, from 1; null: none yet
 */
export const maxDowntime = (pass: number | null): number =>
  Math.min(LONGEST_DOWNTIME, SHORTEST_DOWNTIME * 2 ** Math.max(0, (pass ?? 1) - PATIENT_PASSES));
