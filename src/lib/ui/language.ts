// The language the tab speaks, for every component: provided by the root layout, English where nobody provides one.
// This one has the words of the shell; pages and what only they show take `useLanguage` of `page-language.ts`, which has all.
import { getContext, hasContext, setContext } from 'svelte';
import { shell } from '#lib/messages/en-shell.ts';
import type { LanguageTag, Messages } from '#lib/messages/messages.ts';

/** `translation` is null for English. */
export type Speech = { readonly tag: LanguageTag; readonly translation: Messages | null };
/** `m` changes when the operator chooses another language: read it where it is shown, do not keep it. */
export type Language<Area extends keyof Messages> = { readonly tag: LanguageTag; readonly m: Pick<Messages, Area> };

const KEY = Symbol('language');
const ENGLISH: Speech = { tag: 'en', translation: null };

export const provideLanguage = (speech: Speech): Speech => setContext(KEY, speech);

/** @returns a `useLanguage` that speaks `english` where there is no translation */
export const languageOver =
  <Area extends keyof Messages>(english: Pick<Messages, Area>) =>
  (): Language<Area> => {
    const speech = hasContext(KEY) ? getContext<Speech>(KEY) : ENGLISH;
    return {
      get tag() {
        return speech.tag;
      },
      get m() {
        return speech.translation ?? english;
      }
    };
  };

/** To be called while a component is set up: `const language = useLanguage()`, then `{language.m.common.close}`. */
export const useLanguage = languageOver(shell);
