// What this browser keeps between visits, in IndexedDB: the operator's key and the pairings. Where the browser refuses
// that (or is full), the same is kept in memory until the tab closes, and `fault` says so.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { Fault } from '#lib/model/fault.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { KeyPair, Raw } from '#lib/seal/provider.ts';
import { parsePairing, upToDate, type Pairing } from '#lib/session/pairing.ts';
import type { Saving } from '#lib/session/pairing-saver.ts';

/** `native`: a non-extractable CryptoKey, which IndexedDB stores without revealing it. `wrapped`: sealed by a passphrase. */
export type StoredKey =
  | { readonly kind: 'native'; readonly pair: KeyPair }
  | {
      readonly kind: 'wrapped';
      readonly publicKey: Raw;
      readonly salt: Raw;
      readonly iterations: number;
      readonly nonce: Raw;
      /** AES-256-GCM of the private JWK as UTF-8 JSON. */
      readonly sealed: Raw;
    };

interface Schema extends DBSchema {
  keys: { key: 'operator'; value: StoredKey };
  pairings: { key: string; value: Pairing };
}

export class Storage {
  /** Told of what can no longer be kept, as it comes about. */
  onFault: (fault: Fault) => void = () => undefined;
  #fault: Fault | null;
  readonly #db: IDBPDatabase<Schema> | null;
  #memoryKey: StoredKey | null = null;
  readonly #memoryPairings = new Map<HostId, Pairing>();

  private constructor(db: IDBPDatabase<Schema> | null, fault: Fault | null) {
    this.#db = db;
    this.#fault = fault;
  }

  /** Why not everything outlives this tab; null when all is well. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** Never rejects. */
  static async open(): Promise<Storage> {
    try {
      const db = await openDB<Schema>('smps', 1, {
        upgrade(fresh) {
          fresh.createObjectStore('keys');
          fresh.createObjectStore('pairings', { keyPath: 'host' });
        }
      });
      // Asked once: a persistent store is not cleared when the disk runs short.
      if ('storage' in navigator) void navigator.storage.persist().catch(() => false);
      return new Storage(db, null);
    } catch (cause) {
      return new Storage(null, refused(cause));
    }
  }

  async key(): Promise<StoredKey | null> {
    return (await this.#db?.get('keys', 'operator')) ?? this.#memoryKey;
  }

  /** Keeps `fresh` unless there is a key already (another tab may have been quicker). @returns the key that is kept */
  async addKey(fresh: StoredKey): Promise<StoredKey> {
    if (this.#db === null) return (this.#memoryKey ??= fresh);
    try {
      const transaction = this.#db.transaction('keys', 'readwrite');
      const kept = await transaction.store.get('operator');
      if (!kept) await transaction.store.put(fresh, 'operator');
      await transaction.done;
      return kept ?? fresh;
    } catch (cause) {
      this.#failed(cause);
      return (this.#memoryKey ??= fresh);
    }
  }

  /** What cannot be read any more is left out and told to `onCorrupt`. */
  async pairings(onCorrupt: (fault: Fault) => void): Promise<Pairing[]> {
    if (this.#db === null) return [...this.#memoryPairings.values()];
    const found: Pairing[] = [];
    for (const value of await this.#db.getAll('pairings')) {
      try {
        found.push(parsePairing(value, 'the browser’s store'));
      } catch (thrown) {
        onCorrupt(Fault.from(thrown));
      }
    }
    // What could not be kept lives here.
    const others = found.filter(({ host }) => !this.#memoryPairings.has(host));
    return [...others, ...this.#memoryPairings.values()];
  }

  /** Never rejects: where it cannot be kept, it is remembered until the tab closes. */
  async savePairing(pairing: Pairing, saving: Saving = 'anew'): Promise<void> {
    if (this.#db === null) {
      this.#memoryPairings.set(pairing.host, pairing);
      return;
    }
    try {
      const transaction = this.#db.transaction('pairings', 'readwrite');
      const stored = saving === 'anew' ? undefined : await transaction.store.get(pairing.host);
      // Another tab has forgotten it, unless it could not be kept before.
      const isWanted = saving === 'anew' || stored !== undefined || this.#memoryPairings.has(pairing.host);
      if (isWanted) await transaction.store.put(stored === undefined ? pairing : upToDate(stored, pairing));
      await transaction.done;
      this.#memoryPairings.delete(pairing.host);
    } catch (cause) {
      this.#memoryPairings.set(pairing.host, pairing);
      this.#failed(cause);
    }
  }

  /** @throws Fault `storage-refused`: it is still kept */
  async removePairing(host: HostId): Promise<void> {
    try {
      await this.#db?.delete('pairings', host);
    } catch (cause) {
      this.#failed(cause);
      throw refused(cause);
    }
    this.#memoryPairings.delete(host);
  }

  #failed(cause: unknown): void {
    this.#fault = refused(cause);
    this.onFault(this.#fault);
  }

  close(): void {
    this.#db?.close();
  }
}

function refused(cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Fault('storage-refused', { reason }, { cause });
}
