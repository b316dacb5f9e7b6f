// Steps as they were shown, so that approving a plan does not change its figures. Pure.
import type { PlannedStep } from './planned-step.ts';

/** What is done: all of a step but what is only estimated, and its order, which follows from the estimates. */
const deedOf = ({ kind, vm, from, host, vcpus, memory, wasVcpus, wasMemory, share, detour }: PlannedStep): string =>
  JSON.stringify([kind, vm, from, host, vcpus, memory, wasVcpus, wasMemory, share, detour]);

const deedsOf = (steps: readonly PlannedStep[]): string => steps.map(deedOf).sort().join('\n');

/**
 * What guests write and use changes estimates all the time, and makes no other plan.
 * @param shown reckoned on the fleet that the plan was made on. @param now reckoned on the newest
 * @returns those shown, unless on the newest fleet something else has to be done
 */
export const asShown = (shown: readonly PlannedStep[], now: readonly PlannedStep[]): readonly PlannedStep[] =>
  deedsOf(shown) === deedsOf(now) ? shown : now;
