// What plugins call themselves and say, in the language of the tab.
import { inLanguage, saidIn } from '#lib/plugin/locales.ts';
import type { KeptPlugin } from './store.ts';

/** What a scheduler answered, its title and note as a reader of that language gets them; as kept where the plugin is gone. */
export function answerIn<Answer extends { readonly scheduler: string; readonly title: string; readonly note: string }>(
  answer: Answer,
  plugins: readonly KeptPlugin[],
  tag: string
): Answer {
  const manifest = plugins.find(({ id }) => id === answer.scheduler)?.manifest;
  if (manifest === undefined) return answer;
  return { ...answer, title: inLanguage(manifest, tag).title, note: saidIn(manifest, tag, answer.note) };
}

/** The title of a plugin; its id where there is none. */
export function pluginTitle(id: string, plugins: readonly KeptPlugin[], tag: string): string {
  const manifest = plugins.find((plugin) => plugin.id === id)?.manifest;
  return manifest === undefined ? id : inLanguage(manifest, tag).title;
}
