// A plugin's console: so many lines a call, each so long, the rest only counted. Nothing goes to the browser's own console.
import { LIMITS } from './messages.ts';
import type { Said } from './messages.ts';

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'assert', 'group', 'count'] as const;

export class ConsoleCapture {
  #lines: string[] = [];
  #dropped = 0;

  /** Takes the place of `console` of this realm, all of it. */
  install(realm: { console: unknown }): void {
    const write = (...values: unknown[]): void => this.write(values);
    const silent = (): void => undefined;
    const methods = Object.fromEntries(METHODS.map((name) => [name, write]));
    realm.console = new Proxy(methods, { get: (known, name) => known[String(name)] ?? silent });
  }

  write(values: readonly unknown[]): void {
    if (this.#lines.length >= LIMITS.lines) this.#dropped += 1;
    else this.#lines.push(values.map(printed).join(' ').slice(0, LIMITS.line));
  }

  /** What was written since it was last taken. */
  take(): Said {
    const said = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    return said;
  }
}

function printed(value: unknown): string {
  try {
    if (typeof value === 'string') return value.slice(0, LIMITS.line);
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  } catch {
    return '(cannot be shown)';
  }
}
