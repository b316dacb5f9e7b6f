/** What `say` says before and after its argument, for a message that shows more than words in that place. */
export function halves(say: (argument: string) => string): readonly [before: string, after: string] {
  const [before = '', after = ''] = say('\0').split('\0');
  return [before, after];
}
