// The operator's key and pairings in files of mode 0600 under SMPS_HOME. Written to a new file, synced and renamed: a crash
// leaves the old or the new one. A key that others may read is refused, as ssh does.
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../lib/model/fault.ts';
import type { HostId } from '../lib/model/ids.ts';
import type { CryptoProvider, KeyPair } from '../lib/seal/provider.ts';
import { parsePairing, upToDate } from '../lib/session/pairing.ts';
import type { Saving } from '../lib/session/pairing-saver.ts';
import type { Pairing } from '../lib/session/pairing.ts';

const KEY = 'operator-key.json';
const HOSTS = 'hosts';
const VERSION = 1;

/** SMPS_HOME, else `smps-vmm` in the XDG configuration directory. */
export function homeDirectory(env: NodeJS.ProcessEnv): string {
  if (env.SMPS_HOME) return env.SMPS_HOME;
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'smps-vmm');
}

export class Home {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * The operator's key; made on first use.
   * @throws Fault `corrupt-state` when it cannot be read as one, or others may read it
   */
  async identity(provider: CryptoProvider): Promise<KeyPair> {
    const file = join(this.directory, KEY);
    const text = this.#read(file);
    if (text === null) {
      const pair = await provider.generateKeyPair(true);
      const jwk = await provider.exportKeyPair(pair);
      this.#write(file, { version: VERSION, key: jwk });
      return pair;
    }
    const mode = statSync(file).mode & 0o777;
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const reason = `others may read or change it (mode ${mode.toString(8)}): chmod 600 it, or pair anew with a new key`;
      throw new Fault('corrupt-state', { file, reason });
    }
    const { key } = parse(file, text);
    try {
      return await provider.importKeyPair(key as Parameters<CryptoProvider['importKeyPair']>[0], true);
    } catch (cause) {
      throw new Fault('corrupt-state', { file, reason: 'it holds no P-256 private key' }, { cause });
    }
  }

  /** Sorted by host id. @throws Fault `corrupt-state` */
  pairings(): Pairing[] {
    let names: string[];
    try {
      names = readdirSync(join(this.directory, HOSTS));
    } catch (thrown) {
      if (isAbsent(thrown)) return [];
      throw thrown;
    }
    const files = names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
    return files.map((name) => {
      const file = join(this.directory, HOSTS, name);
      const pairing = parsePairing(parse(file, this.#read(file) ?? '').pairing, file);
      if (`${pairing.host}.json` !== name) throw new Fault('corrupt-state', { file, reason: 'it names another host' });
      return pairing;
    });
  }

  /** Of what is stored of the same host, the later journal head and the better suite stay. */
  savePairing(pairing: Pairing, saving: Saving = 'anew'): void {
    const file = this.#fileOf(pairing.host);
    const text = this.#read(file);
    if (text === null && saving === 'changed') return;
    const stored = text === null ? null : parsePairing(parse(file, text).pairing, file);
    const known = stored !== null && (saving === 'changed' || stored.hostKey === pairing.hostKey);
    this.#write(file, { version: VERSION, pairing: known ? upToDate(stored, pairing) : pairing });
  }

  /** Believes whatever journal the host shows next (Client.acceptJournal, without a link). */
  forgetJournal(pairing: Pairing): void {
    this.#write(this.#fileOf(pairing.host), { version: VERSION, pairing: { ...pairing, head: null } });
  }

  removePairing(host: HostId): void {
    rmSync(this.#fileOf(host), { force: true });
  }

  #fileOf(host: HostId): string {
    return join(this.directory, HOSTS, `${host}.json`);
  }

  #read(file: string): string | null {
    try {
      return readFileSync(file, 'utf8');
    } catch (thrown) {
      if (isAbsent(thrown)) return null;
      throw thrown;
    }
  }

  #write(file: string, content: object): void {
    mkdirSync(join(this.directory, HOSTS), { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}.new`;
    rmSync(draft, { force: true });
    const handle = openSync(draft, 'wx', 0o600);
    try {
      writeSync(handle, `${JSON.stringify(content, null, 2)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  }
}

const isAbsent = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

function parse(file: string, text: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new Fault('corrupt-state', { file, reason: 'it is not JSON' }, { cause });
  }
  if (typeof content !== 'object' || content === null || !('version' in content) || content.version !== VERSION) {
    throw new Fault('corrupt-state', { file, reason: `it is not of version ${VERSION}` });
  }
  return content;
}
