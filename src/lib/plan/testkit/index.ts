// What plugin authors test with: published as `smps-vmm/plugin/testkit`.
export { aFleet } from './a-fleet.ts';
export type { FleetShape } from './a-fleet.ts';
export { testScheduler } from './test-scheduler.ts';
export type { Finding, TestOptions } from './test-scheduler.ts';
