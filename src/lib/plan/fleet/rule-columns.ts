// Rules between VMs, from the tags of each.
import type { Rule } from '../../plugin/columns.ts';
import type { Reason } from '../reason.ts';
import type { TagRules } from './tag-rules.ts';

/** @param all the rules of each VM, by index @param ruled those that have any. Rules that bind nobody (one VM apart) are left out. */
export function rulesOf(
  all: readonly TagRules[],
  ruled: readonly number[]
): {
  readonly rules: readonly Rule[];
  readonly warnings: readonly Reason[];
} {
  const warnings: Reason[] = [];
  const members = (names: (rules: TagRules) => readonly string[]): ReadonlyMap<string, Int32Array> => {
    const found = new Map<string, number[]>();
    for (const vm of ruled) {
      for (const name of names(all[vm]!)) {
        const vms = found.get(name);
        if (vms === undefined) found.set(name, [vm]);
        else vms.push(vm);
      }
    }
    return new Map(
      [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, vms]) => [name, Int32Array.from(vms)])
    );
  };
  const between = (kind: 'apart' | 'near' | 'together'): Rule[] =>
    [...members((rules) => rules[kind])]
      .filter(([, vms]) => vms.length > 1)
      .map(([name, vms]) => ({ kind, name, vms }));

  const spread = [...members((rules) => rules.spread.map(({ name }) => name))].map(([name, vms]): Rule => {
    const said = [...vms].flatMap((vm) => all[vm]!.spread.filter((rule) => rule.name === name));
    const least = Math.max(...said.map((rule) => rule.least));
    if (vms.length < least) warnings.push({ kind: 'spread-few', rule: name, least, vms: vms.length });
    return { kind: 'spread', name, vms, least: Math.min(least, vms.length) };
  });

  const givers = members((rules) => rules.gives);
  const needs = [...members((rules) => rules.needs)].flatMap(([name, vms]): Rule[] => {
    const of = givers.get(name);
    if (of !== undefined) return [{ kind: 'needs', name, vms, of }];
    warnings.push({ kind: 'needs-none', rule: name });
    return [];
  });
  return {
    rules: [
      ...between('apart'),
      ...between('near'),
      ...between('together'),
      ...spread.filter((rule) => rule.kind === 'spread' && rule.least > 1),
      ...needs
    ],
    warnings
  };
}
