// One console kept open: opened when the VM runs and its host is linked, again after a lost link, a stop or a move, and left alone where
// only the operator can decide (the line is somebody else's, the role forbids it).
import { Fault } from '#lib/model/fault.ts';
import type { FaultCode } from '#lib/model/fault.ts';
import type { VmState } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { ConsoleChannel } from '#lib/session/console.ts';

/**
 * `waiting`: for the link or for the VM to run; `following`: the VM is on its way to another host, and so is its console;
 * `retrying`: it opens again by itself at `at` (ms of `Date.now`); `ended`: by whom or what, null: by the VM's end. Only the operator
 * goes on from there.
 */
export type ConsoleState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'following' }
  | { readonly kind: 'open'; readonly host: HostId; readonly channel: ConsoleChannel }
  | { readonly kind: 'retrying'; readonly fault: Fault; readonly at: number }
  | { readonly kind: 'ended'; readonly fault: Fault | null };

/** Whether a VM in this state can have a console open. */
export const canShowConsole = (state: VmState): boolean =>
  state !== 'off' && state !== 'saved' && state !== 'crashed' && state !== 'unknown';

/** Where the VM is, as far as its console is concerned. */
export type Whereabouts = {
  readonly host: HostId;
  /** The host is linked and the VM runs. */
  readonly ready: boolean;
  /** It is on its way to another host. */
  readonly moving: boolean;
};

export type OpenConsole = (host: HostId, takeOver: boolean, signal: AbortSignal) => Promise<ConsoleChannel>;

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
  #wasOpen = $state(false);
  readonly #open: OpenConsole;
  #now: Whereabouts;
  /** The host it was last opened at, or tried. */
  #at: HostId;
  #attempt = 0;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(open: OpenConsole, host: HostId) {
    this.#open = open;
    this.#now = { host, ready: false, moving: false };
    this.#at = host;
  }

  get state(): ConsoleState {
    return this.#state;
  }

  /** It has been open at some time. */
  get wasOpen(): boolean {
    return this.#wasOpen;
  }

  /** To be told whenever one of it changes. */
  update(now: Whereabouts): void {
    const { host, ready, moving } = this.#now;
    this.#now = now;
    const { kind } = this.#state;
    if (host === now.host && ready === now.ready && moving === now.moving) return;
    // An open one is told by its channel when it ends, and one that is being opened by the answer.
    if (this.#closed || kind === 'open') return;
    const gone = this.#at !== now.host;
    if (!now.ready) this.#wait();
    else if (kind === 'waiting' || (kind === 'following' && (gone || !now.moving))) void this.connect();
    else if (gone && (kind === 'retrying' || this.#endedWithVm)) void this.connect();
  }

  /** Now: for the first time, or as the operator wishes. */
  async connect(takeOver = false): Promise<void> {
    this.#stop();
    const { signal } = (this.#abort = new AbortController());
    if (!(this.#state.kind === 'following' && this.#now.moving)) this.#state = { kind: 'opening' };
    this.#at = this.#now.host;
    try {
      const channel = await this.#open(this.#at, takeOver, signal);
      if (signal.aborted) {
        channel.close();
        return;
      }
      this.#attempt = 0;
      this.#wasOpen = true;
      this.#state = { kind: 'open', host: this.#at, channel };
    } catch (thrown) {
      if (!signal.aborted) this.#failed(Fault.from(thrown));
    }
  }

  /** From what shows `channel`: it is over. @param fault null when the VM's end closed it */
  ended(channel: ConsoleChannel, fault: Fault | null): void {
    const { state } = this;
    if (state.kind !== 'open' || state.channel !== channel) return;
    const { host, ready, moving } = this.#now;
    if (fault !== null) this.#failed(fault);
    else if (!ready) this.#wait();
    else if (host !== this.#at) void this.connect();
    else this.#state = moving ? { kind: 'following' } : { kind: 'ended', fault };
  }

  /** Final. */
  close(): void {
    this.#closed = true;
    const { state } = this;
    this.#stop();
    this.#state = { kind: 'ended', fault: null };
    if (state.kind === 'open') state.channel.close();
  }

  get #endedWithVm(): boolean {
    return this.#state.kind === 'ended' && this.#state.fault === null;
  }

  #failed(fault: Fault): void {
    // What the host it has left says, or is about to, is no longer about it.
    const left = this.#at !== this.#now.host || (this.#now.moving && fault.code === 'not-found');
    if (!left && !PASSING.has(fault.code)) this.#state = { kind: 'ended', fault };
    else if (!this.#now.ready) this.#wait();
    else {
      const wait = WAITS[Math.min(this.#attempt++, WAITS.length - 1)] ?? 0;
      this.#state = this.#now.moving ? { kind: 'following' } : { kind: 'retrying', fault, at: Date.now() + wait };
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
