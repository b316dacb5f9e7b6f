// What operators may ask of a move, on any host.

/** MiB a second. */
export const MOST_BANDWIDTH = 2 ** 20;
/** Milliseconds a VM may be allowed to stand still at its end. */
export const MOST_DOWNTIME = 60_000;
