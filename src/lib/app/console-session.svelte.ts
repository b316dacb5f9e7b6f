// One console kept open: opened when the VM runs and its host is linked, again after a lost link or a stop, and left alone where only
// the operator can decide (the line is somebody else's, the role forbids it).
import { Fault } from '#lib/model/fault.ts';
import type { FaultCode } from '#lib/model/fault.ts';
import type { VmState } from '#lib/model/fleet.ts';
import type { ConsoleChannel } from '#lib/session/console.ts';

/**
 * `waiting`: for the link or for the VM to run; `retrying`: it opens again by itself at `at` (ms of `Date.now`); `ended`: by whom or
 * what, null: by the VM's end. Only the operator goes on from there.
 */
export type ConsoleState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly channel: ConsoleChannel }
  | { readonly kind: 'retrying'; readonly fault: Fault; readonly at: number }
  | { readonly kind: 'ended'; readonly fault: Fault | null };

/** Whether a VM in this state can have a console open. */
export const canShowConsole = (state: VmState): boolean =>
  state !== 'off' && state !== 'saved' && state !== 'crashed' && state !== 'unknown';

export type OpenConsole = (takeOver: boolean, signal: AbortSignal) => Promise<ConsoleChannel>;

/** What passes by itself: the way there, and a state that is about to change. */
const PASSING: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'offline',
  'unreachable',
  'unanswered',
  'gateway-lost',
  'link-ended',
  'timeout',
  'wrong-state',
  'hypervisor-down'
]);

/** Milliseconds until it opens by itself, the last one again and again. */
const WAITS = [250, 500, 1_000, 2_000, 5_000, 15_000] as const;

export class ConsoleSession {
  #state = $state.raw<ConsoleState>({ kind: 'waiting' });
  readonly #open: OpenConsole;
  #ready = false;
  #attempt = 0;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(open: OpenConsole) {
    this.#open = open;
  }

  get state(): ConsoleState {
    return this.#state;
  }

  /** @param ready the host is linked and the VM runs: to be told whenever that changes */
  update(ready: boolean): void {
    if (ready === this.#ready) return;
    this.#ready = ready;
    if (ready) {
      if (this.#state.kind === 'waiting') void this.connect();
    } else if (this.#state.kind !== 'open') this.#wait();
    // An open one is told by its channel when it ends.
  }

  /** Now: for the first time, or as the operator wishes. */
  async connect(takeOver = false): Promise<void> {
    this.#stop();
    const { signal } = (this.#abort = new AbortController());
    this.#state = { kind: 'opening' };
    try {
      const channel = await this.#open(takeOver, signal);
      if (signal.aborted) {
        channel.close();
        return;
      }
      this.#attempt = 0;
      this.#state = { kind: 'open', channel };
    } catch (thrown) {
      if (!signal.aborted) this.#failed(Fault.from(thrown));
    }
  }

  /** From what shows `channel`: it is over. @param fault null when the VM's end closed it */
  ended(channel: ConsoleChannel, fault: Fault | null): void {
    const { state } = this;
    if (state.kind !== 'open' || state.channel !== channel) return;
    if (fault === null && this.#ready) this.#state = { kind: 'ended', fault };
    else if (fault === null) this.#wait();
    else this.#failed(fault);
  }

  /** Final. */
  close(): void {
    this.#closed = true;
    const { state } = this;
    this.#stop();
    this.#state = { kind: 'ended', fault: null };
    if (state.kind === 'open') state.channel.close();
  }

  #failed(fault: Fault): void {
    if (!PASSING.has(fault.code)) this.#state = { kind: 'ended', fault };
    else if (!this.#ready) this.#wait();
    else {
      const wait = WAITS[Math.min(this.#attempt++, WAITS.length - 1)] ?? 0;
      this.#state = { kind: 'retrying', fault, at: Date.now() + wait };
      this.#timer = setTimeout(() => void this.connect(), wait);
    }
  }

  #wait(): void {
    if (this.#closed) return;
    this.#stop();
    this.#state = { kind: 'waiting' };
  }

  #stop(): void {
    this.#abort.abort(new Fault('cancelled', { by: 'this tab', left: '' }));
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
