// Conformance: what others do, and a management daemon that goes away.
import { describe, expect, it } from 'vitest';
import type { Change } from '../../host-agent/drivers/driver.ts';
import { effectsOf, until } from './expect.ts';
import type { Ground } from './ground.ts';

/** @param at the host it runs on */
export function behindTheBack(at: Ground): void {
  describe('behind the driver’s back', () => {
    it('what somebody else does is told within 2 s, and what the driver does too', async () => {
      const id = await at.made('watched', { start: true });
      const changes: Change[] = [];
      const watching = new AbortController();
      at.driver.watch(
        (change) => changes.push(change),
        () => undefined,
        watching.signal
      );
      // The list knows it, as an agent’s does.
      await until(
        5_000,
        () => at.driver.list(),
        (vms) => vms.some((vm) => vm.id === id)
      );
      await settled(changes);
      await at.subject.pauseBehind(id);
      await until(
        2_000,
        () => Promise.resolve(changes),
        (all) => all.some((change) => change.vm === null || change.vm === id)
      );
      expect((await at.driver.list()).find((vm) => vm.id === id)?.state).toBe('paused');
      changes.length = 0;
      await effectsOf(at.driver.power(id, 'power-off'));
      expect(changes.some((change) => change.vm === null || change.vm === id)).toBe(true);
      watching.abort();
      await at.end(id);
    });

    it('a daemon that went away is told, refuses nothing as done, and everything is there when it is back', async () => {
      const id = await at.made('survivor', { start: true });
      const troubles: (string | null)[] = [];
      let changes = 0;
      const watching = new AbortController();
      at.driver.watch(
        () => changes++,
        (reason) => troubles.push(reason),
        watching.signal
      );
      await at.driver.list();
      const bringBack = await at.subject.takeDaemonAway();
      await until(
        5_000,
        () => Promise.resolve(troubles),
        (all) => typeof all.at(-1) === 'string'
      );
      await expect(at.driver.list()).rejects.toMatchObject({ code: 'hypervisor-down' });
      await expect(at.driver.power(id, 'pause')).rejects.toMatchObject({ code: 'hypervisor-down' });
      changes = 0;
      await bringBack();
      await until(
        10_000,
        () => Promise.resolve(troubles),
        (all) => all.at(-1) === null
      );
      await until(
        2_000,
        () => Promise.resolve(changes),
        (count) => count > 0
      );
      expect(await at.stateOf(id)).toBe('running');
      await effectsOf(at.driver.power(id, 'pause'));
      watching.abort();
      await at.end(id);
    });
  });
}

/** Until no more changes come in: what the creation brought with it is over. */
async function settled(changes: Change[]): Promise<void> {
  for (let before = -1; before !== changes.length;) {
    before = changes.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  changes.length = 0;
}
