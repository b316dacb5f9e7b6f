// Who may do what on this host: operators.json, written whole or not at all, and looked at anew at every question, so
// that a role counts as it stands at the moment of the command, whoever changed it.
import { readFileSync, statSync } from 'node:fs';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import { ROLES, roleAllows } from '../../src/lib/model/fleet.ts';
import type { Operator, Role } from '../../src/lib/model/fleet.ts';
import { NAME, operatorKey, PUBLIC_KEY } from '../../src/lib/model/ids.ts';
import type { HostId, OperatorKey } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Millis } from '../../src/lib/model/units.ts';
import { writeDurably } from '../files/durable.ts';
import { Fields } from '../files/fields.ts';
import { lockWithin } from '../files/lock.ts';
import type { Log } from '../log.ts';

/** Operators one host can have. */
export const MAX_OPERATORS = 1000;

type Register = ReadonlyMap<OperatorKey, Operator>;

export class Operators {
  readonly #path: string;
  readonly #host: HostId;
  readonly #log: Log;
  #register: Register;
  #stamp: string;
  #broken: Fault | null = null;
  #changing: Promise<unknown> = Promise.resolve();

  /** @throws Fault `corrupt-state` */
  constructor(path: string, host: HostId, log: Log) {
    this.#path = path;
    this.#host = host;
    this.#log = log;
    this.#stamp = stampOf(path);
    this.#register = read(path);
  }

  /** The operator with that key, as the file says now; null: nobody we know. */
  get(key: OperatorKey): Operator | null {
    this.#look();
    return this.#register.get(key) ?? null;
  }

  /** Oldest first. */
  list(): readonly Operator[] {
    this.#look();
    return [...this.#register.values()].sort((a, b) => a.since - b.since || (a.key < b.key ? -1 : 1));
  }

  /**
   * Adds an operator. One who is known already keeps the greater of the two roles: pairing again takes nothing away.
   * @throws Fault `too-large` beyond MAX_OPERATORS
   */
  enrol(key: OperatorKey, label: string, role: Role, since: Millis): Promise<Operator> {
    return this.#change((register) => {
      const known = register.get(key);
      if (known === undefined && register.size >= MAX_OPERATORS) {
        throw new Fault('too-large', { what: 'the list of operators', limit: `${MAX_OPERATORS} entries` });
      }
      const kept = known !== undefined && roleAllows(known.role, role) ? known.role : role;
      const operator: Operator = { key, label, role: kept, since: known?.since ?? since };
      return { next: new Map(register).set(key, operator), result: operator };
    });
  }

  /** Refused: `not-found`, `last-admin`. */
  setRole(key: OperatorKey, role: Role): Promise<Outcome<Operator>> {
    return this.#change<Outcome<Operator>>((register) => {
      const known = register.get(key);
      if (known === undefined) return { next: null, result: refused('not-found', { kind: 'operator', id: key }) };
      const operator = { ...known, role };
      const next = new Map(register).set(key, operator);
      return this.#keepsAdmin(known, next) ?? { next, result: done(operator) };
    });
  }

  /** Refused: `not-found`, `last-admin`. The caller closes the operator's links. */
  revoke(key: OperatorKey): Promise<Outcome<Operator>> {
    return this.#change<Outcome<Operator>>((register) => {
      const known = register.get(key);
      if (known === undefined) return { next: null, result: refused('not-found', { kind: 'operator', id: key }) };
      const next = new Map(register);
      next.delete(key);
      return this.#keepsAdmin(known, next) ?? { next, result: done(known) };
    });
  }

  #keepsAdmin(before: Operator, next: Register): { next: null; result: Outcome<never> } | null {
    if (before.role !== 'admin' || [...next.values()].some((each) => each.role === 'admin')) return null;
    return { next: null, result: refused('last-admin', { host: this.#host }) };
  }

  /** Changes follow one another, also over processes: the administrator's command line writes the same file. */
  #change<Result>(change: (register: Register) => { next: Register | null; result: Result }): Promise<Result> {
    const turn = this.#changing.then(async () => {
      const release = await lockWithin(5_000, `${this.#path}.lock`, 'a change of the operators');
      try {
        this.#look();
        // What cannot be read must not be replaced by the little we know.
        if (this.#broken !== null) throw this.#broken;
        const { next, result } = change(this.#register);
        if (next !== null) {
          const text = JSON.stringify({ version: 1, operators: [...next.values()] }, null, 2);
          await writeDurably(this.#path, `${text}\n`);
          this.#look();
        }
        return result;
      } finally {
        await release();
      }
    });
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  #look(): void {
    let stamp: string;
    try {
      stamp = stampOf(this.#path);
      if (stamp === this.#stamp) return;
      this.#register = read(this.#path);
      this.#broken = null;
    } catch (thrown) {
      // Edited by hand and broken, or gone: nobody is let in on the strength of what once was.
      stamp = 'broken';
      this.#register = new Map();
      if (this.#broken === null) this.#log('error', 'operators-unreadable', { reason: Fault.from(thrown).message });
      this.#broken = Fault.from(thrown);
    }
    this.#stamp = stamp;
  }
}

const stampOf = (path: string): string => {
  const { mtimeNs, ino, size } = statSync(path, { bigint: true });
  return `${ino}/${mtimeNs}/${size}`;
};

function read(path: string): Register {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new Fault('corrupt-state', { file: path, reason }, { cause });
  }
  const fields = Fields.parse(path, text);
  fields.whole('version', 1, 1);
  const operators = fields.list('operators', (item): Operator => ({
    key: operatorKey(item.text('key', PUBLIC_KEY)),
    label: item.text('label', NAME),
    role: item.choice('role', ROLES),
    since: millis(item.whole('since', 0))
  }));
  fields.end();
  const register = new Map(operators.map((operator) => [operator.key, operator]));
  if (register.size !== operators.length) throw fields.corrupt('an operator is listed twice');
  return register;
}
