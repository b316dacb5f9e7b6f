// What is wrong with a query, in a sentence.
import type { Messages } from '#lib/messages/messages.ts';
import type { Problem } from '#lib/query/parse.ts';

/** So many of the possible values are named. */
const NAMED = 12;

export function problemWords({ common, query }: Messages, { code, found, field, choices }: Problem): string {
  // The list of all fields is in the help.
  const list = choices.length > NAMED ? '' : choices.join(common.comma);
  return query.problem[code](found, field ?? '', list);
}
