// The journal: what this host was told to change, by whom, and how it ended. Append-only, one JSON line an entry, each
// holding the hash of the one before, synced to disk before a command is carried out and before it is answered.
// Invariant: what anybody was told (a head, a reply) is on disk.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Activity, JournalHead } from '../../src/lib/model/fleet.ts';
import type { CommandId, HostId, VmId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import { CommandIndex } from './command-index.ts';
import { syncDirectory } from '../files/durable.ts';
import { GENESIS, hashOf, parseLine, printLine } from './line.ts';
import type { Content, Ended, Ending, Line, Started } from './line.ts';
import { recover } from './recovery.ts';
import { Offsets } from './offsets.ts';
import type { Log } from '../log.ts';

/** A command as the journal has it. */
export type Entry = {
  readonly number: number;
  readonly at: number;
  readonly started: Started;
  /** Null while it runs (or when the outcome could not be written). */
  readonly ended: (Ended & { readonly at: number }) | null;
};

export type ActivityQuery = { readonly limit: number; readonly before: number | null; readonly vm: VmId | null };

type Pending = {
  readonly bytes: Buffer;
  readonly head: JournalHead;
  readonly settle: { resolve: () => void; reject: (fault: Fault) => void };
};

/** Lines looked at for one list of activities, at most: a filter that matches nothing must not read a journal of years. */
const MAX_LOOKED_AT = 50_000;
const BLOCK = 256;

export class Journal {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #now: () => number;
  readonly #log: Log;
  readonly #offsets: Offsets;
  readonly #index: CommandIndex;
  /** On disk. */
  #head: JournalHead;
  /** Where the next line goes in the chain: ahead of `#head` while lines are being written. */
  #tip: JournalHead;
  #pending: Pending[] = [];
  #writing: Promise<void> | null = null;
  #broken: Fault | null = null;
  readonly #unfinished: readonly number[];
  /** The newest activities as they were read last: every tab that opens asks for them. Good while the head is that one. */
  #newest: { readonly head: JournalHead; readonly limit: number; readonly found: readonly Activity[] } | null = null;

  private constructor(
    file: FileHandle,
    path: string,
    found: Awaited<ReturnType<typeof recover>>,
    o: { readonly now: () => number; readonly log: Log }
  ) {
    this.#file = file;
    this.#path = path;
    this.#now = o.now;
    this.#log = o.log;
    this.#offsets = found.offsets;
    this.#index = found.index;
    this.#head = this.#tip = found.head;
    this.#unfinished = found.unfinished;
  }

  /**
   * Opens or begins the journal of `host`, checking every line. A last line without its line break is what a crash
   * leaves of a write nobody was told of: it is cut off.
   * @throws Fault `corrupt-state` naming file and line for anything else that is wrong
   */
  static async open(path: string, host: HostId, log: Log, now: () => number = Date.now): Promise<Journal> {
    const file = await open(path, 'a+', 0o600);
    try {
      const found = await recover(file, path, host, log);
      const journal = new Journal(file, path, found, { now, log });
      if (found.head.number === 0) {
        await journal.#append({ kind: 'opened', host });
        await syncDirectory(dirname(path));
      }
      return journal;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  /** The newest line on disk. */
  get head(): JournalHead {
    return this.#head;
  }

  /** Commands found begun and not ended when the journal was opened, oldest first. */
  async unfinished(): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    for (const number of this.#unfinished) {
      const line = await this.#line(number);
      if (line.content.kind === 'started') found.push(entry(line, line.content, null));
    }
    return found;
  }

  /** The hash of the chain at line `number`; null where it has none (yet). Line 0 is before the first. */
  async hashAt(number: number): Promise<string | null> {
    if (number === 0) return GENESIS;
    if (number === this.#head.number) return this.#head.hash;
    if (number > this.#head.number) return null;
    const [line] = await this.#read(number, number);
    return line === undefined ? null : hashOf(line);
  }

  /** What became of the command with that id; null: never heard of. */
  async find(id: CommandId): Promise<Entry | null> {
    for (const { started, ended } of this.#index.find(id)) {
      const line = await this.#line(started);
      if (line.content.kind !== 'started' || line.content.id !== id) continue;
      const end = ended === null ? null : await this.#line(ended);
      return entry(line, line.content, end);
    }
    return null;
  }

  /** Resolves with the entry's number once it is on disk: only then may the command be carried out. @throws Fault `internal`, `no-space` */
  async begin(started: Omit<Started, 'kind'>): Promise<number> {
    const number = await this.#append({ kind: 'started', ...started });
    this.#index.add(started.id, number);
    return number;
  }

  /** Resolves once the outcome is on disk: only then may it be told. @throws Fault `internal`, `no-space` */
  async finish(id: CommandId, number: number, ending: Ending): Promise<void> {
    const end = await this.#append({ kind: 'ended', of: number, ...ending });
    this.#index.end(id, number, end);
  }

  /** Commands, newest first. `before`: only numbers below it. */
  async activities(query: ActivityQuery): Promise<readonly Activity[]> {
    const head = this.#head;
    const { limit, before, vm } = query;
    if (vm !== null || (before !== null && before <= head.number)) return this.#search(query);
    const known = this.#newest;
    if (known?.head === head && known.limit === limit) return known.found;
    const found = await this.#search(query);
    if (this.#head === head) this.#newest = { head, limit, found };
    return found;
  }

  async #search({ limit, before, vm }: ActivityQuery): Promise<readonly Activity[]> {
    const found: Activity[] = [];
    const ends = new Map<number, Line>();
    const top = Math.min(this.#head.number, (before ?? Infinity) - 1);
    for (let last = top; last > 0 && last > top - MAX_LOOKED_AT; last -= BLOCK) {
      const first = Math.max(1, last - BLOCK + 1);
      const lines = await this.#read(first, last);
      for (let n = last; n >= first; n--) {
        const line = parseLine(this.#place(n), (lines[n - first] ?? Buffer.alloc(0)).toString());
        const { content } = line;
        if (content.kind === 'ended') ends.set(content.of, line);
        if (content.kind !== 'started' || (vm !== null && content.vm !== vm)) continue;
        const end = ends.get(n) ?? (await this.#endOf(content.id, n));
        found.push(activityOf(entry(line, content, end)));
        if (found.length === limit) return found;
      }
    }
    return found;
  }

  /** Writes what is waiting, then closes the file. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    this.#broken ??= new Fault('internal', { reason: 'the journal is closed' });
    await this.#file.close();
  }

  async #endOf(id: CommandId, number: number): Promise<Line | null> {
    for (const { started, ended } of this.#index.find(id)) {
      if (started === number && ended !== null) return this.#line(ended);
    }
    return null;
  }

  #append(content: Content): Promise<number> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    const n = this.#tip.number + 1;
    const bytes = printLine({ n, prev: this.#tip.hash, at: this.#now(), content });
    const head: JournalHead = { number: n, hash: hashOf(bytes) };
    this.#tip = head;
    return new Promise((resolve, reject) => {
      this.#pending.push({ bytes, head, settle: { resolve: () => resolve(n), reject } });
      this.#writing ??= this.#write();
    });
  }

  /** One write and one sync for all lines that came while the disk was busy with the last ones. */
  async #write(): Promise<void> {
    // Lets what arrives in the same turn join in.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        const text = Buffer.concat(batch.flatMap(({ bytes }) => [bytes, LINE_BREAK]));
        await writeAll(this.#file, text);
        await this.#file.datasync();
      } catch (thrown) {
        const lost = [...batch, ...this.#pending.splice(0)];
        await this.#undo(lost, thrown);
        // What came meanwhile.
        if (this.#broken !== null) for (const { settle } of this.#pending.splice(0)) settle.reject(this.#broken);
        continue;
      }
      for (const { bytes, head, settle } of batch) {
        this.#offsets.add(bytes.length + 1);
        this.#head = head;
        settle.resolve();
      }
    }
    this.#writing = null;
  }

  /** Takes back lines that did not reach the disk. If even that fails, nothing is journalled any more until a restart. */
  async #undo(lines: readonly Pending[], thrown: unknown): Promise<void> {
    const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
    const full = 'code' in cause && cause.code === 'ENOSPC';
    const fault = full
      ? new Fault('no-space', { where: 'the agent’s state directory', need: 'a few KiB', free: 'nothing' }, { cause })
      : new Fault('internal', { reason: `the journal could not be written: ${cause.message}` }, { cause });
    this.#log('error', 'journal-write-failed', { file: this.#path, reason: cause.message });
    this.#tip = this.#head;
    try {
      await this.#file.truncate(this.#offsets.end);
      // A sync that failed once may have dropped what it should have written: only a re-read at the start can tell.
      if (!full) this.#broken = fault;
    } catch {
      this.#broken = fault;
    }
    for (const { settle } of lines) settle.reject(fault);
  }

  #place(number: number): string {
    return `${this.#path} line ${number}`;
  }

  async #line(number: number): Promise<Line> {
    const [bytes] = await this.#read(number, number);
    return parseLine(this.#place(number), (bytes ?? Buffer.alloc(0)).toString());
  }

  /** Lines `first`..`last`, both included, without their line breaks. */
  async #read(first: number, last: number): Promise<readonly Buffer[]> {
    const from = this.#offsets.of(first);
    const bytes = Buffer.alloc(this.#offsets.of(last + 1) - from);
    await this.#file.read(bytes, 0, bytes.length, from);
    const lines: Buffer[] = [];
    for (let n = first; n <= last; n++) {
      lines.push(bytes.subarray(this.#offsets.of(n) - from, this.#offsets.of(n + 1) - from - 1));
    }
    return lines;
  }
}

const LINE_BREAK = Buffer.from('\n');

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += (await file.write(bytes, sent)).bytesWritten;
}

function entry(line: Line, started: Started, end: Line | null): Entry {
  const ended = end?.content.kind === 'ended' ? { ...end.content, at: end.at } : null;
  return { number: line.n, at: line.at, started, ended };
}

/** The entry as operators see it. */
export const activityOf = ({ number, at, started, ended }: Entry): Activity => ({
  number,
  command: started.id,
  op: started.op,
  operator: started.operator,
  operatorLabel: started.label,
  vm: started.vm,
  summary: started.summary,
  status: ended?.status ?? 'running',
  startedAt: millis(at),
  endedAt: ended === null ? null : millis(ended.at),
  reason: ended === null ? null : reasonOf(ended),
  note: started.note
});

function reasonOf({ status, fault, effects }: Ending): string | null {
  if (fault === null) return null;
  const [found] = effects;
  return status === 'unknown' && found?.seen ? `${fault.message}; found afterwards: ${found.seen}` : fault.message;
}
