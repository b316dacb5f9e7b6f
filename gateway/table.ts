// The host table: host id -> the agent's address and the pin of its TLS key. The only source of addresses the gateway
// ever connects to. Read strictly and as a whole; a file that does not pass changes nothing.
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Fault } from '../src/lib/model/fault.ts';
import { hostId } from '../src/lib/model/ids.ts';
import type { HostId } from '../src/lib/model/ids.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export type HostEntry = {
  readonly hostname: string;
  readonly port: number;
  /** SHA-256 of the DER SubjectPublicKeyInfo, base64url, 43 characters. */
  readonly pin: string;
};
export type Hosts = ReadonlyMap<HostId, HostEntry>;

const MAX_TABLE = 16 * 1024 * 1024;
const PIN = /^sha256:([A-Za-z0-9_-]{43})$/;
/** Writers that are not atomic cause several events; the table is read when they are over. */
const SETTLE = 50;

/** @throws Error with the reason, unless `text` is `{ "hosts": { id: { "url": "https://…", "pin": "sha256:…" } } }`. */
export function parseTable(text: string): Hosts {
  const hosts = new Map<HostId, HostEntry>();
  const { hosts: listed } = onlyFields('the table', JSON.parse(text), ['hosts']);
  if (typeof listed !== 'object' || listed === null || Array.isArray(listed)) throw new Error('“hosts” is no object');
  for (const [id, value] of Object.entries(listed)) {
    const { url, pin } = onlyFields(`host “${id}”`, value, ['url', 'pin']);
    const key = typeof pin === 'string' ? PIN.exec(pin)?.[1] : undefined;
    if (key === undefined) throw new Error(`the pin of host “${id}” is not sha256:<43 characters of base64url>`);
    hosts.set(hostId(id), { ...parseUrl(id, url), pin: key });
  }
  return hosts;
}

function onlyFields(what: string, value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is no object`);
  const extra = Object.keys(value).find((name) => !names.includes(name));
  if (extra !== undefined) throw new Error(`${what} has an unknown field “${extra}”`);
  return value as Record<string, unknown>;
}

function parseUrl(id: string, text: unknown): { hostname: string; port: number } {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url?.protocol !== 'https:' || url.hostname === '') throw new Error(`the url of host “${id}” is not https://…`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Error(`the url of host “${id}” is more than https://address:port`);
  }
  // URL keeps the brackets of an IPv6 address; sockets do not want them.
  return { hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 443 : Number(url.port) };
}

export class HostTable {
  readonly #file: string;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #onChange: (hosts: Hosts) => void;
  #hosts: Hosts = new Map();
  #text = '';
  #reading: Promise<void> = Promise.resolve();
  #watcher: { close(): void } | null = null;
  #timer: NodeJS.Timeout | null = null;

  private constructor(file: string, log: Log, metrics: Metrics, onChange: (hosts: Hosts) => void) {
    this.#file = file;
    this.#log = log;
    this.#metrics = metrics;
    this.#onChange = onChange;
  }

  /** Reads `file` and follows its changes until `close`. @throws Fault `corrupt-state` when there is no good table to start with. */
  static async open(file: string, log: Log, metrics: Metrics, onChange: (hosts: Hosts) => void): Promise<HostTable> {
    const table = new HostTable(file, log, metrics, onChange);
    try {
      await table.#load();
    } catch (cause) {
      throw new Fault('corrupt-state', { file, reason: reasonOf(cause) }, { cause });
    }
    // The directory is watched: replacing a file by rename, the atomic way, ends a watch on the file itself.
    const watcher = watch(dirname(file), (_, name) => {
      if (name === null || name === basename(file)) table.#changed();
    });
    watcher.on('error', (error) => {
      log('table-unwatched', { reason: error.message });
    });
    table.#watcher = watcher;
    return table;
  }

  get(host: HostId): HostEntry | null {
    return this.#hosts.get(host) ?? null;
  }

  /** Reads the file again; what is wrong with it is logged, and the old table stays. */
  reload(): Promise<void> {
    // One after the other: a slow read of an old file must not replace a newer one.
    this.#reading = this.#reading.then(() => this.#reload());
    return this.#reading;
  }

  async #reload(): Promise<void> {
    try {
      if (await this.#load()) this.#onChange(this.#hosts);
    } catch (error) {
      this.#metrics.tableErrors += 1;
      this.#log('table-refused', { reason: reasonOf(error), kept: this.#hosts.size });
    }
  }

  close(): void {
    this.#watcher?.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #changed(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.reload(), SETTLE);
  }

  /** False when the file says what it said before. */
  async #load(): Promise<boolean> {
    const { size } = await stat(this.#file);
    if (size > MAX_TABLE) throw new Error(`it has ${String(size)} bytes, more than ${String(MAX_TABLE)}`);
    const text = await readFile(this.#file, 'utf8');
    if (text === this.#text) return false;
    const hosts = parseTable(text);
    this.#hosts = hosts;
    this.#text = text;
    this.#metrics.tableLoads += 1;
    this.#metrics.tableHosts = hosts.size;
    this.#log('table-loaded', { hosts: hosts.size });
    return true;
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
