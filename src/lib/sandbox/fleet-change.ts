// A fleet as the difference to the one that was handed over before: a thousandth of it, as a rule. Found by comparing, so that
// whoever makes columns need not say what is another; put together by the worker, who keeps the fleet before as it was.
import type { Run } from '../plan/fleet/kept-rows.ts';
import { copyRuns, gapsOf, tagsAfter, textsAfter } from '../plan/fleet/kept-rows.ts';
import { SHARE_WIDTH, WIDTH, textAt } from '../plugin/columns.ts';
import type { Columns, Rule, Texts } from '../plugin/columns.ts';
import { sameRows, sameVms } from './same-vms.ts';
import { Broken } from './words.ts';

const OF_HOSTS = { hostFlags: 1, capacity: WIDTH, safety: WIDTH, base: WIDTH, idleWatts: 1 } as const;
const OF_VMS = { vmFlags: 1, vmHost: 1, demand: WIDTH, share: SHARE_WIDTH, moveMib: 1, vmMask: 1 } as const;
type HostColumn = keyof typeof OF_HOSTS;
type VmColumn = keyof typeof OF_VMS;
type Numbers = Float64Array | Int32Array | Uint8Array;

/** Rows that are not those of before; `rows` null: all of them. */
type Rows = {
  readonly column: HostColumn | VmColumn;
  readonly rows: Int32Array | null;
  readonly values: Numbers;
};
/** What follows of the fleet before, of the runs, and of the VMs that came. */
type Followed = Pick<Columns, 'vmId' | 'vmName' | 'tagName' | 'vmTag' | 'vmTagStart' | 'rules'>;

export type FleetChange = {
  readonly at: number;
  readonly vms: number;
  /** `from, at, count`: VMs that are those of before, rising in `at`. */
  readonly runs: Int32Array;
  /** The VMs in no run, in their order. */
  readonly came: readonly { readonly id: string; readonly name: string; readonly tags: readonly string[] }[];
  readonly rows: readonly Rows[];
  /** What cannot be told shorter. */
  readonly whole: Partial<Followed & Pick<Columns, 'masks'>>;
};

/** Null when the fleet is better handed over whole: other hosts, or too many other VMs. */
export function changeOf(before: Columns, now: Columns): FleetChange | null {
  if (before.hosts !== now.hosts || !sameTexts(before.hostId, now.hostId) || !sameTexts(before.hostName, now.hostName))
    return null;
  if (!equal(before.hostSite, now.hostSite) || !equal(before.siteName, now.siteName)) return null;
  const stayed = before.vmId === now.vmId ? [{ from: 0, at: 0, count: now.vms }] : sameVms(before.vmId, now.vmId);
  if (stayed === null) return null;
  const runs = stayed.filter(({ count }) => count > 0);
  const inPlace = isWhole(runs, before.vms, now.vms);
  const came = gapsOf(runs, now.vms).flatMap(({ at, count }) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ id: textAt(now.vmId, at + i), name: textAt(now.vmName, at + i) },
      tags: tagsOf(now, at + i)
    }))
  );
  const all = [{ from: 0, at: 0, count: now.hosts }];
  const rows = [
    ...keysOf(OF_HOSTS).map((column) => rowsOf(column, before[column], now[column], all, OF_HOSTS[column])),
    ...keysOf(OF_VMS)
      .filter((column) => !inPlace || before[column] !== now[column])
      .map((column) => rowsOf(column, before[column], now[column], runs, OF_VMS[column]))
  ].filter((one) => one !== null);
  const tags = inPlace ? before : tagsAfter(before, runs, now.vms, (vm) => tagsOf(now, vm));
  const rules = inPlace ? before.rules : rulesAfter(before, runs);
  return {
    ...{ at: now.at, vms: now.vms, came, rows },
    runs: Int32Array.from(runs.flatMap(({ from, at, count }) => [from, at, count])),
    whole: {
      ...(!sameInRuns(before.vmName, now.vmName, runs) && { vmName: now.vmName }),
      ...(!sameTags(tags, now) && { tagName: now.tagName, vmTag: now.vmTag, vmTagStart: now.vmTagStart }),
      ...(!sameRules(rules, now.rules) && { rules: now.rules }),
      ...(!equal(before.masks, now.masks) && { masks: now.masks })
    }
  };
}

/** The columns it is the difference to. @throws Broken when it does not fit the columns before */
export function changed(before: Columns, change: FleetChange): Columns {
  const { at, vms, came, whole } = change;
  const runs = runsIn(change, before.vms);
  const now: { -readonly [Key in keyof Columns]: Columns[Key] } = { ...before, at, vms };
  if (!isWhole(runs, before.vms, vms)) {
    Object.assign(now, followed(before, runs, came, vms));
    for (const column of keysOf(OF_VMS))
      Object.assign(now, { [column]: kept(before[column], vms, OF_VMS[column], runs) });
  }
  for (const { column, rows, values } of change.rows) {
    const width = { ...OF_HOSTS, ...OF_VMS }[column];
    const count = Object.hasOwn(OF_HOSTS, column) ? now.hosts : vms;
    if (values.constructor !== before[column].constructor || values.length !== (rows?.length ?? count) * width)
      throw new Broken(`was handed ${column} of another size`);
    if (rows === null) Object.assign(now, { [column]: values });
    else Object.assign(now, { [column]: withRows(now[column], rows, values, width) });
  }
  return Object.assign(now, whole);
}

