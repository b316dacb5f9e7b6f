// What stays from one look to the next: who is where, names, tags and rules. Made anew where VMs came, went, or require
// something else; of all others it is put together of what was.
import type { Host, Vm } from '../../model/fleet.ts';
import { textsOf } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Reason } from '../reason.ts';
import type { Run } from './kept-rows.ts';
import { listAfter, tagsAfter, textsAfter } from './kept-rows.ts';
import { NO_MASKS, keyOf, masksAfter, masksOffered } from './mask-rows.ts';
import type { Masks } from './mask-rows.ts';
import { placesOf, platformOf, requirementOf } from './requirement.ts';
import type { Requirement } from './requirement.ts';
import { rulesOf } from './rule-columns.ts';
import type { Survey, WantedVm } from './survey.ts';
import { NO_RULES, tagRules } from './tag-rules.ts';
import type { TagRules } from './tag-rules.ts';

type HostColumns = Pick<Columns, 'hosts' | 'hostId' | 'hostName' | 'hostSite' | 'siteName'>;
type VmColumns = Pick<Columns, 'vms' | 'vmId' | 'vmName' | 'vmHost' | 'tagName' | 'vmTag' | 'vmTagStart' | 'rules'>;

export type Shape = Pick<Survey, 'hosts' | 'vms' | 'wanted' | 'warnings'> & {
  readonly hostColumns: HostColumns;
  readonly vmColumns: VmColumns;
  readonly masks: Masks;
  /** Row of the first VM of each host, then that of the first wanted one. */
  readonly starts: Int32Array;
  readonly requirements: readonly Requirement[];
  readonly rules: readonly TagRules[];
};

const none = new Int32Array(0);
const noTexts = { text: '', ends: none };
export const NO_SHAPE: Shape = {
  ...{ hosts: [], vms: [], wanted: [], warnings: [], requirements: [], rules: [] },
  hostColumns: { hosts: 0, hostId: noTexts, hostName: noTexts, hostSite: none, siteName: [] },
  vmColumns: {
    ...{ vms: 0, vmId: noTexts, vmName: noTexts, vmHost: none, rules: [] },
    ...{ tagName: [], vmTag: none, vmTagStart: new Int32Array(1) }
  },
  masks: NO_MASKS,
  starts: new Int32Array(1)
};

/** Which VMs there are and what they require is as it was; loads, states and what hosts offer may be others. */
export function sameShape(
  before: Shape,
  hosts: readonly Host[],
  changed: readonly number[],
  wanted: readonly WantedVm[]
) {
  const { requirements, starts } = before;
  return (
    sameWanted(before, wanted) &&
    changed.every((at) => sameVms(before.hosts[at]!, hosts[at]!, requirements, starts[at]!))
  );
}

/** Of the same shape. @param changed hosts that are other objects than before */
export function shapeWith(
  before: Shape,
  hosts: readonly Host[],
  changed: readonly number[],
  wanted: readonly WantedVm[]
): Shape {
  const offering = changed.filter((at) => !offersSame(before.hosts[at]!, hosts[at]!));
  const masks = offering.length === 0 ? before.masks : masksOffered(before.masks, hosts, offering);
  const others = changed.filter((at) => before.hosts[at]!.vms !== hosts[at]!.vms);
  let { vms } = before;
  if (others.length > 0) {
    const now = vms.slice();
    for (const at of others)
      for (const [i, vm] of [...hosts[at]!.vms.values()].entries()) now[before.starts[at]! + i] = vm;
    vms = now;
  }
  return { ...before, hosts, vms, masks, wanted };
}

