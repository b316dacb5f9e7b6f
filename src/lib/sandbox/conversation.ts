// One worker's life on its port: a question, its answer, in time. Whoever gets no good answer closes it.
import { Misspoken, readAnswer } from './answers.ts';
import type { Expected } from './answers.ts';
import type { Columns } from '../plugin/columns.ts';
import { openLane } from './courier.ts';
import type { Lane } from './courier.ts';
import type { Frame } from './frame.ts';
import { PROPOSAL_INTERVAL } from './messages.ts';
import type { Answer, Ask, Moves } from './messages.ts';

/** The worker did not answer, or its process died. */
export class Stopped extends Error {}

type Terms = {
  readonly expected: Expected;
  /** Until it must have answered. */
  readonly ms: number;
  readonly onproposal: (moves: Moves) => void;
  readonly signal: AbortSignal;
};

/** Milliseconds between two looks whether the frame's process lives, and how long it may take to say so. */
const PULSE = 1_000;
const PULSE_WAIT = 3_000;
/** Proposals may come a little closer together than they were sent. */
const SPARE_PROPOSALS = 10;
const LOST = 'could not be given the fleet: the browser did not start a worker';

export class Conversation {
  /** The fleet the worker has. */
  fleet: Columns | null = null;
  readonly #frame: Frame;
  readonly #lane: Lane;
  #closed = false;
  #stop: (reason: Error) => void = () => undefined;

  constructor(frame: Frame) {
    this.#frame = frame;
    // Nothing may be said unasked: the next question would be taken as answered.
    frame.port.onmessage = () => this.close();
    const lane = new MessageChannel();
    this.#lane = openLane(lane.port1);
    frame.port.postMessage(null, [lane.port2]);
  }

  /** @throws Stopped, Misspoken; the signal's reason. After any of them this conversation is of no use. */
  ask(ask: Ask, { expected, ms, onproposal, signal }: Terms): Promise<Answer> {
    const { port } = this.#frame;
    return new Promise<Answer>((resolve, reject) => {
      const aborted = (): void => end(() => reject(signal.reason as Error));
      const late = setTimeout(() => this.#stop(new Stopped(`did not answer within ${seconds(ms)}`)), ms);
      const pulse = setInterval(() => void this.#feel(), PULSE);
      const end = (settle: () => void): void => {
        clearTimeout(late);
        clearInterval(pulse);
        signal.removeEventListener('abort', aborted);
        port.onmessage = () => this.close();
        this.#stop = () => undefined;
        settle();
      };
      this.#stop = (reason) => end(() => reject(reason));
      let left = SPARE_PROPOSALS + ms / PROPOSAL_INTERVAL;
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        try {
          const answer = readAnswer(data, expected);
          if (answer.is !== 'proposal') end(() => resolve(answer));
          else if (--left < 0) throw new Misspoken('answers too often');
          else onproposal(answer);
        } catch (thrown) {
          this.#stop(thrown as Error);
        }
      };
      port.onmessageerror = () => this.#stop(new Misspoken('answered what cannot be read'));
      signal.addEventListener('abort', aborted, { once: true });
      if (ask.ask !== 'fleet') port.postMessage(ask);
      else this.#lane.send(ask.columns).catch((cause: unknown) => this.#stop(new Stopped(LOST, { cause })));
    });
  }

  async isAlive(): Promise<boolean> {
    return !this.#closed && this.#frame.isAlive(PULSE_WAIT);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frame.remove();
    this.#lane.close();
    this.#stop(new Stopped('was stopped'));
  }

  async #feel(): Promise<void> {
    if (!(await this.#frame.isAlive(PULSE_WAIT))) this.#stop(new Stopped('died: it took more memory than there is'));
  }
}

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;
