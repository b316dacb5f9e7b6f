// Surveys of a fleet that is looked at again and again: each is made of the one before and of the hosts that changed since.
import type { Fleet, Host } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';
import { columnsOfFleet, lookAfter, surveyOf } from './columns-of-fleet.ts';
import type { Look } from './columns-of-fleet.ts';
import { ExpectedLoad } from './expected-load.ts';
import type { PlanSettings } from './settings.ts';
import type { Asked, Survey } from './survey.ts';

const NO_RESIZES = new Map<never, never>();
const NO_STARTS = new Set<never>();

export class SurveyBook {
  readonly #expected = new ExpectedLoad();
  #last: { readonly look: Look; readonly settings: PlanSettings } | null = null;
  /** VMs of which something else is expected than in the last look. */
  readonly #stale = new Set<VmId>();

  /** Takes in the loads of a fleet, which is no older than those before. */
  observe(fleet: Fleet): void {
    for (const vm of this.#expected.observe(fleet)) this.#stale.add(vm);
  }

  /** As `columnsOfFleet` of all that was observed. Columns that were answered before stay as they are. */
  survey(fleet: Fleet, settings: PlanSettings, asked: Asked): Survey {
    this.observe(fleet);
    // Rare, and of no use to the next one.
    if ((asked.resizes ?? []).length + (asked.starts ?? []).length > 0)
      return columnsOfFleet(fleet, this.#expected, settings, asked);
    const before = this.#last !== null && sameSettings(this.#last.settings, settings) ? this.#last.look : null;
    const basis = { expected: this.#expected, settings, resizes: NO_RESIZES, starts: NO_STARTS };
    const look = lookAfter(before, fleet, basis, asked.wanted ?? [], (host) => this.#isStale(host));
    this.#last = { look, settings };
    this.#stale.clear();
    return surveyOf(look, asked);
  }

  #isStale({ vms }: Host): boolean {
    if (this.#stale.size === 0) return false;
    for (const vm of vms.keys()) if (this.#stale.has(vm)) return true;
    return false;
  }
}

function sameSettings(one: PlanSettings, other: PlanSettings): boolean {
  const { safety, ...rest } = one;
  return same(safety, other.safety) && same(rest, other);
}

/** Of all values of the first. */
const same = <Values extends object>(one: Partial<Values>, other: Values): boolean =>
  (Object.keys(one) as (keyof Values)[]).every((key) => one[key] === other[key]);
