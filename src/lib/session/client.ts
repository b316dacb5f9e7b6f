// All that one operator manages, over any number of gateways and hosts: the one object the tab and the command line
// build on. It keeps one link per host, folds what the hosts say into one immutable fleet, and runs commands.
import type { Fleet } from '../model/fleet.ts';
import type { CommandId, HostId, Revision } from '../model/ids.ts';
import type { Millis } from '../model/units.ts';
import type { Args, Op, Reply } from '../protocol/schema.ts';
import type { CryptoProvider, KeyPair } from '../seal/provider.ts';
import type { Ticket } from '../seal/ticket.ts';
import type { Clock } from './clock.ts';
import type { Pairing } from './pairing.ts';
import type { Transport } from './transport.ts';

export type ClientOptions = {
  readonly provider: CryptoProvider;
  /** The operator's own key; its public half is what hosts know the operator by. */
  readonly identity: KeyPair;
  /** What was saved before; every host in it is linked to at once. */
  readonly pairings: readonly Pairing[];
  /** Makes the transport to one gateway; called once per gateway URL. */
  readonly transport: (gateway: string) => Transport;
  /** Called when a pairing is new or changed (name, site, role, suite, journal head): at most once a second per host. */
  readonly savePairing: (pairing: Pairing) => void | Promise<void>;
  readonly removePairing: (host: HostId) => void | Promise<void>;
  /** A save that failed is told here; the client goes on. Default: nothing. */
  readonly onSaveFailed?: (thrown: unknown) => void;
  /** Default: the machine's clock and timers. */
  readonly clock?: Clock;
  /** 0 <= x < 1, for jitter. Default: Math.random. */
  readonly random?: () => number;
};

export type RunOptions = {
  /** The VM revision this was decided on: the host refuses with `stale` when it is no longer that. Default: null, any. */
  readonly expect?: Revision | null;
  /** Stops waiting (rejects with the signal's reason). What was sent may still be carried out. */
  readonly signal?: AbortSignal;
  /** The command's id; default: a new one. The same id is never carried out twice. */
  readonly id?: CommandId;
  /** The host must begin within this time, or refuses with `expired`. Default: two minutes. */
  readonly within?: Millis;
};

export type Paired = {
  readonly pairing: Pairing;
  /** `1234 5678`: the operator compares it with what the host shows. */
  readonly checkNumber: string;
};

export class Client {
  constructor(options: ClientOptions) {
    void options;
    throw new Error('not yet');
  }

  /** Everything known now. Immutable: a new object after every change, unchanged parts are the same objects. */
  get fleet(): Fleet {
    throw new Error('not yet');
  }

  /**
   * Calls `listener` with the new fleet after changes: many changes within about 16 ms are one call. Not called at once.
   * @returns ends it
   */
  onFleet(listener: (fleet: Fleet) => void): () => void {
    void listener;
    throw new Error('not yet');
  }

  /**
   * Enrols this operator at the ticket's host under `label` (a NAME), saves the pairing, and then links to the host as
   * usual. Pairing again with a known host replaces its pairing.
   * @throws Fault `pairing-refused`, `unreachable`, `gateway-lost`, `handshake`, `bad-argument`, `timeout`
   */
  pair(gateway: string, ticket: Ticket, label: string): Promise<Paired> {
    void [gateway, ticket, label];
    throw new Error('not yet');
  }

  /** Removes the host from the fleet and its pairing from the store. The host still knows this operator's key. */
  forget(host: HostId): Promise<void> {
    void host;
    throw new Error('not yet');
  }

  /** Tries to link now to a host that is offline or refused; nothing for one that is online or unknown. */
  retry(host: HostId): void {
    void host;
    throw new Error('not yet');
  }

  /** After a `rollback`: forgets the kept journal head, so that the host's journal is believed as it is now; links again. */
  acceptJournal(host: HostId): Promise<void> {
    void host;
    throw new Error('not yet');
  }

  /** True when `host` was refused because its journal went back, and `acceptJournal` is what would help. */
  rolledBack(host: HostId): boolean {
    void host;
    throw new Error('not yet');
  }

  /**
   * Runs one operation. Resolves with the host's reply whatever its status: `refused` and `failed` are data. If the link
   * is lost before the reply came, the command is sent again under its id on the next one; the host never carries it out
   * twice.
   * @throws Fault `offline` (nothing was sent), `not-found` (no such host), `id-reused` (that id is under way), `timeout`
   * (it was sent, the link was lost, and no answer came until it was too late)
   */
  run<O extends Op>(host: HostId, op: O, args: Args<O>, options: RunOptions = {}): Promise<Reply> {
    void [host, op, args, options];
    throw new Error('not yet');
  }

  /** Closes every link and saves what was not saved yet. Commands under way reject with `offline`. Final. */
  close(): void {
    throw new Error('not yet');
  }
}
