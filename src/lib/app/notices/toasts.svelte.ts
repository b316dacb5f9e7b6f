// Short notices of what the operator did not just do: a host lost or back, a long task's end. They go by themselves,
// except bad ones.
import type { Sentence } from '#lib/messages/messages.ts';
import type { Tone } from '#lib/ui/signs/state-sign.ts';

export type Toast = {
  readonly id: number;
  readonly say: Sentence;
  readonly tone: Tone;
  readonly about: string | null;
};
const SHOWN = 4;
const TIME = 6000;

export class Toasts {
  #list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  get list(): readonly Toast[] {
    return this.#list;
  }

  /** @param about one of the same takes the place of the one before; null: it stands by itself */
  show(say: Sentence, tone: Tone, about: string | null = null): void {
    const id = this.#next++;
    const others = this.#list.filter((toast) => about === null || toast.about !== about);
    this.#list = [...others, { id, say, tone, about }].slice(-SHOWN);
    if (tone !== 'bad') setTimeout(() => this.dismiss(id), TIME);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }
}
