// The last bulks of the tab, so that their results can be looked at after the list has changed.
import type { VmId } from '#lib/model/ids.ts';
import type { BulkRun } from './run.svelte.ts';

const KEPT = 10;

export class Bulks {
  #runs = $state.raw<readonly BulkRun[]>([]);

  /** Newest first. */
  get runs(): readonly BulkRun[] {
    return this.#runs;
  }

  /** True while a bulk is doing something to this VM: its results say it, so nothing else needs to. */
  carries(vm: VmId): boolean {
    return this.#runs.some(({ items }) => items.some(({ id, status }) => id === vm && status === 'running'));
  }

  /** Whether there are VMs whose turn has not come: only this tab knows of them. */
  get waiting(): boolean {
    return this.#runs.some(({ counts }) => counts.waiting > 0);
  }

  keep(run: BulkRun): BulkRun {
    this.#runs = [run, ...this.#runs].slice(0, KEPT);
    return run;
  }
}
