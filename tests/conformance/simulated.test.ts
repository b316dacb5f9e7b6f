// The conformance suite on the simulated driver.
import { describe } from 'vitest';
import { simulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import { poweredOff, restored, savedAt } from '../../host-agent/drivers/simulated/guest.ts';
import { CHANNEL_WINDOW } from '../../src/lib/session/byte-channel.ts';
import { conformance } from './suite.ts';

describe('simulated', () => {
  conformance(() => {
    const driver = simulatedDriver({ speed: 20, storage: 65_536 });
    return Promise.resolve({
      driver,
      sort: 'simulated',
      image: 'tiny-linux',
      pool: 'default',
      network: 'lan',
      tooMuch: 100_000,
      boot: 5_000,
      vcpus: 2,
      letters: 'vd',
      screen: true,
      up: null,
      pauseBehind(vm) {
        driver.behind.change(vm, (guest) => ({ ...guest, state: 'paused' }));
        return Promise.resolve();
      },
      saveBehind(vm, action) {
        driver.behind.change(vm, (guest) => {
          const { live, saved } = guest;
          if (action === 'save' && live !== null) return savedAt({ ...guest, live }, Date.now());
          return action === 'start' && saved !== null ? restored({ ...guest, saved }, Date.now()) : poweredOff(guest);
        });
        return Promise.resolve();
      },
      swapNicBehind(vm, mac, other) {
        driver.behind.change(vm, (guest) => ({
          ...guest,
          nics: guest.nics.flatMap((nic) =>
            nic.mac === mac
              ? [
                  { ...nic, pending: 'detach' as const },
                  { ...nic, mac: other, pending: 'attach' as const }
                ]
              : nic
          )
        }));
        return Promise.resolve();
      },
      sum: () => ['sum\r', '\u0004'],
      pasted: 10_000_000,
      printed: CHANNEL_WINDOW,
      readInGuest: null,
      takeDaemonAway() {
        driver.behind.down('it was stopped for a test');
        return Promise.resolve(() => {
          driver.behind.down(null);
          return Promise.resolve();
        });
      },
      close: () => driver.close()
    });
  });
});
