// What is said beside a plugin's setting, and what its field holds.
import type { Messages } from '#lib/messages/messages.ts';
import { whyNot, type Setting } from '#lib/plugin/manifest.ts';

type Words = Messages['plugins'];
type Value = string | number | boolean;

/** The most a text may have where the manifest says nothing. */
const MAX_TEXT = 200;

/** A field's text as the setting's value; NaN for what is no number. */
export function readSetting(setting: Setting, field: string | boolean): Value {
  if (typeof field === 'boolean' || setting.type === 'string' || setting.type === 'boolean') return field;
  return field.trim() === '' ? NaN : Number(field.trim().replace(',', '.'));
}

export function settingText(words: Words, setting: Setting, value: Value): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  const choices = setting.type === 'string' ? setting.choices : undefined;
  return choices !== undefined && Object.hasOwn(choices, value) ? (choices[value] ?? '') : String(value);
}

/** Its description, its range, its default where that is not nothing. */
export function settingHint(words: Words, setting: Setting): string {
  const usual = setting.default === '' ? '' : words.usual(settingText(words, setting, setting.default));
  return (
    [setting.description, range(words, setting), usual]
      .filter((part) => part !== undefined && part !== '')
      .join(' ')
      // Chinese stops bring their own space.
      .replaceAll('。 ', '。')
  );
}

/** What is wrong with a value; null when nothing is. */
export function settingError(words: Words, setting: Setting, value: Value): string | null {
  if (whyNot(setting, value) === null) return null;
  if (setting.type === 'string') return words.tooLong(setting.maxLength ?? MAX_TEXT);
  if (!Number.isFinite(value)) return words.number;
  if (setting.type === 'integer' && !Number.isSafeInteger(value)) return words.wholeNumber;
  return range(words, setting);
}

function range(words: Words, setting: Setting): string {
  if (setting.type !== 'number' && setting.type !== 'integer') return '';
  const { minimum, maximum } = setting;
  if (minimum !== undefined && maximum !== undefined) return words.between(minimum, maximum);
  if (minimum !== undefined) return words.atLeast(minimum);
  return maximum === undefined ? '' : words.atMost(maximum);
}
