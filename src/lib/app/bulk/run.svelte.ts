// A bulk while it runs and after it: one task for every VM, a few at a time, each with its own end; what failed can be
// tried again.
import { Fault } from '#lib/model/fault.ts';
import type { VmId } from '#lib/model/ids.ts';
import { nextInTurn, type BulkAction, type BulkPlan, type Obstacle } from './bulk.ts';
import type { Placed } from '../fleet/view.svelte.ts';
import type { Task, TaskStatus } from '../tasks/task.ts';

export const BULK_STATUSES = [
  'done',
  'refused',
  'failed',
  'unknown',
  'running',
  'waiting',
  'stopped',
  'skipped'
] as const satisfies readonly (TaskStatus | 'waiting' | 'stopped' | 'skipped')[];
/** `stopped`: the operator stopped the bulk before its turn came. `skipped`: left out by the plan. */
export type BulkStatus = (typeof BULK_STATUSES)[number];
export type BulkItem = {
  readonly id: VmId;
  readonly name: string;
  readonly host: string;
  readonly status: BulkStatus;
  readonly fault: Fault | null;
  /** Why it was left out; null for all others. */
  readonly why: Obstacle | null;
};
/** Does it to one VM, as the fleet is by then; resolves when that has ended. */
export type Execute = (placed: Placed) => Promise<Pick<Task, 'status' | 'fault'>>;

export class BulkRun {
  readonly action: BulkAction;
  #items = $state.raw<readonly BulkItem[]>([]);
  readonly #placed: (vm: VmId) => Placed | null;
  readonly #execute: Execute;
  readonly #onEnd: (run: BulkRun) => void;

  constructor(
    { action, fits, skipped }: BulkPlan,
    placed: (vm: VmId) => Placed | null,
    execute: Execute,
    onEnd: (run: BulkRun) => void
  ) {
    this.action = action;
    this.#placed = placed;
    this.#execute = execute;
    this.#onEnd = onEnd;
    const item = ({ host, vm }: Placed, status: BulkStatus, why: Obstacle | null): BulkItem => ({
      id: vm.id,
      name: vm.name,
      host: host.name,
      status,
      fault: null,
      why
    });
    this.#items = [
      ...fits.map((each) => item(each, 'waiting', null)),
      ...skipped.map(({ placed: each, why }) => item(each, 'skipped', why))
    ];
    this.#advance();
  }

  get items(): readonly BulkItem[] {
    return this.#items;
  }

  readonly counts: Readonly<Record<BulkStatus, number>> = $derived.by(() => {
    const counts = { waiting: 0, running: 0, done: 0, refused: 0, failed: 0, unknown: 0, stopped: 0, skipped: 0 };
    for (const { status } of this.#items) counts[status] += 1;
    return counts;
  });
  readonly ended: boolean = $derived(this.counts.waiting + this.counts.running === 0);
  /** An unknown end is never run again blindly. */
  readonly retriable: number = $derived(this.counts.failed + this.counts.refused + this.counts.stopped);

  /** Those whose turn has not come are left as they are. */
  stop(): void {
    this.#mark((item) => (item.status === 'waiting' ? { ...item, status: 'stopped' } : item));
  }

  retry(): void {
    const again: readonly BulkStatus[] = ['failed', 'refused', 'stopped'];
    this.#mark((item) => (again.includes(item.status) ? { ...item, status: 'waiting', fault: null } : item));
    this.#advance();
  }

  #advance(): void {
    for (let next = nextInTurn(this.#items); next !== null; next = nextInTurn(this.#items)) void this.#do(next);
  }

  async #do({ id }: BulkItem): Promise<void> {
    this.#mark((item) => (item.id === id ? { ...item, status: 'running' } : item));
    const placed = this.#placed(id);
    const { status, fault } =
      placed === null
        ? { status: 'failed' as const, fault: new Fault('not-found', { kind: 'VM', id }) }
        : await this.#execute(placed);
    this.#mark((item) => (item.id === id ? { ...item, status, fault } : item));
    this.#advance();
    if (this.ended) this.#onEnd(this);
  }

  #mark(change: (item: BulkItem) => BulkItem): void {
    this.#items = this.#items.map(change);
  }
}
