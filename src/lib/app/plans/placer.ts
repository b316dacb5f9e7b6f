// Asks schedulers, each in its sandbox, where new VMs should go. Loaded when a page wants it.
import { Fault, isFault } from '#lib/model/fault.ts';
import type { WantedVm } from '#lib/plan/fleet/survey.ts';
import type { Reason } from '#lib/plan/reason.ts';
import type { Sandbox } from '#lib/sandbox/sandbox.ts';
import { placingOf, type Placing } from './placing.ts';
import type { Planning } from './planning.svelte.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';

/** Tried in this order where the operator has not chosen. */
const USUAL = ['min-cost', 'spread'];
const SEED = 1;

export class Placer {
  readonly plugins: Plugins;
  readonly #planning: Planning;
  readonly #say: (reason: Reason) => string;
  /** The one that was asked last; it stays until another one is asked. */
  #open: { readonly id: string; readonly sandbox: Promise<Sandbox> } | null = null;

  /** @param say a reason in words */
  constructor(plugins: Plugins, planning: Planning, say: (reason: Reason) => string) {
    this.plugins = plugins;
    this.#planning = planning;
    this.#say = say;
  }

  /** The scheduler of that id, or the usual one; null when none is in use. */
  scheduler(id: string): string | null {
    const ids = this.plugins.usable.map((plugin) => plugin.id);
    return [id, ...USUAL].find((one) => ids.includes(one)) ?? ids[0] ?? null;
  }

  /** @throws Fault as `Sandbox.rank` and `Plugins.load` */
  async place(id: string, wanted: readonly WantedVm[]): Promise<Placing> {
    try {
      const sandbox = await this.#sandbox(id);
      const plugin = this.plugins.usable.find((one) => one.id === id);
      if (plugin === undefined) throw new Fault('not-found', { kind: 'plugin', id });
      const survey = this.#planning.survey({ wanted });
      const { weights } = this.#planning;
      const first = survey.columns.vms - wanted.length;
      await sandbox.show(survey.columns);
      const vms = Int32Array.from(wanted, (_, at) => first + at);
      const ranking = await sandbox.rank({ vms, config: this.plugins.configOf(plugin), weights, seed: SEED });
      this.plugins.worked(id);
      return placingOf(survey, weights, ranking, plugin.manifest.title, this.#say);
    } catch (thrown) {
      // One that was closed under way, for another or for good, is none the worse for it.
      if (isFault(thrown) && this.#open?.id === id) this.plugins.failed(id, thrown);
      throw thrown;
    }
  }

  close(): void {
    this.#open?.sandbox.then((sandbox) => sandbox.close()).catch(() => undefined);
    this.#open = null;
  }

  async #sandbox(id: string): Promise<Sandbox> {
    if (this.#open?.id !== id) {
      this.close();
      this.#open = { id, sandbox: this.plugins.load(id) };
    }
    const open = this.#open;
    try {
      return await open.sandbox;
    } catch (thrown) {
      // The next question tries anew.
      if (this.#open === open) this.#open = null;
      throw thrown;
    }
  }
}
