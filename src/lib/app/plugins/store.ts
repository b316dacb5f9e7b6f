// The plugins this browser keeps, in a store of their own: nothing of theirs is near the keys. Where the browser refuses that, they
// last as long as the tab.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { Fault } from '#lib/model/fault.ts';
import type { Millis } from '#lib/model/units.ts';
import { parseManifest, type Manifest } from '#lib/plugin/manifest.ts';

/** Where a plugin is from. */
export type PluginOrigin =
  | { readonly kind: 'bundled'; readonly file: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'url'; readonly url: string };

export type KeptPlugin = {
  readonly id: string;
  readonly origin: PluginOrigin;
  readonly source: string;
  /** Of the source, in hex. */
  readonly sha256: string;
  readonly manifest: Manifest;
  /** When this source came in. */
  readonly at: Millis;
  /** Whether the operator wants it used. */
  readonly on: boolean;
  /** Only what differs from the defaults; checked against the manifest when it is used. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Another source its address answered with: until the operator decides, neither is used. */
  readonly offered: Offered | null;
};
export type Offered = Pick<KeptPlugin, 'source' | 'sha256' | 'manifest' | 'at'>;

interface Schema extends DBSchema {
  plugins: { key: string; value: KeptPlugin };
}

export class PluginStore {
  readonly #db: IDBPDatabase<Schema> | null;
  /** Why what is added does not outlive this tab; null when it does. */
  readonly fault: Fault | null;

  private constructor(db: IDBPDatabase<Schema> | null, fault: Fault | null) {
    this.#db = db;
    this.fault = fault;
  }

  /** Never rejects. */
  static async open(): Promise<PluginStore> {
    try {
      const db = await openDB<Schema>('smps-plugins', 1, {
        upgrade: (fresh) => void fresh.createObjectStore('plugins', { keyPath: 'id' })
      });
      return new PluginStore(db, null);
    } catch (cause) {
      return new PluginStore(null, storageFault(cause));
    }
  }

  /** What cannot be read any more is left out. */
  async all(): Promise<KeptPlugin[]> {
    const kept: unknown[] = (await this.#db?.getAll('plugins')) ?? [];
    return kept.flatMap((value) => readKept(value) ?? []);
  }

  /** @throws Fault `storage-refused` */
  async put(plugin: KeptPlugin): Promise<void> {
    try {
      await this.#db?.put('plugins', plugin);
    } catch (cause) {
      throw storageFault(cause);
    }
  }

  async remove(id: string): Promise<void> {
    await this.#db?.delete('plugins', id);
  }

  close(): void {
    this.#db?.close();
  }
}

/** Null: not what this version keeps. */
function readKept(value: unknown): KeptPlugin | null {
  const kept = value as KeptPlugin;
  try {
    const offered = kept.offered === null ? null : { ...kept.offered, manifest: parseManifest(kept.offered.manifest) };
    const manifest = parseManifest(kept.manifest);
    return manifest.id === kept.id && typeof kept.source === 'string' ? { ...kept, manifest, offered } : null;
  } catch {
    return null;
  }
}

function storageFault(cause: unknown): Fault {
  return new Fault('storage-refused', { reason: cause instanceof Error ? cause.message : String(cause) }, { cause });
}
