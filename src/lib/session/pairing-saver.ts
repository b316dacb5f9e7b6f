// Saves pairings as they change: a journal head moves with every command, so at most once a second for each host.
import type { HostId } from '../model/ids.ts';
import type { Clock } from './clock.ts';
import type { Pairing } from './pairing.ts';

const EVERY = 1000;

/**
 * `anew`: it was paired with, or its journal was accepted: it takes the place of what is stored. `changed`: what is stored is brought up
 * to date, see `upToDate`; what is not, has been forgotten elsewhere.
 */
export type Saving = 'anew' | 'changed';
export type SavePairing = (pairing: Pairing, saving: Saving) => void | Promise<void>;

export class PairingSaver {
  readonly #clock: Clock;
  readonly #save: SavePairing;
  readonly #onFailed: (thrown: unknown) => void;
  readonly #unsaved = new Map<HostId, { readonly pairing: Pairing; readonly cancel: () => void }>();

  constructor(clock: Clock, save: SavePairing, onFailed: (thrown: unknown) => void = () => undefined) {
    this.#clock = clock;
    this.#save = save;
    this.#onFailed = onFailed;
  }

  /** Saves it within a second. */
  changed(pairing: Pairing): void {
    const { host } = pairing;
    const cancel =
      this.#unsaved.get(host)?.cancel ??
      this.#clock.after(EVERY, () => {
        this.#flush(host);
      });
    this.#unsaved.set(host, { pairing, cancel });
  }

  /** Saves it now, anew; rejects when that fails. What was to be saved of this host before is out of date. */
  async now(pairing: Pairing): Promise<void> {
    this.drop(pairing.host);
    await this.#save(pairing, 'anew');
  }

  /** The host is forgotten: nothing of it is saved any more. */
  drop(host: HostId): void {
    this.#unsaved.get(host)?.cancel();
    this.#unsaved.delete(host);
  }

  /** Begins to save everything that is not saved. */
  close(): void {
    for (const host of [...this.#unsaved.keys()]) this.#flush(host);
  }

  #flush(host: HostId): void {
    const unsaved = this.#unsaved.get(host);
    if (!unsaved) return;
    this.drop(host);
    const save = async (): Promise<void> => {
      await this.#save(unsaved.pairing, 'changed');
    };
    save().catch(this.#onFailed);
  }
}
