// Where VMs may be, a row for each different requirement: thousands of VMs share a handful.
import type { Host } from '../../model/fleet.ts';
import type { Run } from './kept-rows.ts';
import { whyNot } from './requirement.ts';
import type { Requirement } from './requirement.ts';

/** Requirements as texts, for as long as they are. */
const keys = new WeakMap<Requirement, string>();

/** Equal for equal requirements. */
export function keyOf(required: Requirement): string {
  let key = keys.get(required);
  if (key === undefined) {
    key = JSON.stringify(required);
    keys.set(required, key);
  }
  return key;
}

export type Masks = {
  /** Row of each VM. */
  readonly vmMask: Int32Array;
  /** All rows one after another, `rows x hosts`: 1 where the host offers what is required. */
  readonly masks: Uint8Array;
  /** The requirement of each row. */
  readonly rows: readonly Requirement[];
};

export const NO_MASKS: Masks = { vmMask: new Int32Array(0), masks: new Uint8Array(0), rows: [] };

/**
 * @param changed those of the hosts that may offer something else than before, by index
 * @param runs VMs that require what they did; none when these are not the hosts of before
 */
export function masksAfter(
  before: Masks,
  hosts: readonly Host[],
  changed: readonly number[],
  required: readonly Requirement[],
  runs: readonly Run[]
): Masks {
  const rowNow = new Map<string, number>();
  const rows: Requirement[] = [];
  const rowOf = (one: Requirement): number => {
    const key = keyOf(one);
    const known = rowNow.get(key);
    if (known !== undefined) return known;
    rowNow.set(key, rows.length);
    return rows.push(one) - 1;
  };
  const vmMask = new Int32Array(required.length);
  const now = new Int32Array(before.rows.length).fill(-1);
  // In the order of the VMs, which is that of the rows.
  let vm = 0;
  const fill = (until: number): void => {
    for (; vm < until; vm++) vmMask[vm] = rowOf(required[vm]!);
  };
  for (const { from, at, count } of runs) {
    fill(at);
    for (let i = 0; i < count; i++) {
      const was = before.vmMask[from + i]!;
      if (now[was]! < 0) now[was] = rowOf(before.rows[was]!);
      vmMask[at + i] = now[was]!;
    }
    vm = at + count;
  }
  fill(required.length);
  const masks = new Uint8Array(rows.length * hosts.length);
  const rowBefore = new Map(before.rows.map((one, row) => [keyOf(one), row]));
  for (const [row, one] of rows.entries()) {
    const was = rowBefore.get(keyOf(one));
    const cells = masks.subarray(row * hosts.length, (row + 1) * hosts.length);
    if (was === undefined) writeCells(cells, one, hosts, hosts.keys());
    else {
      cells.set(before.masks.subarray(was * hosts.length, (was + 1) * hosts.length));
      writeCells(cells, one, hosts, changed);
    }
  }
  return { vmMask, masks, rows };
}

/** The same rows of the same hosts, of which those at `changed` may offer something else. */
export function masksOffered(before: Masks, hosts: readonly Host[], changed: readonly number[]): Masks {
  const masks = before.masks.slice();
  let differs = false;
  for (const [row, one] of before.rows.entries()) {
    const cells = masks.subarray(row * hosts.length, (row + 1) * hosts.length);
    differs = writeCells(cells, one, hosts, changed) || differs;
  }
  return differs ? { ...before, masks } : before;
}

/** @returns whether a cell is another one than before */
function writeCells(cells: Uint8Array, one: Requirement, hosts: readonly Host[], at: Iterable<number>): boolean {
  let differs = false;
  for (const host of at) {
    const offered = whyNot(one, hosts[host]!) === null ? 1 : 0;
    differs ||= cells[host] !== offered;
    cells[host] = offered;
  }
  return differs;
}
