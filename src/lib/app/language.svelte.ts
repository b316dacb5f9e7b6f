// Which language the tab speaks: the operator's choice, kept; else the first of the browser's that there is.
import { en } from '#lib/messages/en.ts';
import { LANGUAGES, languageFor, loadMessages, type LanguageTag, type Messages } from '#lib/messages/messages.ts';
import type { Language } from '#lib/ui/language.ts';
import { recall, remember } from './remembered.ts';

export const LANGUAGE_WISHES = ['system', ...LANGUAGES] as const;
export type LanguageWish = (typeof LANGUAGE_WISHES)[number];

export class TabLanguage implements Language {
  #wish = $state.raw<LanguageWish>(LANGUAGE_WISHES.find((wish) => wish === recall('language')) ?? 'system');
  #tag = $state.raw<LanguageTag>('en');
  #m = $state.raw<Messages>(en);
  #ready = $state.raw(false);

  get wish(): LanguageWish {
    return this.#wish;
  }
  get tag(): LanguageTag {
    return this.#tag;
  }
  get m(): Messages {
    return this.#m;
  }
  /** False until the first words can be shown: nobody shall see them change language. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Takes up the wish, and the browser's own changes until the returned function is called. */
  start(): () => void {
    const speak = (): void => void this.#speak();
    speak();
    window.addEventListener('languagechange', speak);
    return () => window.removeEventListener('languagechange', speak);
  }

  async choose(wish: LanguageWish): Promise<void> {
    this.#wish = wish;
    remember('language', wish);
    await this.#speak();
  }

  #wished(): LanguageTag {
    return this.#wish === 'system' ? languageFor(navigator.languages) : this.#wish;
  }

  async #speak(): Promise<void> {
    const tag = this.#wished();
    try {
      const messages = await loadMessages(tag);
      if (tag !== this.#wished()) return; // chosen anew meanwhile
      this.#tag = tag;
      this.#m = messages;
      document.documentElement.lang = tag;
    } catch {
      // Its words could not be fetched: the language spoken so far goes on.
    }
    this.#ready = true;
  }
}
