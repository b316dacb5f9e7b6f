// What is wrong with a name a person gives: one sentence, as they type.
import type { Messages } from '#lib/messages/messages.ts';
import { NAME } from '#lib/model/ids.ts';

/** Null when `name` is a NAME (model/ids.ts) and not among `taken`. */
export function nameProblem({ problem }: Messages, name: string, taken: Iterable<string> = []): string | null {
  if (name === '') return problem.name.missing;
  if (name !== name.trim()) return problem.name.spaces;
  if (Array.from(name).length > 128) return problem.name.long;
  if (!NAME.test(name)) return problem.name.characters;
  for (const other of taken) if (other === name) return problem.name.taken;
  return null;
}
