// Tags given to and taken from many VMs at once: each keeps its others.
import type { Vm } from '#lib/model/fleet.ts';

export type TagChange = { readonly add: readonly string[]; readonly remove: readonly string[] };

/** “db, gold” as tags; empty ones are left out. */
export const readTags = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(/[,，]/u)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
  )
];

/** All the tags `vm` has afterwards. */
export const changedTags = (vm: Vm, { add, remove }: TagChange): readonly string[] => [
  ...new Set([...vm.tags.filter((tag) => !remove.includes(tag)), ...add])
];

/** The tags of some VMs and how many of them have each, most frequent first. */
export function tagCounts(vms: readonly Vm[]): readonly (readonly [tag: string, vms: number])[] {
  const counts = new Map<string, number>();
  for (const vm of vms) for (const tag of vm.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}
