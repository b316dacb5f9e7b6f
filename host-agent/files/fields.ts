// Strict reading of the agent's own JSON files: every field is asked for by name and type, and none may be left over.
import { Fault } from '../../src/lib/model/fault.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Fields {
  readonly #file: string;
  readonly #values: Map<string, unknown>;

  private constructor(file: string, value: unknown) {
    this.#file = file;
    if (!isObject(value)) throw this.corrupt('it must hold an object');
    this.#values = new Map(Object.entries(value));
  }

  /** `file` names the place in faults (“journal.jsonl line 3”). @throws Fault `corrupt-state` unless `text` is one JSON object */
  static parse(file: string, text: string): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new Fault('corrupt-state', { file, reason: 'it is not JSON' }, { cause });
    }
    return new Fields(file, value);
  }

  /** The same for a value that is parsed already. @throws Fault `corrupt-state` unless it is an object */
  static of(file: string, value: unknown): Fields {
    return new Fields(file, value);
  }

  corrupt(reason: string): Fault {
    return new Fault('corrupt-state', { file: this.#file, reason });
  }

  /** A string matching `pattern`. @throws Fault `corrupt-state`, as all below */
  text(name: string, pattern: RegExp = /^/): string {
    const value = this.#take(name);
    if (typeof value !== 'string' || !pattern.test(value)) throw this.corrupt(`“${name}” is missing or malformed`);
    return value;
  }

  /** A whole number `min`..`max`. */
  whole(name: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#take(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw this.corrupt(`“${name}” must be a whole number from ${min} to ${max}`);
    }
    return value;
  }

  choice<const Values extends readonly string[]>(name: string, values: Values): Values[number] {
    const value = this.#take(name);
    const found = values.find((each) => each === value);
    if (found === undefined) throw this.corrupt(`“${name}” must be one of ${values.join(', ')}`);
    return found;
  }

  flag(name: string): boolean {
    const value = this.#take(name);
    if (typeof value !== 'boolean') throw this.corrupt(`“${name}” must be true or false`);
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#file, this.#take(name));
  }

  list<Item>(name: string, read: (item: Fields) => Item): readonly Item[] {
    const value = this.#take(name);
    if (!Array.isArray(value)) throw this.corrupt(`“${name}” must be a list`);
    return value.map((item: unknown) => {
      const fields = new Fields(this.#file, item);
      const made = read(fields);
      fields.end();
      return made;
    });
  }

  /** What `read` makes of the field, or null when it is null or absent. */
  maybe<Value>(name: string, read: () => Value): Value | null {
    const value = this.#values.get(name);
    if (value !== undefined && value !== null) return read();
    this.#values.delete(name);
    return null;
  }

  /** The names that have not been asked for. */
  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** All that has not been asked for, as it is: for a part that checks itself. */
  rest(): Readonly<Record<string, unknown>> {
    const rest = Object.fromEntries(this.#values);
    this.#values.clear();
    return rest;
  }

  /** Refuses what nobody asked for. */
  end(): void {
    const [left] = this.#values.keys();
    if (left !== undefined) throw this.corrupt(`“${left}” is unknown`);
  }

  #take(name: string): unknown {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }
}
