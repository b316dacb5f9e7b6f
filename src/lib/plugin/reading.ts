// What a plugin said, read strictly: every refusal names the place.
import { Fault } from '../model/fault.ts';

/** Characters of what a manifest says. */
export const MAX_TITLE = 60;
export const MAX_DESCRIPTION = 400;
export const MAX_TEXT = 200;

/** @param words the names it may have; null: any */
export function record(
  said: unknown,
  where: string,
  words: readonly string[] | null
): Readonly<Record<string, unknown>> {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw bad(where, 'must be an object');
  const read = said as Readonly<Record<string, unknown>>;
  const strange = words === null ? undefined : Object.keys(read).find((name) => !words.includes(name));
  if (strange !== undefined) throw bad(`${where}.${strange.slice(0, 40)}`, 'is not known');
  return read;
}

export function text(said: unknown, where: string, most: number): string {
  if (typeof said !== 'string') throw bad(where, 'must be a text');
  if (said.trim() === '' || said.length > most) throw bad(where, `must have 1 to ${most} characters`);
  return said;
}

/** Nothing where nothing is said; else the text by its name. */
export const textIfAny = (said: unknown, name: string, where: string, most: number): object =>
  said === undefined ? {} : { [name]: text(said, `${where}.${name}`, most) };

export const bad = (what: string, reason: string): Fault => new Fault('bad-plugin', { what, reason });
