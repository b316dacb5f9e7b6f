// Pairing with one or many hosts, followed host by host: several at once, each with its check number or its fault.
import { Fault } from '#lib/model/fault.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Ticket } from '#lib/seal/ticket.ts';
import type { Paired } from '#lib/session/client.ts';
import { mapBy } from '../immutable-map.ts';

export type PairingStep = {
  readonly host: HostId;
  readonly status: 'waiting' | 'pairing' | 'paired' | 'failed';
  readonly checkNumber: string | null;
  readonly fault: Fault | null;
};

const AT_ONCE = 4;

export class PairingRun {
  #steps = $state.raw<readonly PairingStep[]>([]);
  #busy = $state(false);

  get steps(): readonly PairingStep[] {
    return this.#steps;
  }
  get busy(): boolean {
    return this.#busy;
  }

  /** Never rejects. A host named twice is paired with once, by its last ticket. */
  async start(tickets: readonly Ticket[], pair: (ticket: Ticket) => Promise<Paired>): Promise<void> {
    const queue = [...mapBy(tickets, (ticket) => ticket.host).values()];
    this.#steps = queue.map(({ host }) => ({ host, status: 'waiting', checkNumber: null, fault: null }));
    this.#busy = true;
    const worker = async (): Promise<void> => {
      for (let ticket = queue.shift(); ticket; ticket = queue.shift()) {
        const { host } = ticket;
        this.#set(host, { status: 'pairing' });
        try {
          const { checkNumber } = await pair(ticket);
          this.#set(host, { status: 'paired', checkNumber });
        } catch (thrown) {
          this.#set(host, { status: 'failed', fault: Fault.from(thrown) });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.#busy = false;
  }

  /** Leaves the steps of one host out: it was forgotten again. */
  drop(host: HostId): void {
    this.#steps = this.#steps.filter((step) => step.host !== host);
  }

  #set(host: HostId, change: Partial<PairingStep>): void {
    this.#steps = this.#steps.map((step) => (step.host === host ? { ...step, ...change } : step));
  }
}