/** @param changed hosts that are other objects than before, by index @param runs VMs of the others; before is NO_SHAPE when hosts came or went */
export function shapeAfter(
  before: Shape,
  hosts: readonly Host[],
  changed: readonly number[],
  wanted: readonly WantedVm[],
  starts: Int32Array,
  runs: readonly Run[]
): Shape {
  const placed = starts[hosts.length]!;
  const count = placed + wanted.length;
  const fresh = new Map<number, Fresh>();
  for (const at of changed) freshOf(hosts[at]!, starts[at]!, fresh);
  for (const [at, one] of wanted.entries()) {
    fresh.set(placed + at, { vm: null, said: tagRules(one.tags), required: requirementOfNew(one) });
  }
  const vms = listAfter(before.vms, runs, count, (vm) => fresh.get(vm)!.vm);
  const rules = listAfter(before.rules, runs, count, (vm) => fresh.get(vm)!.said);
  const requirements = listAfter(before.requirements, runs, count, (vm) => fresh.get(vm)!.required);
  const nameOf = (vm: number): string => vms[vm]?.name ?? wanted[vm - placed]!.name;
  const vmHost = new Int32Array(count).fill(-1);
  for (const at of hosts.keys()) vmHost.fill(at, starts[at], starts[at + 1]);
  const ruled: number[] = [];
  for (let vm = 0; vm < count; vm++) if (rules[vm] !== NO_RULES) ruled.push(vm);
  const { rules: ruleColumns, warnings } = rulesOf(rules, ruled);
  const odd = ruled.flatMap((vm) => rules[vm]!.odd.map((tag) => oddTag(tag, nameOf(vm))));
  return {
    ...{ hosts, vms, wanted, starts, requirements, rules },
    warnings: [...odd, ...warnings],
    hostColumns: before.hosts.length === 0 ? hostColumns(hosts) : before.hostColumns,
    vmColumns: {
      vms: count,
      vmId: textsAfter(before.vmColumns.vmId, runs, count, (vm) => vms[vm]?.id ?? ''),
      vmName: textsAfter(before.vmColumns.vmName, runs, count, nameOf),
      vmHost,
      ...tagsAfter(before.vmColumns, runs, count, (vm) => vms[vm]?.tags ?? wanted[vm - placed]!.tags),
      rules: ruleColumns
    },
    masks: masksAfter(
      before.masks,
      hosts,
      changed.filter((at) => before.hosts[at] === undefined || !offersSame(before.hosts[at], hosts[at]!)),
      requirements,
      runs
    )
  };
}

/** A row that is in no run. */
type Fresh = { readonly vm: Vm | null; readonly said: TagRules; readonly required: Requirement };

function freshOf({ facts, vms }: Host, first: number, into: Map<number, Fresh>): void {
  const platform = facts === null ? null : platformOf(facts);
  let at = first;
  for (const vm of vms.values()) {
    const said = tagRules(vm.tags);
    into.set(at++, { vm, said, required: requirementOf(vm, platform, said) });
  }
}

function hostColumns(hosts: readonly Host[]): HostColumns {
  const siteName = [...new Set(hosts.map(({ site }) => site))];
  const index = new Map(siteName.map((name, at) => [name, at]));
  return {
    hosts: hosts.length,
    hostId: textsOf(hosts.map(({ id }) => id)),
    hostName: textsOf(hosts.map(({ name }) => name)),
    hostSite: Int32Array.from(hosts, ({ site }) => index.get(site)!),
    siteName
  };
}

function requirementOfNew({ image, networks, pools, tags }: WantedVm): Requirement {
  const places = placesOf(tagRules(tags));
  return { platform: null, guest: null, image, networks: [...networks].sort(), pools: [...pools].sort(), ...places };
}

function sameVms(before: Host, now: Host, requirements: readonly Requirement[], first: number): boolean {
  const platform = now.facts === null ? null : platformOf(now.facts);
  const samePlatform = before.facts === now.facts || requirements[first]?.platform === platform;
  if (before.vms === now.vms) return samePlatform || now.vms.size === 0;
  if (before.vms.size !== now.vms.size) return false;
  const were = before.vms.values();
  let at = first;
  for (const vm of now.vms.values()) {
    const was = were.next().value!;
    const required = requirements[at++]!;
    if (vm === was && samePlatform) continue;
    if (vm.id !== was.id || vm.name !== was.name || !sameTexts(vm.tags, was.tags)) return false;
    if (keyOf(requirementOf(vm, platform, tagRules(vm.tags))) !== keyOf(required)) return false;
  }
  return true;
}

const sameWanted = ({ wanted, requirements, starts }: Shape, now: readonly WantedVm[]): boolean =>
  wanted === now ||
  (wanted.length === now.length &&
    wanted.every((was, at) => {
      const one = now[at]!;
      const required = requirements[starts.at(-1)! + at]!;
      return was.name === one.name && sameTexts(was.tags, one.tags) && keyOf(required) === keyOf(requirementOfNew(one));
    }));

/** What `whyNot` looks at. */
const offersSame = (before: Host, now: Host): boolean =>
  before.facts === now.facts &&
  before.images === now.images &&
  before.networks === now.networks &&
  before.pools === now.pools;

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one === other || (one.length === other.length && one.every((text, at) => text === other[at]));

const oddTag = (tag: string, vm: string): Reason => ({ kind: 'odd-tag', tag, vm });
