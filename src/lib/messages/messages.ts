// What the tab says, in every language it speaks: one file per area and language, typed by the English one.
import type { en } from './en.ts';
import type { shell } from './en-shell.ts';
import type { Same } from './same.ts';

export type Messages = Same<typeof en>;
/** What is there from the first view on; the other areas come with the pages that show them. */
export type ShellMessages = Pick<Messages, keyof typeof shell>;

/** Something that can be said in any language, whenever it is shown. */
export type Sentence = (m: ShellMessages) => string;

export const LANGUAGES = ['en', 'zh-CN'] as const;
/** BCP 47. */
export type LanguageTag = (typeof LANGUAGES)[number];
/** Each in its own words, for those who read no other. */
export const LANGUAGE_NAMES: Readonly<Record<LanguageTag, string>> = { en: 'English', 'zh-CN': '简体中文' };

/** All of them in another language than English, whose words come with the code that shows them. */
export const loadTranslation = async (tag: LanguageTag): Promise<Messages | null> =>
  tag === 'en' ? null : (await import('./zh.ts')).zh;

/** The first of the reader's languages (`navigator.languages`) that there is; English when there is none. */
export function languageFor(wished: readonly string[]): LanguageTag {
  for (const wish of wished) {
    const primary = wish.toLowerCase().split('-', 1)[0];
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'en') return 'en';
  }
  return 'en';
}
