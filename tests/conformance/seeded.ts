// Conformance: a running guest made with a seed for cloud-init; what is said of it, and what its next boot brings.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { heldBy } from './clone.ts';
import { effectsOf, refusalOf, theVm, until } from './expect.ts';
import type { Ground } from './ground.ts';
import { whatIsSaid } from './said.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMa2kZPR0rmV7B+0KwPfwSyaX6dkmiMV9MmDoc5mYSJ1 me@here';
const USER_DATA = `#cloud-config\n# ü 数据\npackages: [nginx]\n${'# more\n'.repeat(800)}`;

/** @param at the host it runs on */
export function aSeededGuest(at: Ground): void {
  describe('a guest with a seed', () => {
    let id: VmId;
    let volumes: readonly string[];
    beforeAll(async () => {
      volumes = await at.volumesOf();
      id = await at.made('Seeded_1', {
        start: true,
        tags: ['seeded'],
        disks: [{ pool: at.subject.pool, capacity: mib(16) }],
        nics: [{ network: at.subject.network }],
        seed: { userData: USER_DATA, sshKeys: [KEY] }
      });
      await at.reporting(id);
    }, 180_000);
    afterAll(() => at.end(id));

    it('has it as one more disk, read-only, on a volume that is its own', async () => {
      const vm = await theVm(at.driver, id);
      expect(vm.tags).toEqual(['seeded']);
      expect(vm.disks.map(({ target, readOnly }) => [target, readOnly])).toEqual([
        [at.disk('a'), false],
        [at.disk('z'), true]
      ]);
      expect(vm.disks[1]?.volume).toContain(id);
    });

    it('reads in it what the operator wrote, unchanged, and its own id, host name and keys', async () => {
      const { readInGuest } = at.subject;
      // A simulated guest reads nothing.
      if (readInGuest === null) return;
      expect(await readInGuest(id, '/seed/user-data')).toBe(USER_DATA);
      expect(JSON.parse(await readInGuest(id, '/seed/meta-data'))).toEqual({
        'instance-id': id,
        'local-hostname': 'seeded-1',
        'public-keys': [KEY]
      });
    });

    whatIsSaid(at, () => id);

    it('is not copied while it runs', async () => {
      expect(await refusalOf(at.driver.clone(id, { id, name: 'copy' }))).toMatchObject({ code: 'wrong-state' });
    });

    it('goes back to what it has when its next boot was to bring something else', async () => {
      const { vcpus: now, memory } = await theVm(at.driver, id);
      await effectsOf(at.driver.setVcpus(id, vcpus(4), 'next-boot'));
      await effectsOf(at.driver.setMemory(id, mib(160), 'next-boot'));
      expect(await theVm(at.driver, id)).toMatchObject({ vcpus: now, vcpusNext: 4, memory, memoryNext: 160 });
      await effectsOf(at.driver.setVcpus(id, now, 'next-boot'));
      await effectsOf(at.driver.setMemory(id, memory, 'next-boot'));
      expect(await theVm(at.driver, id)).toMatchObject({ vcpus: now, vcpusNext: null, memory, memoryNext: null });
    });

    it('shows an interface that somebody else added to, or took from, its next boot only', async () => {
      const before = await theVm(at.driver, id);
      expect([...before.nics, ...before.disks].map(({ pending }) => pending)).toEqual([null, null, null]);
      const own = before.nics[0]?.mac ?? '';
      await at.subject.swapNicBehind(id, own, '52:54:00:aa:bb:cc');
      const { nics } = await until(
        15_000,
        async () => (await at.driver.list()).find((vm) => vm.id === id) ?? before,
        (vm) => vm.nics.length === 2
      );
      expect(nics.map(({ mac, pending }) => [mac, pending])).toEqual([
        [own, 'detach'],
        ['52:54:00:aa:bb:cc', 'attach']
      ]);
    });

    it('is waited for while it shuts down, until that is cancelled', async () => {
      const held = heldBy('waiting-for-guest');
      const refusal = await refusalOf(at.driver.power(id, 'shutdown', held));
      expect(refusal).toMatchObject({
        code: 'cancelled',
        message: expect.stringMatching(/Ada.*may still do so/) as string
      });
      expect(['running', 'stopping', 'off']).toContain(await at.stateOf(id));
    });

    it('loses its seed with itself, also where its disks are kept', async () => {
      // It may be off by itself before it is asked.
      if ((await at.stateOf(id)) !== 'off') await at.driver.power(id, 'power-off');
      expect(await at.stateOf(id)).toBe('off');
      const { disks, nics } = await theVm(at.driver, id);
      // What was for the next boot is so.
      expect(nics.map(({ mac, pending }) => [mac, pending])).toEqual([['52:54:00:aa:bb:cc', null]]);
      await effectsOf(at.driver.delete(id, false));
      const kept = disks[0]?.volume ?? '';
      expect(await at.volumesOf()).toEqual([...volumes, kept].sort());
      await effectsOf(at.driver.deleteVolume(at.subject.pool, kept));
      id = await at.made('Seeded_1');
    });
  });
}
