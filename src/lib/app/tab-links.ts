// The links of a tab: its client, and the pairings as they are now, which the store keeps. They are begun while the page's own code
// is still on its way, so who shows them comes later.
import type { HostId } from '#lib/model/ids.ts';
import type { CryptoProvider, KeyPair } from '#lib/seal/provider.ts';
import { Client } from '#lib/session/client.ts';
import type { Pairing } from '#lib/session/pairing.ts';
import { webSocketTransport } from '#lib/session/websocket.ts';
import { mapBy, withEntry, withoutEntry } from './immutable-map.ts';
import type { Storage } from './storage.ts';

export type LinksOptions = {
  readonly provider: CryptoProvider;
  readonly identity: KeyPair;
  readonly storage: Storage;
  readonly pairings: readonly Pairing[];
};

export class Links {
  readonly client: Client;
  /** Called with every change of the pairings from now on. */
  onPairings: (pairings: ReadonlyMap<HostId, Pairing>) => void = () => undefined;
  #pairings: ReadonlyMap<HostId, Pairing>;

  constructor({ provider, identity, storage, pairings }: LinksOptions) {
    this.#pairings = mapBy(pairings, (pairing) => pairing.host);
    this.client = new Client({
      provider,
      identity,
      pairings,
      transport: webSocketTransport,
      savePairing: (pairing, saving) => {
        this.#set(withEntry(this.#pairings, pairing.host, pairing));
        return storage.savePairing(pairing, saving);
      },
      removePairing: async (host) => {
        await storage.removePairing(host);
        this.#set(withoutEntry(this.#pairings, host));
      }
    });
  }

  get pairings(): ReadonlyMap<HostId, Pairing> {
    return this.#pairings;
  }

  #set(pairings: ReadonlyMap<HostId, Pairing>): void {
    this.#pairings = pairings;
    this.onPairings(pairings);
  }
}
