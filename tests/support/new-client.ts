// A client as a tab begins that nobody has paired yet, with a new key; what it pairs with is forgotten with it.
import type { CryptoProvider } from '../../src/lib/seal/provider.ts';
import { Client } from '../../src/lib/session/client.ts';
import { webSocketTransport } from '../../src/lib/session/websocket.ts';

export const newClient = async (provider: CryptoProvider): Promise<Client> =>
  new Client({
    provider,
    identity: await provider.generateKeyPair(false),
    pairings: [],
    transport: webSocketTransport,
    savePairing: () => undefined,
    removePairing: () => undefined
  });
