// What is wrong with a name a person gives: one sentence, as they type.
import { NAME } from '#lib/model/ids.ts';

/** Null when `name` is a NAME (model/ids.ts) and not among `taken`. */
export function nameProblem(name: string, taken: Iterable<string> = []): string | null {
  if (name === '') return 'It needs a name.';
  if (name !== name.trim()) return 'It must not begin or end with a space.';
  if (Array.from(name).length > 128) return 'At most 128 characters.';
  if (!NAME.test(name)) return 'It holds a control, line-break or text-direction character.';
  for (const other of taken) if (other === name) return 'This name is taken on this host.';
  return null;
}
