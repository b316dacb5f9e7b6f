// Pairing codes: each is a file under codes/, good for ten minutes, five tries and one use. A file, so that the
// administrator's command line can make one while the agent runs; named by the code's public id.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../src/lib/model/fault.ts';
import { ROLES } from '../../src/lib/model/fleet.ts';
import type { Role } from '../../src/lib/model/fleet.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Millis } from '../../src/lib/model/units.ts';
import { CODE, codeId } from '../../src/lib/seal/handshake.ts';
import type { CryptoProvider } from '../../src/lib/seal/provider.ts';
import { syncDirectory, writeDurably } from '../files/durable.ts';
import { Fields } from '../files/fields.ts';
import type { Log } from '../log.ts';

export const CODE_LIFETIME = 10 * 60_000;
export const CODE_TRIES = 5;

export type PairingCode = {
  /** 16 hex digits: what the wire calls codeId. Not secret. */
  readonly id: string;
  /** 16 bytes. Secret. */
  readonly code: Uint8Array<ArrayBuffer>;
  readonly role: Role;
  readonly expiresAt: Millis;
  /** Handshakes that failed with it. */
  readonly tries: number;
};

const GOOD = 'json';
const SPENT = 'spent';
const FILE = /^([0-9a-f]{16})\.(json|spent)$/;

export class Codes {
  readonly #directory: string;
  readonly #provider: CryptoProvider;
  readonly #log: Log;
  readonly #now: () => number;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(directory: string, provider: CryptoProvider, log: Log, now: () => number = Date.now) {
    this.#directory = directory;
    this.#provider = provider;
    this.#log = log;
    this.#now = now;
  }

  /** A fresh code. Codes that are no longer good are removed on the way. */
  async create(role: Role): Promise<PairingCode> {
    await this.sweep();
    const code = new Uint8Array(randomBytes(CODE));
    const id = Buffer.from(await codeId(this.#provider, code)).toString('hex');
    const made: PairingCode = { id, code, role, expiresAt: millis(this.#now() + CODE_LIFETIME), tries: 0 };
    await this.#write(made);
    return made;
  }

  /** The code if it is good now; null for any other. */
  async find(id: string): Promise<PairingCode | null> {
    const found = await this.#read(id);
    return found !== null && found.expiresAt > this.#now() && found.tries < CODE_TRIES ? found : null;
  }

  /** Counts a failed try. */
  failed(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const found = await this.#read(id);
      if (found === null) return;
      const tries = found.tries + 1;
      if (tries < CODE_TRIES) await this.#write({ ...found, tries });
      else await this.#remove(id);
      this.#log('warn', 'pairing-failed', { code: id, tries });
    });
  }

  /**
   * Uses the code up for `use`, unless that throws: it is good again then. Of two callers one gets it.
   * @returns null when it is no longer good
   */
  spend<Result>(id: string, use: (code: PairingCode) => Promise<Result>): Promise<Result | null> {
    return this.#inTurn(async () => {
      const found = await this.find(id);
      if (found === null) return null;
      let result: Result;
      try {
        // Put aside, not removed after it: an agent that ends in between must not leave it good. A name needs no room on a full disk.
        await this.#rename(this.#path(id), this.#path(id, SPENT));
        result = await use(found);
      } catch (thrown) {
        await this.#rename(this.#path(id, SPENT), this.#path(id)).catch(() => undefined);
        throw thrown;
      }
      // It is spent with or without its file, which is swept otherwise.
      await this.#remove(id, SPENT).catch(() => undefined);
      return result;
    });
  }

  /** Removes what is spent, expired or unreadable. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const [, id, kind] = FILE.exec(name) ?? [];
      if (id === undefined) continue;
      if (kind === SPENT) await this.#remove(id, SPENT);
      else if ((await this.find(id)) === null) await this.#remove(id);
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#changing.then(work);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  #path(id: string, kind = GOOD): string {
    if (!/^[0-9a-f]{16}$/.test(id)) throw new Fault('bad-argument', { name: 'code id', value: id, reason: 'is none' });
    return join(this.#directory, `${id}.${kind}`);
  }

  async #rename(from: string, to: string): Promise<void> {
    await rename(from, to);
    await syncDirectory(this.#directory);
  }

  async #remove(id: string, kind = GOOD): Promise<void> {
    await rm(this.#path(id, kind), { force: true });
    await syncDirectory(this.#directory);
  }

  #write({ id, code, role, expiresAt, tries }: PairingCode): Promise<void> {
    const text = { version: 1, code: Buffer.from(code).toString('base64url'), role, expiresAt, tries };
    return writeDurably(this.#path(id), `${JSON.stringify(text)}\n`);
  }

  async #read(id: string): Promise<PairingCode | null> {
    const path = this.#path(id);
    try {
      const fields = Fields.parse(path, await readFile(path, 'utf8'));
      fields.whole('version', 1, 1);
      const read: PairingCode = {
        id,
        code: new Uint8Array(Buffer.from(fields.text('code', /^[A-Za-z0-9_-]{22}$/), 'base64url')),
        role: fields.choice('role', ROLES),
        expiresAt: millis(fields.whole('expiresAt', 0)),
        tries: fields.whole('tries', 0)
      };
      fields.end();
      return read;
    } catch (thrown) {
      if (thrown instanceof Fault) this.#log('warn', 'pairing-code-unreadable', { code: id, reason: thrown.message });
      return null;
    }
  }
}
