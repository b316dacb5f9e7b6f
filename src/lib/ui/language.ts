// The language the tab speaks, for every component: provided by the root layout, English where nobody provides one.
import { getContext, hasContext, setContext } from 'svelte';
import { en } from '#lib/messages/en.ts';
import type { LanguageTag, Messages } from '#lib/messages/messages.ts';

/** `m` changes when the operator chooses another language: read it where it is shown, do not keep it. */
export type Language = { readonly tag: LanguageTag; readonly m: Messages };

const KEY = Symbol('language');
const ENGLISH: Language = { tag: 'en', m: en };

export const provideLanguage = (language: Language): Language => setContext(KEY, language);
/** To be called while a component is set up: `const language = useLanguage()`, then `{language.m.common.close}`. */
export const useLanguage = (): Language => (hasContext(KEY) ? getContext<Language>(KEY) : ENGLISH);
