// Which language the tab speaks: the operator's choice, kept; else the first of the browser's that there is.
import { shell } from '#lib/messages/en-shell.ts';
import {
  LANGUAGES,
  languageFor,
  loadTranslation,
  type LanguageTag,
  type Messages,
  type ShellMessages
} from '#lib/messages/messages.ts';
import type { Speech } from '#lib/ui/language.ts';
import { recall, remember } from './remembered.ts';

export const LANGUAGE_WISHES = ['system', ...LANGUAGES] as const;
export type LanguageWish = (typeof LANGUAGE_WISHES)[number];

export class TabLanguage implements Speech {
  #wish = $state.raw<LanguageWish>(LANGUAGE_WISHES.find((wish) => wish === recall('language')) ?? 'system');
  #tag = $state.raw<LanguageTag>('en');
  #translation = $state.raw<Messages | null>(null);
  #ready = $state.raw(false);

  get wish(): LanguageWish {
    return this.#wish;
  }
  get tag(): LanguageTag {
    return this.#tag;
  }
  get translation(): Messages | null {
    return this.#translation;
  }
  get m(): ShellMessages {
    return this.#translation ?? shell;
  }
  /** Of the pages, too. */
  async allMessages(): Promise<Messages> {
    return this.#translation ?? (await import('#lib/messages/en.ts')).en;
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
      const translation = await loadTranslation(tag);
      if (tag !== this.#wished()) return; // chosen anew meanwhile
      this.#tag = tag;
      this.#translation = translation;
      document.documentElement.lang = tag;
    } catch {
      // Its words could not be fetched: the language spoken so far goes on.
    }
    this.#ready = true;
  }
}
