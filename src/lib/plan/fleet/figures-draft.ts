// Figures that follow those before them. Who holds the figures before keeps them as they were: an array is copied before its first
// row is written, and shared when no row differs.
import { SHARE_WIDTH, WIDTH } from '../../plugin/columns.ts';
import { sameReason } from '../reason.ts';
import { noFigures } from './figures.ts';
import type { Figures } from './figures.ts';
import { copyRuns } from './kept-rows.ts';
import type { Run } from './kept-rows.ts';

const OF_HOSTS = ['capacity', 'safety', 'base'] as const;
const WIDTHS = { vmFlags: 1, demand: WIDTH, share: SHARE_WIDTH, moveMib: 1 } as const;
const OF_VMS = ['vmFlags', 'demand', 'share', 'moveMib'] as const;

export class FiguresDraft {
  readonly #before: Figures;
  #now: Figures;

  constructor(before: Figures) {
    this.#before = before;
    this.#now = before;
  }

  /** Of other VMs of the same hosts: rows that were and, of all others, zeros to be written. No runs: all zeros. */
  static after(before: Figures, hosts: number, vms: number, runs: readonly Run[]): Figures {
    const now = noFigures(hosts, vms);
    if (before.capacity.length === now.capacity.length) for (const key of OF_HOSTS) now[key].set(before[key]);
    for (const key of OF_VMS) copyRuns<Figures[typeof key]>(before[key], now[key], runs, WIDTHS[key]);
    for (const { from, at, count } of runs) for (let i = 0; i < count; i++) now.held[at + i] = before.held[from + i]!;
    return now;
  }

  get now(): Figures {
    return this.#now;
  }

  /** Rows from `host` and `vm` on. */
  put(rows: Figures, host: number, vm: number): void {
    for (const key of OF_HOSTS) this.#set(key, rows[key], host * WIDTH);
    for (const key of OF_VMS) this.#set(key, rows[key], vm * WIDTHS[key]);
    for (const [i, why] of rows.held.entries()) {
      if (sameReason(this.#now.held[vm + i]!, why)) continue;
      if (this.#now.held === this.#before.held) this.#now = { ...this.#now, held: this.#before.held.slice() };
      this.#now.held[vm + i] = why;
    }
  }

  #set(
    key: (typeof OF_HOSTS)[number] | (typeof OF_VMS)[number],
    rows: Float64Array | Int32Array | Uint8Array,
    at: number
  ): void {
    const now = this.#now[key];
    if (rows.every((value, i) => value === now[at + i])) return;
    if (now === this.#before[key]) this.#now = { ...this.#now, [key]: now.slice() };
    this.#now[key].set(rows, at);
  }
}
