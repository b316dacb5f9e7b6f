// What plans are made on: loads to be expected, the operator's weights and settings, and the fleet as columns. Loaded when a page
// wants plans.
import type { Fleet } from '#lib/model/fleet.ts';
import type { PlanSettings } from '#lib/plan/fleet/settings.ts';
import { SurveyBook } from '#lib/plan/fleet/survey-book.ts';
import type { Asked, Survey } from '#lib/plan/fleet/survey.ts';
import type { Weights } from '#lib/plugin/weights.ts';
import { printPlanning, readPlanning, type KeptPlanning } from './kept-planning.ts';
import type { Planner } from './planner.svelte.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';
import { openOnce } from '../open-once.ts';
import { recall, remember } from '../remembered.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

/** Ms between two looks at the loads: as often as hosts keep them. */
const LOOK = 10_000;

export class Planning {
  /** Kept over reloads. */
  #kept = $state.raw<KeptPlanning>(readPlanning(recall('planning')));
  readonly #plugins = openOnce(async () => (await import('../plugins/plugins.svelte.ts')).Plugins.open());
  readonly #planner = openOnce(async () => {
    const [{ Planner }, plugins] = await Promise.all([import('./planner.svelte.ts'), this.plugins]);
    return Planner.open(this, plugins, this.#fleet, this.#tasks);
  });
  readonly #book = new SurveyBook();
  readonly #fleet: () => Fleet;
  readonly #tasks: Tasks;

  /** @param fleet as it is shown at this moment. @param tasks steps of plans become */
  constructor(fleet: () => Fleet, tasks: Tasks) {
    this.#fleet = fleet;
    this.#tasks = tasks;
  }

  /** Follows the loads until the answered function is called. */
  start(): () => void {
    const look = (): void => {
      this.#book.observe(this.#fleet());
    };
    look();
    const timer = setInterval(look, LOOK);
    return () => {
      clearInterval(timer);
    };
  }

  get weights(): Weights {
    return this.#kept.weights;
  }
  set weights(weights: Weights) {
    this.#keep({ ...this.#kept, weights });
  }

  get settings(): PlanSettings {
    return this.#kept.settings;
  }
  set settings(settings: PlanSettings) {
    this.#keep({ ...this.#kept, settings });
  }

  /** The fleet as it is now, for a plugin to be shown. */
  survey(asked: Omit<Asked, 'at'> = {}): Survey {
    return this.#book.survey(this.#fleet(), this.settings, { ...asked, at: Date.now() });
  }

  /** Opened when first asked for, with the sandbox they run in. */
  get plugins(): Promise<Plugins> {
    return this.#plugins();
  }

  /** The plans of this browser, opened when first asked for. */
  get planner(): Promise<Planner> {
    return this.#planner();
  }

  #keep(kept: KeptPlanning): void {
    this.#kept = kept;
    remember('planning', printPlanning(kept));
  }
}
