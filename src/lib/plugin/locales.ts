// A manifest's words in other languages than its own, and which of them a reader gets.
import type { ConfigSchema, Manifest, Setting } from './manifest.ts';
import { MAX_DESCRIPTION, MAX_TEXT, MAX_TITLE, bad, record, text, textIfAny } from './reading.ts';

/** A setting's words in another language; what is left out is said as the setting says it. */
export type SettingWords = {
  readonly title?: string;
  readonly description?: string;
  /** How its choices are called, by choice. */
  readonly choices?: Readonly<Record<string, string>>;
};

/** A manifest's words in another language; what is left out is said as the manifest says it. */
export type LocaleWords = {
  readonly title?: string;
  readonly description?: string;
  /** By name of the setting. */
  readonly config?: Settings;
  /**
   * What `filter` and `propose` say, by how they say it. `{1}` stands for the first number in it, `{2}` for the second:
   * `'{1} VMs stay': '{1} 台虚拟机留下'`.
   */
  readonly texts?: Readonly<Record<string, string>>;
};

type Settings = Readonly<Record<string, SettingWords>>;

const MAX_LOCALES = 40;
const MAX_TEXTS = 200;
/** Of a language tag; those of RFC 5646 without extensions and private use have no more. */
const MAX_TAG = 35;
const NUMBER = /\d+(?:\.\d+)?/g;
const SLOT = /\{(\d{1,2})\}/g;

/**
 * @param config what the manifest lets be set: words of anything else are refused
 * @returns tags as BCP 47 spells them
 * @throws Fault `bad-plugin`
 */
export function parseLocales(said: unknown, config: ConfigSchema | undefined): Readonly<Record<string, LocaleWords>> {
  const entries = Object.entries(record(said, 'manifest.locales', null));
  if (entries.length > MAX_LOCALES) throw bad('manifest.locales', `has more than ${MAX_LOCALES} languages`);
  const read = new Map<string, LocaleWords>();
  for (const [given, words] of entries) {
    const where = `manifest.locales.${given.slice(0, MAX_TAG)}`;
    const tag = languageTag(given);
    if (tag === null) throw bad(where, 'must be a language tag, as zh or pt-BR');
    if (read.has(tag)) throw bad(where, `is there twice: ${tag}`);
    read.set(tag, parseWords(words, where, config));
  }
  return Object.fromEntries(read);
}

/** The manifest as a reader of that language gets it, in its own words where it has none in this language. @param tag BCP 47 */
export function inLanguage(manifest: Manifest, tag: string): Manifest {
  const words = wordsIn(manifest, tag);
  if (words === null) return manifest;
  const { title = manifest.title, description = manifest.description } = words;
  if (manifest.config === undefined) return { ...manifest, title, description };
  const properties = Object.entries(manifest.config.properties).map(
    ([name, setting]) => [name, settingIn(setting, own(words.config, name))] as const
  );
  return { ...manifest, title, description, config: { type: 'object', properties: Object.fromEntries(properties) } };
}

/** A reason or note of the plugin as a reader of that language gets it; as it was said where the manifest does not know it. */
export function saidIn(manifest: Manifest, tag: string, said: string): string {
  const numbers: string[] = [];
  const key = said.replace(NUMBER, (number) => `{${numbers.push(number)}}`);
  const texts = wordsIn(manifest, tag)?.texts;
  const words = own(texts, key) ?? own(texts, said);
  return words === undefined ? said : words.replace(SLOT, (slot, at: string) => numbers[Number(at) - 1] ?? slot);
}

/** Lookup of RFC 4647, 3.4: `zh-CN` takes `zh-CN`, then `zh`. Null: the manifest's own words. */
function wordsIn({ locales }: Manifest, tag: string): LocaleWords | null {
  for (let range = tag; range !== ''; range = range.slice(0, Math.max(0, range.lastIndexOf('-')))) {
    const words = own(locales, range);
    if (words !== undefined) return words;
  }
  return null;
}

function settingIn(setting: Setting, words: SettingWords | undefined): Setting {
  if (words === undefined) return setting;
  const { title, description, choices } = words;
  return {
    ...setting,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(choices === undefined ? {} : { choices: { ...('choices' in setting ? setting.choices : {}), ...choices } })
  };
}

function parseWords(said: unknown, where: string, config: ConfigSchema | undefined): LocaleWords {
  const read = record(said, where, ['title', 'description', 'config', 'texts']);
  return {
    ...textIfAny(read.title, 'title', where, MAX_TITLE),
    ...textIfAny(read.description, 'description', where, MAX_DESCRIPTION),
    ...(read.config === undefined ? {} : { config: parseSettings(read.config, `${where}.config`, config) }),
    ...(read.texts === undefined ? {} : { texts: parseTexts(read.texts, `${where}.texts`) })
  };
}

function parseSettings(said: unknown, where: string, config: ConfigSchema | undefined): Settings {
  const properties = config?.properties ?? {};
  const entries = Object.entries(record(said, where, Object.keys(properties)));
  return Object.fromEntries(
    entries.map(([name, words]) => [name, parseSetting(words, `${where}.${name}`, own(properties, name))])
  );
}

function parseSetting(said: unknown, where: string, setting: Setting | undefined): SettingWords {
  const read = record(said, where, ['title', 'description', 'choices']);
  const choices = setting?.type === 'string' ? setting.enum : undefined;
  return {
    ...textIfAny(read.title, 'title', where, MAX_TITLE),
    ...textIfAny(read.description, 'description', where, MAX_DESCRIPTION),
    ...(read.choices === undefined ? {} : { choices: parseChoices(read.choices, `${where}.choices`, choices) })
  };
}

/** @param choices those that there are @throws Fault `bad-plugin` */
export function parseChoices(
  said: unknown,
  where: string,
  choices: readonly string[] | undefined
): Readonly<Record<string, string>> {
  const entries = Object.entries(record(said, where, choices ?? []));
  return Object.fromEntries(
    entries.map(([choice, name]) => [choice, text(name, `${where}.${choice.slice(0, 40)}`, MAX_TITLE)])
  );
}

function parseTexts(said: unknown, where: string): Readonly<Record<string, string>> {
  const entries = Object.entries(record(said, where, null));
  if (entries.length > MAX_TEXTS) throw bad(where, `has more than ${MAX_TEXTS} texts`);
  return Object.fromEntries(
    entries.map(([key, words]) => {
      const at = `${where}.${key.slice(0, 40)}`;
      const slots = slotsOf(text(key, at, MAX_TEXT));
      const read = text(words, at, MAX_TEXT);
      const strange = slotsOf(read).find((slot) => !slots.includes(slot));
      if (strange !== undefined) throw bad(at, `has no ${strange}`);
      return [key, read];
    })
  );
}

const slotsOf = (template: string): readonly string[] => template.match(SLOT) ?? [];

/** As BCP 47 spells it; null when it is none. */
function languageTag(said: string): string | null {
  if (said.length > MAX_TAG) return null;
  try {
    return Intl.getCanonicalLocales(said)[0] ?? null;
  } catch {
    return null;
  }
}

const own = <Value>(of: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined =>
  of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
