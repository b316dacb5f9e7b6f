// What a plugin did, in words that are short whatever it was.
import { LIMITS } from './messages.ts';

/** Within the worker: the plugin answered what is no answer. Its message is for the operator, and for the author. */
export class Broken extends Error {}

/** @throws Broken when it is no text with something in it */
export function textOf(value: unknown, where: string, most: number): string {
  if (typeof value === 'string' && value.trim() !== '') return value.slice(0, most);
  throw new Broken(`${where} answered ${kindOf(value)}: it must be true or a text that says why not`);
}

/** Why something was thrown. Whatever was thrown may throw again when it is looked at. */
export function reasonOf(thrown: unknown): string {
  try {
    if (thrown instanceof Broken) return thrown.message.slice(0, LIMITS.failure);
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return `threw “${text.slice(0, LIMITS.failure - 10)}”`;
  } catch {
    return 'threw something that cannot be read';
  }
}

const kindOf = (value: unknown): string => (value === null ? 'null' : value === '' ? 'an empty text' : typeof value);
