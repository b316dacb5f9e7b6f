// Rows that stay what they were while others come and go: columns are put together of runs of the columns before, and of new rows.
import type { Columns, Texts } from '../../plugin/columns.ts';

/** `count` rows that were at `from` are now at `at`. Runs rise in both and do not meet. */
export type Run = { readonly from: number; readonly at: number; readonly count: number };
/** `count` rows from `at` on that are in no run. */
export type Gap = Omit<Run, 'from'>;
type Rows = Float64Array | Int32Array | Uint8Array;

/** @param count of all rows now */
export function gapsOf(runs: readonly Run[], count: number): readonly Gap[] {
  const gaps: Gap[] = [];
  let at = 0;
  for (const run of [...runs, { at: count, count: 0 }]) {
    if (run.at > at) gaps.push({ at, count: run.at - at });
    at = run.at + run.count;
  }
  return gaps;
}

export function copyRuns<Kind extends Rows>(before: Kind, into: Kind, runs: readonly Run[], width = 1): void {
  for (const { from, at, count } of runs) into.set(before.subarray(from * width, (from + count) * width), at * width);
}

/** @param of a row that is in no run */
export function listAfter<Value>(
  before: readonly Value[],
  runs: readonly Run[],
  count: number,
  of: (row: number) => Value
): Value[] {
  const now = Array<Value>(count);
  for (const { from, at, count: kept } of runs) for (let i = 0; i < kept; i++) now[at + i] = before[from + i]!;
  for (const gap of gapsOf(runs, count)) for (let i = 0; i < gap.count; i++) now[gap.at + i] = of(gap.at + i);
  return now;
}

/** @param textOf of a row that is in no run */
export function textsAfter(before: Texts, runs: readonly Run[], count: number, textOf: (row: number) => string): Texts {
  const ends = new Int32Array(count);
  const pieces: string[] = [];
  let [row, end] = [0, 0];
  const fill = (until: number): void => {
    for (; row < until; row++) {
      const text = textOf(row);
      pieces.push(text);
      ends[row] = end += text.length;
    }
  };
  for (const { from, at, count: kept } of runs) {
    fill(at);
    const start = from === 0 ? 0 : before.ends[from - 1]!;
    const shift = end - start;
    for (let i = 0; i < kept; i++) ends[at + i] = before.ends[from + i]! + shift;
    row = at + kept;
    const stop = before.ends[from + kept - 1]!;
    pieces.push(before.text.slice(start, stop));
    end += stop - start;
  }
  fill(count);
  return { text: pieces.join(''), ends };
}

type Tags = Pick<Columns, 'tagName' | 'vmTag' | 'vmTagStart'>;

/** @param tagsOf a VM that is in no run */
export function tagsAfter(
  before: Tags,
  runs: readonly Run[],
  count: number,
  tagsOf: (vm: number) => readonly string[]
): Tags {
  const { vmTag: tagBefore, vmTagStart: startBefore } = before;
  const used = new Uint8Array(before.tagName.length);
  const vmTagStart = new Int32Array(count + 1);
  for (const { from, at, count: kept } of runs) {
    for (let i = startBefore[from]!; i < startBefore[from + kept]!; i++) used[tagBefore[i]!] = 1;
    for (let i = 0; i < kept; i++) vmTagStart[at + i + 1] = startBefore[from + i + 1]! - startBefore[from + i]!;
  }
  const fresh: { readonly vm: number; readonly tags: readonly string[] }[] = [];
  for (const gap of gapsOf(runs, count)) {
    for (let vm = gap.at; vm < gap.at + gap.count; vm++) {
      const tags = tagsOf(vm);
      vmTagStart[vm + 1] = tags.length;
      fresh.push({ vm, tags });
    }
  }
  for (let vm = 0; vm < count; vm++) vmTagStart[vm + 1]! += vmTagStart[vm]!;

  const kept = before.tagName.filter((_, tag) => used[tag] === 1);
  const tagName = [...new Set([...kept, ...fresh.flatMap(({ tags }) => tags)])].sort();
  const index = new Map(tagName.map((tag, at) => [tag, at]));
  const now = Int32Array.from(before.tagName, (tag) => index.get(tag) ?? -1);
  const vmTag = new Int32Array(vmTagStart[count]!);
  for (const { from, at, count: rows } of runs) {
    const shift = vmTagStart[at]! - startBefore[from]!;
    for (let i = startBefore[from]!; i < startBefore[from + rows]!; i++) vmTag[i + shift] = now[tagBefore[i]!]!;
  }
  for (const { vm, tags } of fresh) for (const [i, tag] of tags.entries()) vmTag[vmTagStart[vm]! + i] = index.get(tag)!;
  return { tagName, vmTag, vmTagStart };
}
