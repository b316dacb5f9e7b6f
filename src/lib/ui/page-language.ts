// As `language.ts`, with every word: for pages and for what only they show. The shell must not import it.
import { en } from '#lib/messages/en.ts';
import { languageOver } from './language.ts';

export const useLanguage = languageOver(en);
