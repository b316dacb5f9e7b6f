// Short notices of what the operator did not just do: a host lost or back, a long task's end. They go by themselves,
// except bad ones.
import type { Tone } from '#lib/ui/signs/state-sign.ts';

export type Toast = { readonly id: number; readonly text: string; readonly tone: Tone };
const SHOWN = 4;
const TIME = 6000;

export class Toasts {
  #list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  get list(): readonly Toast[] {
    return this.#list;
  }

  show(text: string, tone: Tone): void {
    const id = this.#next++;
    this.#list = [...this.#list, { id, text, tone }].slice(-SHOWN);
    if (tone !== 'bad') setTimeout(() => this.dismiss(id), TIME);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }
}
