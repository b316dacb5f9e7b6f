// What a plugin says of itself. It comes from outside: parsed once, strictly, before anything else of the plugin is asked.
import { Fault } from '../model/fault.ts';
import { parseChoices, parseLocales } from './locales.ts';
import type { LocaleWords } from './locales.ts';
import { MAX_DESCRIPTION, MAX_TEXT, MAX_TITLE, bad, record, text, textIfAny } from './reading.ts';
import { API } from './scheduler.ts';

/** A setting, as JSON Schema (2020-12) says it; the app builds the form from it. No other keywords than these. */
export type Setting =
  | {
      readonly type: 'number' | 'integer';
      readonly title: string;
      readonly description?: string;
      readonly default: number;
      readonly minimum?: number;
      readonly maximum?: number;
    }
  | {
      readonly type: 'string';
      readonly title: string;
      readonly description?: string;
      readonly default: string;
      readonly enum?: readonly string[];
      /** How choices are called, where not as they are written. */
      readonly choices?: Readonly<Record<string, string>>;
      readonly maxLength?: number;
    }
  | { readonly type: 'boolean'; readonly title: string; readonly description?: string; readonly default: boolean };

export type ConfigSchema = {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Setting>>;
};

export type Manifest = {
  /** 1 to 40 of `a-z 0-9 -`, beginning with a letter. */
  readonly id: string;
  /** Of the plugin: `1.2.3`. */
  readonly version: string;
  /** Of the interface it was written for; now 1. */
  readonly api: number;
  readonly title: string;
  /** One or two sentences: what it wants. */
  readonly description: string;
  readonly config?: ConfigSchema;
  /** Its words in other languages, by language tag (BCP 47). A tab in `zh-CN` takes `zh-CN`, then `zh`, then its own words. */
  readonly locales?: Readonly<Record<string, LocaleWords>>;
};

export type Config = Readonly<Record<string, number | string | boolean>>;

const ID = /^[a-z][a-z0-9-]{0,39}$/;
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;
const KEY = /^[a-z][A-Za-z0-9]{0,39}$/;
const MAX_SETTINGS = 30;
const MAX_CHOICES = 30;

/** Reads what a plugin said. @throws Fault `bad-plugin` that names what is wrong */
export function parseManifest(said: unknown): Manifest {
  const read = record(said, 'manifest', ['id', 'version', 'api', 'title', 'description', 'config', 'locales']);
  const id = text(read.id, 'manifest.id', 40);
  if (!ID.test(id)) throw bad('manifest.id', 'must be 1 to 40 of `a-z 0-9 -`, beginning with a letter');
  const version = text(read.version, 'manifest.version', 17);
  if (!VERSION.test(version)) throw bad('manifest.version', 'must look like 1.2.3');
  if (read.api !== API) throw bad('manifest.api', `must be ${API}: this app speaks no other version of the interface`);
  const config = read.config === undefined ? undefined : parseSchema(read.config);
  return {
    id,
    version,
    api: API,
    title: text(read.title, 'manifest.title', MAX_TITLE),
    description: text(read.description, 'manifest.description', MAX_DESCRIPTION),
    ...(config === undefined ? {} : { config }),
    ...(read.locales === undefined ? {} : { locales: parseLocales(read.locales, config) })
  };
}

/**
 * Settings with the defaults filled in. @param given what the operator (or a file) says; unknown names and values out of range
 * are refused. @throws Fault `bad-argument`
 */
export function configOf(manifest: Manifest, given: Readonly<Record<string, unknown>> = {}): Config {
  const properties = manifest.config?.properties ?? {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(properties, name)) throw argument(name, '', `is no setting of ${manifest.id}`);
  }
  return Object.fromEntries(
    Object.entries(properties).map(([name, setting]) => {
      const value = Object.hasOwn(given, name) ? given[name] : setting.default;
      const wrong = whyNot(setting, value);
      if (wrong !== null) throw argument(name, String(value), wrong);
      return [name, value as number | string | boolean];
    })
  );
}