function followed(before: Columns, runs: readonly Run[], came: FleetChange['came'], vms: number): Followed {
  const index = new Map(
    gapsOf(runs, vms)
      .flatMap(({ at, count }) => Array.from({ length: count }, (_, i) => at + i))
      .map((vm, i) => [vm, came[i]!])
  );
  return {
    vmId: textsAfter(before.vmId, runs, vms, (vm) => index.get(vm)!.id),
    vmName: textsAfter(before.vmName, runs, vms, (vm) => index.get(vm)!.name),
    ...tagsAfter(before, runs, vms, (vm) => index.get(vm)!.tags),
    rules: rulesAfter(before, runs)
  };
}

/** Rules between the VMs that are still there. */
function rulesAfter({ rules, vms }: Columns, runs: readonly Run[]): readonly Rule[] {
  const now = new Int32Array(vms).fill(-1);
  for (const { from, at, count } of runs) for (let i = 0; i < count; i++) now[from + i] = at + i;
  const those = (of: Int32Array): Int32Array =>
    of
      .map((vm) => now[vm]!)
      .filter((vm) => vm >= 0)
      .sort();
  return rules.map((rule) =>
    rule.kind === 'needs' ? { ...rule, vms: those(rule.vms), of: those(rule.of) } : { ...rule, vms: those(rule.vms) }
  );
}

function rowsOf(
  column: Rows['column'],
  before: Numbers,
  now: Numbers,
  runs: readonly Run[],
  width: number
): Rows | null {
  const rows: number[] = [];
  const count = now.length / width;
  let next = 0;
  for (const { from, at, count: kept } of [...runs, { from: 0, at: count, count: 0 }]) {
    for (; next < at; next++) rows.push(next);
    for (let i = 0; i < kept; i++) {
      for (let cell = 0; cell < width; cell++) {
        if (before[(from + i) * width + cell] === now[(at + i) * width + cell]) continue;
        rows.push(at + i);
        break;
      }
    }
    next = at + kept;
  }
  if (rows.length === 0) return null;
  // All of them are no longer than most of them with their numbers.
  if (rows.length * 2 > count) return { column, rows: null, values: now };
  const values = of(now, rows.length * width);
  for (const [i, row] of rows.entries()) values.set(now.subarray(row * width, (row + 1) * width), i * width);
  return { column, rows: Int32Array.from(rows), values };
}

function withRows(before: Numbers, rows: Int32Array, values: Numbers, width: number): Numbers {
  const now = before.slice();
  for (const [i, row] of rows.entries()) {
    if (row < 0 || (row + 1) * width > now.length) throw new Broken('was handed a row that is not there');
    now.set(values.subarray(i * width, (i + 1) * width), row * width);
  }
  return now;
}

function kept(before: Numbers, count: number, width: number, runs: readonly Run[]): Numbers {
  const now = of(before, count * width);
  copyRuns(before, now, runs, width);
  return now;
}

/** @throws Broken */
function runsIn({ runs, vms, came }: FleetChange, before: number): readonly Run[] {
  const read: Run[] = [];
  let [next, rows] = [0, 0];
  for (let i = 0; i + 2 < runs.length; i += 3) {
    const [from, at, count] = [runs[i]!, runs[i + 1]!, runs[i + 2]!];
    if (count < 1 || from < 0 || from + count > before || at < next || at + count > vms) break;
    read.push({ from, at, count });
    next = at + count;
    rows += count;
  }
  if (read.length * 3 !== runs.length || rows + came.length !== vms)
    throw new Broken('was handed VMs that are not there');
  return read;
}

const isWhole = ([run, ...more]: readonly Run[], before: number, now: number): boolean =>
  before === now && more.length === 0 && (now === 0 || (run?.count === now && run.from === 0));

const of = (like: Numbers, length: number): Numbers =>
  new (like.constructor as new (length: number) => Numbers)(length);

const tagsOf = ({ tagName, vmTag, vmTagStart }: Columns, vm: number): readonly string[] =>
  Array.from(vmTag.subarray(vmTagStart[vm], vmTagStart[vm + 1]), (tag) => tagName[tag]!);

const sameTexts = (one: Texts, other: Texts): boolean =>
  one === other || (one.text === other.text && equal(one.ends, other.ends));

const sameInRuns = (one: Texts, other: Texts, runs: readonly Run[]): boolean =>
  one === other || runs.every(({ from, at, count }) => sameRows(one, from, other, at, count));

type Tags = Pick<Columns, 'tagName' | 'vmTag' | 'vmTagStart'>;
const sameTags = (one: Tags, other: Tags): boolean =>
  equal(one.tagName, other.tagName) && equal(one.vmTag, other.vmTag) && equal(one.vmTagStart, other.vmTagStart);

const sameRules = (one: readonly Rule[], other: readonly Rule[]): boolean =>
  one === other || (one.length === other.length && one.every((rule, at) => sameRule(rule, other[at]!)));

function sameRule(one: Rule, other: Rule): boolean {
  if (one === other) return true;
  if (one.name !== other.name || !equal(one.vms, other.vms)) return false;
  if (one.kind === 'spread') return other.kind === 'spread' && one.least === other.least;
  if (one.kind === 'needs') return other.kind === 'needs' && equal(one.of, other.of);
  return one.kind === other.kind;
}

function equal(one: ArrayLike<unknown>, other: ArrayLike<unknown>): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

const keysOf = <Key extends string>(columns: Readonly<Record<Key, number>>): readonly Key[] =>
  Object.keys(columns) as Key[];
