// Which language the tab speaks: the operator's choice, kept; else the first of the browser's that there is.
import { en } from '#lib/messages/en.ts';
import { LANGUAGES, languageFor, loadMessages, type LanguageTag, type Messages } from '#lib/messages/messages.ts';
import type { Language } from '#lib/ui/language.ts';
import { recall, remember } from './remembered.ts';

export class TabLanguage implements Language {
  #tag = $state.raw<LanguageTag>('en');
  #m = $state.raw<Messages>(en);

  get tag(): LanguageTag {
    return this.#tag;
  }
  get m(): Messages {
    return this.#m;
  }

  /** Takes up the kept or the browser's language. */
  async start(): Promise<void> {
    const kept = recall('language');
    await this.#speak(LANGUAGES.find((tag) => tag === kept) ?? languageFor(navigator.languages));
  }

  async choose(tag: LanguageTag): Promise<void> {
    remember('language', tag);
    await this.#speak(tag);
  }

  async #speak(tag: LanguageTag): Promise<void> {
    const messages = await loadMessages(tag);
    this.#tag = tag;
    this.#m = messages;
    document.documentElement.lang = tag;
  }
}
