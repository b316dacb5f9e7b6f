// The plan of a scheduler that proposes none: what needs a host gets one after another, by its filter and score.
import type { FleetView } from '../../plugin/fleet-view.ts';
import { homeless, movesOf } from '../../plugin/planning.ts';
import type { Intent, Proposal, Scheduler } from '../../plugin/scheduler.ts';
import { Placer } from './placer.ts';

/** @throws Fault `plugin-failed` as `Placer` */
export function placeByScore(scheduler: Scheduler, given: FleetView, intent: Intent): Proposal {
  const fleet = given.copy();
  const leave = new Set(intent.leave);
  const elsewhere: Scheduler = {
    ...scheduler,
    filter: (vm, host, view, asked) =>
      leave.has(host) ? 'the host is to be emptied' : (scheduler.filter?.(vm, host, view, asked) ?? true)
  };
  const placer = new Placer(elsewhere, fleet, intent);
  let none = 0;
  for (const vm of homeless(fleet, intent)) {
    if (intent.elapsed() >= intent.budget) break;
    if (placer.place(vm) < 0) none += 1;
  }
  return { moves: movesOf(fleet), ...(none === 0 ? {} : { note: `${none} VMs find no host` }) };
}
