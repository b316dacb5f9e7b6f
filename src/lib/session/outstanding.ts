// Commands sent and not yet answered. Each keeps its exact bytes, so that after a lost link it can be sent again as it
// was: the host recognises id and digest, and never carries it out twice (docs/WIRE.md, Exactly once).
import { Fault } from '../model/fault.ts';
import type { CommandId, HostId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import type { Millis } from '../model/units.ts';
import type { Command, Reply } from '../protocol/schema.ts';
import type { Clock } from './clock.ts';

/** How long an answer is still hoped for after the link was lost, at the least. */
const PATIENCE = 60_000;

type Entry = {
  readonly command: Command;
  readonly xml: Xml;
  /** Until when the host may begin it, by our clock. */
  readonly until: Millis;
  settle(outcome: Reply | Error): void;
  stopWaiting: () => void;
};

export class Outstanding {
  readonly #host: HostId;
  readonly #clock: Clock;
  readonly #entries = new Map<CommandId, Entry>();

  constructor(host: HostId, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  /**
   * Keeps a command until its reply; the caller sends `xml`.
   * @param until when its time to begin is over, by our clock
   * @throws Fault `id-reused` when that id is under way; rejects with the signal's reason, or Fault `unanswered`
   */
  add(command: Command, xml: Xml, until: Millis, signal?: AbortSignal): Promise<Reply> {
    const { id } = command;
    if (this.#entries.has(id)) throw new Fault('id-reused', { id });
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        entry.settle(signal?.reason as Error);
      };
      const entry: Entry = {
        command,
        xml,
        until,
        stopWaiting: () => undefined,
        settle: (outcome) => {
          this.#entries.delete(id);
          entry.stopWaiting();
          signal?.removeEventListener('abort', abandon);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        }
      };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#entries.set(id, entry);
    });
  }

  /** Settles the command this answers; an answer to nothing (a repeated one, or no longer waited for) is dropped. */
  answer(reply: Reply): void {
    this.#entries.get(reply.to)?.settle(reply);
  }

  /** The link is gone: each command waits for the next one until its time is over, and then rejects. */
  linkLost(): void {
    for (const entry of this.#entries.values()) {
      entry.stopWaiting();
      const left = Math.max(PATIENCE, entry.until - this.#clock.now());
      entry.stopWaiting = this.#clock.after(left, () => {
        entry.settle(this.#unanswered(entry));
      });
    }
  }

  /** There is a link again: what must be sent once more, oldest first. From here the host's answer is waited for. */
  takeUnanswered(): readonly Xml[] {
    for (const entry of this.#entries.values()) entry.stopWaiting();
    return Array.from(this.#entries.values(), (entry) => entry.xml);
  }

  /** No link will come: rejects everything. */
  close(): void {
    for (const entry of [...this.#entries.values()]) entry.settle(this.#unanswered(entry));
  }

  #unanswered(entry: Entry): Fault {
    return new Fault('unanswered', { op: entry.command.op, host: this.#host });
  }
}
