// Conformance: what cannot be is refused by its proper code, and nothing is left of it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Driver, NewVm } from '../../host-agent/drivers/driver.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { refusalOf, theVm } from './expect.ts';
import type { Ground } from './ground.ts';

/** @param at the host it runs on */
export function refusals(at: Ground): void {
  describe('what cannot be is refused, and nothing is left of it', () => {
    let id: VmId;
    let volumes: readonly string[];
    beforeAll(async () => {
      id = await at.made('there', { disks: [{ pool: at.subject.pool, capacity: mib(16) }] });
      volumes = await at.volumesOf();
    });
    afterAll(() => at.end(id));
    const unknown = vmId(randomUUID());

    const creations: readonly [string, () => Partial<NewVm>, string][] = [
      ['a name that is taken', () => ({ name: 'there' }), 'name-taken'],
      ['an image that is not there', () => ({ image: 'no-such-image' }), 'not-found'],
      ['an image named like a path', () => ({ image: '../tiny' }), 'not-found'],
      ['a pool that is not there', () => ({ disks: [{ pool: 'no-such-pool', capacity: mib(16) }] }), 'not-found'],
      ['a network that is not there', () => ({ nics: [{ network: 'no-such-network' }] }), 'not-found'],
      [
        'more disk than there is',
        () => ({ disks: [{ pool: at.subject.pool, capacity: mib(at.subject.tooMuch) }] }),
        'no-space'
      ]
    ];
    it.each(creations)('a VM with %s', async (_what, more, code) => {
      const vm = at.newVm('refused', more());
      expect(await refusalOf(at.driver.create(vm))).toMatchObject({ code });
      expect(await at.driver.get(vm.id)).toBeNull();
      expect(await at.volumesOf()).toEqual(volumes);
    });

    const changes: readonly [string, () => ReturnType<Driver['rename']>, string][] = [
      ['a VM that is not there', () => at.driver.power(unknown, 'start'), 'not-found'],
      ['deleting a VM that is not there', () => at.driver.delete(unknown, true), 'not-found'],
      ['starting a VM with the host that is not there', () => at.driver.setAutostart(unknown, true), 'not-found'],
      ['more vCPUs than its most', () => at.driver.setVcpus(id, vcpus(5), 'next-boot'), 'bad-argument'],
      ['no vCPUs', () => at.driver.setVcpus(id, vcpus(0), 'next-boot'), 'bad-argument'],
      ['more memory than its most', () => at.driver.setMemory(id, mib(513), 'next-boot'), 'bad-argument'],
      ['almost no memory', () => at.driver.setMemory(id, mib(1), 'next-boot'), 'bad-argument'],
      [
        'a disk of a pool that is not there',
        () => at.driver.attachDisk(id, { pool: 'no-such-pool', volume: null, capacity: mib(1) }),
        'not-found'
      ],
      [
        'a volume that is not there',
        () => at.driver.attachDisk(id, { pool: at.subject.pool, volume: 'no-such-volume', capacity: null }),
        'not-found'
      ],
      [
        'a volume outside the pool',
        () => at.driver.attachDisk(id, { pool: at.subject.pool, volume: '../../etc/passwd', capacity: null }),
        'not-found'
      ],
      [
        'a disk larger than the pool',
        () => at.driver.attachDisk(id, { pool: at.subject.pool, volume: null, capacity: mib(at.subject.tooMuch) }),
        'no-space'
      ],
      [
        'a volume another VM has',
        async () =>
          at.driver.attachDisk(id, {
            pool: at.subject.pool,
            volume: (await theVm(at.driver, id)).disks[0]?.volume ?? '',
            capacity: null
          }),
        'in-use'
      ],
      [
        'deleting a volume in use',
        async () => at.driver.deleteVolume(at.subject.pool, (await theVm(at.driver, id)).disks[0]?.volume ?? ''),
        'in-use'
      ],
      [
        'deleting a volume outside the pool',
        () => at.driver.deleteVolume(at.subject.pool, '../../etc/passwd'),
        'not-found'
      ],
      ['detaching a disk it has not', () => at.driver.detachDisk(id, at.disk('z'), false), 'not-found'],
      ['growing a disk it has not', () => at.driver.growDisk(id, at.disk('z'), mib(64)), 'not-found'],
      ['growing a disk to less than it has', () => at.driver.growDisk(id, at.disk('a'), mib(8)), 'bad-argument'],
      [
        'growing a disk beyond the pool',
        () => at.driver.growDisk(id, at.disk('a'), mib(at.subject.tooMuch)),
        'no-space'
      ],
      ['a network that is not there', () => at.driver.attachNic(id, 'no-such-network'), 'not-found'],
      ['detaching an interface it has not', () => at.driver.detachNic(id, '52:54:00:00:00:00'), 'not-found'],
      ['shutting down what is off', () => at.driver.power(id, 'shutdown'), 'wrong-state'],
      ['powering off what is off', () => at.driver.power(id, 'power-off'), 'wrong-state'],
      ['pausing what is off', () => at.driver.power(id, 'pause'), 'wrong-state'],
      ['resuming what is off', () => at.driver.power(id, 'resume'), 'wrong-state'],
      ['rebooting what is off', () => at.driver.power(id, 'reboot'), 'wrong-state']
    ];
    it.each(changes)('%s', async (_what, change, code) => {
      const before = await theVm(at.driver, id);
      expect(await refusalOf(change())).toMatchObject({ code });
      expect(await theVm(at.driver, id)).toEqual(before);
      expect(await at.volumesOf()).toEqual(volumes);
    });

    it('a name that is taken, when renaming', async () => {
      const other = await at.made('other');
      expect(await refusalOf(at.driver.rename(other, 'there'))).toMatchObject({ code: 'name-taken' });
      await at.end(other);
    });
  });
}
