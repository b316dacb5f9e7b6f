// Conformance: the host itself, and a VM that is off.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../src/lib/model/fleet.ts';
import { REVISION } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, mibToBytes, vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, theVm } from './expect.ts';
import type { Ground } from './ground.ts';
import { whatIsSaid } from './said.ts';

/** @param at the host it runs on */
export function aVmThatIsOff(at: Ground): void {
  describe('the host', () => {
    it('says what it is and what can be done to a running guest', async () => {
      const facts = await at.driver.describe();
      expect(facts.cpus).toBeGreaterThan(0);
      expect(facts.memory).toBeGreaterThan(0);
      expect(facts.hypervisorVersion).not.toBe('');
      expect(facts.capabilities.map((each) => each.name).sort()).toEqual([...CAPABILITIES].sort());
      for (const each of facts.capabilities) if (!each.live) expect(each.reason).not.toBeNull();
    });

    it('offers images, pools and networks by name, never by path', async () => {
      const [images, pools, networks] = [await at.driver.images(), await at.driver.pools(), await at.driver.networks()];
      expect(images.map((image) => image.name)).toContain(at.subject.image);
      expect(pools.map((pool) => pool.name)).toContain(at.subject.pool);
      expect(networks.map((network) => network.name)).toContain(at.subject.network);
      expect(JSON.stringify([images, pools, networks])).not.toMatch(/"\//);
    });
  });

  describe('a VM that is off', () => {
    let id: VmId;
    beforeAll(async () => {
      id = await at.made('off-1', {
        description: 'made <by> & for "tests"',
        disks: [{ pool: at.subject.pool, capacity: mib(16) }],
        nics: [{ network: at.subject.network }]
      });
    });
    afterAll(() => at.end(id));

    it('is listed with exactly what was asked for', async () => {
      const vm = (await at.driver.list()).find((each) => each.id === id);
      expect(vm).toMatchObject({
        name: 'off-1',
        description: 'made <by> & for "tests"',
        state: 'off',
        vcpus: at.subject.vcpus,
        vcpusMax: 4,
        vcpusNext: null,
        memory: 128,
        memoryMax: 512,
        memoryNext: null,
        startedAt: null,
        seen: null
      });
      expect(vm?.revision).toMatch(REVISION);
      expect(vm?.disks).toMatchObject([
        { target: at.disk('a'), device: 'disk', pool: at.subject.pool, capacity: mibToBytes(mib(16)) }
      ]);
      expect(vm?.nics).toHaveLength(1);
      expect(vm?.nics[0]?.network).toBe(at.subject.network);
    });

    it('has its volume marked as used in the pool', async () => {
      const volume = (await theVm(at.driver, id)).disks[0]?.volume;
      const pool = (await at.driver.pools()).find((each) => each.name === at.subject.pool);
      expect(pool?.volumes.find((each) => each.name === volume)).toMatchObject({
        usedBy: id,
        capacity: mibToBytes(mib(16))
      });
    });

    it('takes another number of vCPUs and another amount of memory for its next boot', async () => {
      const before = (await theVm(at.driver, id)).revision;
      expect(await effectsOf(at.driver.setVcpus(id, vcpus(3), 'now'))).toMatchObject([
        { resource: 'vcpus', asked: '3', when: 'next-boot', seen: null }
      ]);
      expect(await effectsOf(at.driver.setMemory(id, mib(200), 'next-boot'))).toMatchObject([
        { resource: 'memory', asked: '200 MiB', when: 'next-boot' }
      ]);
      const vm = await theVm(at.driver, id);
      expect(vm).toMatchObject({ vcpus: 3, vcpusMax: 4, memory: 200, memoryMax: 512 });
      expect(vm.revision).not.toBe(before);
    });

    it('gets, grows and loses a disk', async () => {
      const [effect] = await effectsOf(
        at.driver.attachDisk(id, { pool: at.subject.pool, volume: null, capacity: mib(16) })
      );
      expect(effect).toMatchObject({ resource: 'disk', asked: `${at.disk('b')} 16 MiB`, when: 'next-boot' });
      await effectsOf(at.driver.growDisk(id, at.disk('b'), mib(24)));
      const disk = (await theVm(at.driver, id)).disks.find((each) => each.target === at.disk('b'));
      expect(disk).toMatchObject({ capacity: mibToBytes(mib(24)), pool: at.subject.pool });
      await effectsOf(at.driver.detachDisk(id, at.disk('b'), false));
      expect((await theVm(at.driver, id)).disks).toHaveLength(1);
      expect(await at.volumesOf()).toContain(disk?.volume);
      await effectsOf(at.driver.deleteVolume(at.subject.pool, disk?.volume ?? ''));
      expect(await at.volumesOf()).not.toContain(disk?.volume);
    });

    it('gets and loses a network interface', async () => {
      await effectsOf(at.driver.attachNic(id, at.subject.network));
      const [, added] = (await theVm(at.driver, id)).nics;
      expect(added?.mac).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
      await effectsOf(at.driver.detachNic(id, added?.mac ?? ''));
      expect((await theVm(at.driver, id)).nics).toHaveLength(1);
    });

    whatIsSaid(at, () => id);

    it('is renamed, also to a name with markup and other scripts in it, and keeps its id and its start with the host', async () => {
      await effectsOf(at.driver.setAutostart(id, true));
      for (const name of [`<script>alert("1")</script>`, 'данные ü 数据库', 'off-1']) {
        expect(await effectsOf(at.driver.rename(id, name))).toMatchObject([
          { resource: 'name', asked: name, seen: name }
        ]);
        expect(await theVm(at.driver, id)).toMatchObject({ name, autostart: true });
      }
    });

    it('is deleted with the mark that it starts with its host: the next of its name does not', async () => {
      for (const autostart of [true, false]) {
        const again = await at.made('again', { autostart });
        expect((await theVm(at.driver, again)).autostart).toBe(autostart);
        await at.end(again);
      }
    });
  });
}