/** Why a value does not suit a setting; null when it does. */
export function whyNot(setting: Setting, value: unknown): string | null {
  switch (setting.type) {
    case 'number':
    case 'integer':
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
      if (setting.type === 'integer' && !Number.isSafeInteger(value)) return 'must be a whole number';
      if (setting.minimum !== undefined && value < setting.minimum) return `must be ${setting.minimum} or more`;
      if (setting.maximum !== undefined && value > setting.maximum) return `must be ${setting.maximum} or less`;
      return null;
    case 'string':
      if (typeof value !== 'string') return 'must be a text';
      if (setting.enum !== undefined && !setting.enum.includes(value))
        return `must be one of ${setting.enum.join(', ')}`;
      return value.length > (setting.maxLength ?? MAX_TEXT) ? 'is too long' : null;
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false';
  }
}

function parseSchema(said: unknown): ConfigSchema {
  const read = record(said, 'manifest.config', ['type', 'properties', '$schema', 'additionalProperties']);
  if (read.type !== 'object') throw bad('manifest.config.type', 'must be "object"');
  const properties = record(read.properties, 'manifest.config.properties', null);
  const entries = Object.entries(properties);
  if (entries.length > MAX_SETTINGS) throw bad('manifest.config.properties', `has more than ${MAX_SETTINGS} settings`);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, setting]) => [name, parseSetting(name, setting)]))
  };
}

function parseSetting(name: string, said: unknown): Setting {
  const where = `manifest.config.properties.${name.slice(0, 40)}`;
  if (!KEY.test(name)) throw bad(where, 'its name must be 1 to 40 letters and digits, beginning with a small letter');
  const words = ['type', 'title', 'description', 'default', 'minimum', 'maximum', 'enum', 'choices', 'maxLength'];
  const read = record(said, where, words);
  const title = text(read.title, `${where}.title`, MAX_TITLE);
  const description = textIfAny(read.description, 'description', where, MAX_DESCRIPTION);
  const setting = { title, ...description, ...ofType(read, where) } as Setting;
  const wrong = whyNot(setting, setting.default);
  if (wrong !== null) throw bad(`${where}.default`, wrong);
  return setting;
}

function ofType(read: Readonly<Record<string, unknown>>, where: string): object {
  const { type } = read;
  const only = (...words: string[]): void => {
    for (const word of ['minimum', 'maximum', 'enum', 'choices', 'maxLength']) {
      if (read[word] !== undefined && !words.includes(word)) throw bad(`${where}.${word}`, `does not suit the type`);
    }
  };
  const number = (word: string): object => {
    const value = read[word];
    if (value === undefined) return {};
    if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(`${where}.${word}`, 'must be a number');
    return { [word]: value };
  };
  if (type === 'number' || type === 'integer') {
    only('minimum', 'maximum');
    return { type, default: read.default, ...number('minimum'), ...number('maximum') };
  }
  if (type === 'boolean') {
    only();
    return { type, default: read.default };
  }
  if (type !== 'string') throw bad(`${where}.type`, 'must be number, integer, string or boolean');
  only('enum', 'choices', 'maxLength');
  const choices = choicesOf(read.enum, where);
  const names = read.choices === undefined ? {} : { choices: parseChoices(read.choices, `${where}.choices`, choices) };
  return {
    type,
    default: read.default,
    ...(choices === undefined ? {} : { enum: choices }),
    ...names,
    ...number('maxLength')
  };
}

function choicesOf(said: unknown, where: string): readonly string[] | undefined {
  if (said === undefined) return undefined;
  if (!Array.isArray(said) || said.length === 0 || said.length > MAX_CHOICES) {
    throw bad(`${where}.enum`, `must be a list of 1 to ${MAX_CHOICES} texts`);
  }
  return said.map((choice, index) => text(choice, `${where}.enum[${index}]`, MAX_TEXT));
}

const argument = (name: string, value: string, reason: string): Fault =>
  new Fault('bad-argument', { name, value: value.slice(0, 80), reason });
