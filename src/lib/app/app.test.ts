import { expect, test } from 'vitest';
import { nativeProvider } from '#lib/seal/native.ts';
import { App } from './app.svelte.ts';
import * as core from './core.ts';
import type { Core } from './opening.ts';
import type { Storage } from './storage.ts';

test('of all that another tab says of its pairings in a row, links are begun anew once', async () => {
  const provider = nativeProvider();
  const identity = await provider.generateKeyPair(false);
  let begun = 0;
  class Links extends core.Links {
    constructor(...options: ConstructorParameters<Core['Links']>) {
      super(...options);
      begun++;
    }
  }
  // Of it no more is used.
  const storage = { pairings: () => Promise.resolve([]), close: () => undefined } as unknown as Storage;
  const links = new core.Links({ provider, identity, storage, pairings: [] });
  const opening = {
    core: { ...core, Links },
    storage,
    provider,
    identity,
    kept: true,
    pairings: [],
    links,
    fault: null
  };
  const app = new App(Promise.resolve(opening), () => true);
  const stop = app.start();
  await expect.poll(() => app.phase.kind).toBe('ready');
  const other = new BroadcastChannel('smps-pairings');
  for (let hosts = 0; hosts < 5; hosts++) other.postMessage(null);
  await expect.poll(() => begun, { timeout: 5_000 }).toBe(1);
  other.postMessage(null);
  await expect.poll(() => begun, { timeout: 5_000 }).toBe(2);
  other.close();
  stop();
});
