// The state directory of `npm start`: who holds it (one launcher at a time), and what the next start must find again.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { alive, holderOf, tryLock } from '../setup/lock.mjs';

export type HostRecord = {
  readonly id: HostId;
  readonly name: string;
  readonly site: string;
  readonly driver: 'libvirt' | 'simulated';
  /** TCP port of its agent, on loopback. */
  readonly port: number;
};

export type Sample = {
  readonly version: 1;
  /** Of the gateway. A browser's keys belong to the address, so it stays the same. */
  readonly port: number | null;
  /** Every host there ever was, in order; a start with fewer leaves the last ones alone. */
  readonly hosts: readonly HostRecord[];
  /** How many of them run. */
  readonly wanted: number;
  /** Sample VMs made so far, `web-1@n1`: made once, so that one that was deleted stays deleted. */
  readonly made: readonly string[];
};

export type State = {
  readonly dir: string;
  sample: Sample;
  /** Writes `sample`, whole or not at all. */
  save(sample: Sample): void;
  /** What another start on this directory is told: our address. */
  tell(url: string): void;
  release(): void;
};

const FRESH: Sample = { version: 1, port: null, hosts: [], wanted: 0, made: [] };
const MARK = 'sample.json';
const LOCK = 'lock';
/** What a start leaves beside the mark. */
const OURS = ['agents', 'h', 'hosts.json', 'log', 'operator', 'xen'];
const UNUSABLE: Readonly<Record<string, string>> = {
  EACCES: 'is a place where you may not write',
  EEXIST: 'is not a directory',
  ENOTDIR: 'is not a directory',
  EROFS: 'is on a read-only file system'
};

/** Where the state is kept when nobody says otherwise. */
export function defaultState(env: NodeJS.ProcessEnv, root: boolean): string {
  if (root) return '/var/lib/smps-vmm';
  const base = env.XDG_STATE_HOME ?? '';
  return join(base.startsWith('/') ? base : join(homedir(), '.local', 'state'), 'smps-vmm');
}

/**
 * Takes the directory for this process.
 * @throws Fault `already-running` (with the address of the one that runs), `bad-argument` where there can be none
 */
export function openState(path: string): State {
  const { dir, got } = take(resolve(path));
  if ('holder' in got) throw alreadyRunning(dir, got.holder);
  const state: State = {
    dir,
    sample: FRESH,
    save(sample) {
      writeFileSync(join(dir, `${MARK}.new`), `${JSON.stringify(sample, null, 2)}\n`);
      renameSync(join(dir, `${MARK}.new`), join(dir, MARK));
      state.sample = sample;
    },
    tell: (url) => got.lock.tell(url),
    release: () => got.lock.release()
  };
  return state;
}

function take(path: string) {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    const dir = realpathSync(path);
    return { dir, got: tryLock(join(dir, LOCK)) };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const reason = UNUSABLE[code] ?? `cannot be used: ${message}`;
    throw new Fault('bad-argument', { name: '--state', value: path, reason }, { cause: error });
  }
}

/** Reads what the last start left. @throws Fault `corrupt-state` */
export function loadSample(state: State): void {
  const file = join(state.dir, MARK);
  if (!existsSync(file)) return;
  try {
    state.sample = parseSample(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(
      'corrupt-state',
      { file, reason: `${reason} (npm start -- --reset begins anew)` },
      { cause: error }
    );
  }
}

/** Removes what starts have left in the directory, and nothing else. @throws Fault `bad-argument` unless it is one of ours. */
export function forget(state: State): void {
  const names = readdirSync(state.dir).filter((name) => name !== LOCK);
  if (names.length > 0 && !names.includes(MARK)) {
    throw new Fault('bad-argument', {
      name: '--state',
      value: state.dir,
      reason: 'holds files that npm start did not make: --reset leaves it alone'
    });
  }
  // The mark goes last: what is half removed can be removed again.
  for (const name of OURS) rmSync(join(state.dir, name), { recursive: true, force: true });
  rmSync(join(state.dir, MARK), { force: true });
  state.sample = FRESH;
}

/** Eight hex digits that stand for the directory where a name must be short. */
export const shortName = (dir: string): string => createHash('sha256').update(dir).digest('hex').slice(0, 8);

function alreadyRunning(dir: string, holder: { pid: number; about: string }): Fault {
  // It may only just be starting, or end this instant.
  const now = holderOf(join(dir, LOCK));
  const url = now !== null && alive(now) ? now.about : holder.about;
  return new Fault('already-running', {
    pid: String(holder.pid),
    what: `npm start for ${dir}${url === '' ? '' : `, at ${url},`}`
  });
}

function parseSample(value: unknown): Sample {
  const sample = record(value, 'sample.json');
  if (sample.version !== 1) throw new Error(`version is ${String(sample.version)}, not 1`);
  return {
    version: 1,
    port: sample.port === null ? null : port(sample.port),
    hosts: list(sample.hosts, 'hosts').map(parseHost),
    wanted: count(sample.wanted),
    made: list(sample.made, 'made').map(text)
  };
}

function parseHost(value: unknown): HostRecord {
  const host = record(value, 'host');
  const driver = text(host.driver);
  if (driver !== 'libvirt' && driver !== 'simulated') throw new Error(`driver is “${driver}”`);
  return { id: hostId(text(host.id)), name: text(host.name), site: text(host.site), driver, port: port(host.port) };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is no object`);
  return value as Readonly<Record<string, unknown>>;
}
function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is no list`);
  return value as readonly unknown[];
}
function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${String(value)} is no text`);
  return value;
}
function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new Error(`${String(value)} is no count`);
  return Number(value);
}
function port(value: unknown): number {
  const number = count(value);
  if (number < 1 || number > 65_535) throw new Error(`${String(number)} is no port`);
  return number;
}
