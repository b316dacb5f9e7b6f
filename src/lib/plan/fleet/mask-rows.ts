// Where VMs may be, a row for each different requirement: thousands of VMs share a handful.
import type { Host } from '../../model/fleet.ts';
import { whyNot } from './requirement.ts';
import type { Requirement } from './requirement.ts';

/** Requirements as texts, for as long as they are. */
const keys = new WeakMap<Requirement, string>();

export class MaskRows {
  readonly #hosts: readonly Host[];
  readonly #rows = new Map<string, number>();
  readonly #masks: Uint8Array[] = [];

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  /** Index of the row of 1 where the host offers what is required. */
  rowOf(required: Requirement): number {
    let key = keys.get(required);
    if (key === undefined) {
      key = JSON.stringify(required);
      keys.set(required, key);
    }
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#masks.length;
    this.#rows.set(key, row);
    this.#masks.push(Uint8Array.from(this.#hosts, (host) => (whyNot(required, host) === null ? 1 : 0)));
    return row;
  }

  /** All rows one after another, `rows x hosts`. */
  columns(): Uint8Array {
    const all = new Uint8Array(this.#masks.length * this.#hosts.length);
    for (const [row, mask] of this.#masks.entries()) all.set(mask, row * this.#hosts.length);
    return all;
  }
}
