// The plans this browser keeps, in a store of their own. Where the browser refuses that, they last as long as the tab.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { keptPlan, readPlan, type Plan } from '#lib/plan/made/plan.ts';

interface Schema extends DBSchema {
  plans: { key: string; value: unknown };
}

export class PlanStore {
  readonly #db: IDBPDatabase<Schema> | null;

  private constructor(db: IDBPDatabase<Schema> | null) {
    this.#db = db;
  }

  /** Never rejects. */
  static async open(): Promise<PlanStore> {
    try {
      const db = await openDB<Schema>('smps-plans', 1, {
        upgrade: (fresh) => void fresh.createObjectStore('plans', { keyPath: 'id' })
      });
      return new PlanStore(db);
    } catch {
      return new PlanStore(null);
    }
  }

  /** Null: it is not kept, or cannot be read any more. */
  async get(id: string): Promise<Plan | null> {
    return readPlan(await this.#db?.get('plans', id).catch(() => null));
  }

  /** Whether plans outlive this tab. */
  get keeps(): boolean {
    return this.#db !== null;
  }

  /** What cannot be read any more is left out. */
  async all(): Promise<Plan[]> {
    const kept = (await this.#db?.getAll('plans').catch(() => [])) ?? [];
    return kept.flatMap((value) => readPlan(value) ?? []);
  }

  /** @returns whether it is kept over the life of this tab */
  async put(plan: Plan): Promise<boolean> {
    try {
      await this.#db?.put('plans', keptPlan(plan));
      return this.#db !== null;
    } catch {
      return false;
    }
  }

  async remove(id: string): Promise<void> {
    await this.#db?.delete('plans', id).catch(() => undefined);
  }
}
