// Whether the host is in maintenance: set by operators, kept in maintenance.json over restarts. What runs here goes on and may
// leave; nothing comes and nothing is started, so that a host that is being emptied becomes empty, and stays so.
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../src/lib/model/fault.ts';
import type { Maintenance as State } from '../src/lib/model/fleet.ts';
import { NAME } from '../src/lib/model/ids.ts';
import { millis } from '../src/lib/model/units.ts';
import type { Command, Op } from '../src/lib/protocol/schema.ts';
import { syncDirectory, writeDurably } from './files/durable.ts';
import { Fields } from './files/fields.ts';

/** What a host in maintenance does not do, as a refusal says it. */
const BARRED: Readonly<Partial<Record<Op, string>>> = {
  'vm.create': 'creating a VM here',
  'vm.clone': 'cloning a VM here',
  'vm.start': 'starting a VM here',
  'migration.prepare': 'moving a VM here'
};

export class Maintenance {
  readonly #path: string;
  #state: State | null;

  private constructor(path: string, state: State | null) {
    this.#path = path;
    this.#state = state;
  }

  /** @throws Fault `corrupt-state` */
  static async open(path: string): Promise<Maintenance> {
    return new Maintenance(path, await read(path));
  }

  /** Null: the host takes VMs. */
  get state(): State | null {
    return this.#state;
  }

  /** Begins it, or gives the one that goes on another reason and author. @throws the system's errors: then nothing has changed */
  async enter(by: string, reason: string, now: number): Promise<void> {
    const next = { since: this.#state?.since ?? millis(now), by, reason };
    await writeDurably(this.#path, `${JSON.stringify({ version: 1, ...next })}\n`);
    this.#state = next;
  }

  /** Ends it; nothing happens when there is none. @throws the system's errors */
  async leave(): Promise<void> {
    await rm(this.#path, { force: true });
    await syncDirectory(dirname(this.#path));
    this.#state = null;
  }

  /** Null unless the host, being in maintenance, does not do this. */
  refuses({ op }: Command): Fault | null {
    const what = BARRED[op];
    if (what === undefined || this.#state === null) return null;
    const { since, by, reason } = this.#state;
    const because = reason === '' ? '' : ` (${reason})`;
    return new Fault('unsupported', {
      what,
      reason: `the host is in maintenance since ${new Date(since).toISOString()}, by ${by}${because}`,
      instead: 'choose another host, or end the maintenance first'
    });
  }
}

async function read(path: string): Promise<State | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new Fault('corrupt-state', { file: path, reason }, { cause });
  }
  const fields = Fields.parse(path, text);
  fields.whole('version', 1, 1);
  const state = {
    since: millis(fields.whole('since', 0)),
    by: fields.text('by', NAME),
    reason: fields.text('reason', /^[^]{0,200}$/)
  };
  fields.end();
  return state;
}
