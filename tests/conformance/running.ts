// Conformance: a running guest, and all that can be done to it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PowerAction } from '../../host-agent/drivers/driver.ts';
import type { Vm, VmState } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, mibToBytes, vcpus } from '../../src/lib/model/units.ts';
import { capability, effectsOf, refusalOf, theVm, until } from './expect.ts';
import type { Ground } from './ground.ts';

/** @param at the host it runs on */
export function aRunningGuest(at: Ground): void {
  describe('a running guest', () => {
    let id: VmId;
    beforeAll(async () => {
      id = await at.made('running', {
        start: true,
        disks: [{ pool: at.subject.pool, capacity: mib(16) }],
        nics: [{ network: at.subject.network }]
      });
      await at.reporting(id);
    }, 180_000);
    afterAll(() => at.end(id));

    it('reports what it sees, beside what was asked for', async () => {
      const vm = await at.reporting(id);
      expect(vm).toMatchObject({ state: 'running', vcpus: at.subject.vcpus, memory: 128 });
      expect(vm.seen).toMatchObject({ vcpus: at.subject.vcpus });
      if (at.subject.up !== null) {
        expect(vm.seen).toMatchObject({ by: 'hypervisor', memory: null });
        return;
      }
      expect(vm.seen?.memory).toBeGreaterThan(32);
      expect(vm.seen?.memory).toBeLessThanOrEqual(128);
      expect(vm.startedAt).toBeGreaterThan(Date.now() - 600_000);
    });

    it('is refused what only a VM that is off can have done', async () => {
      expect(await refusalOf(at.driver.power(id, 'start'))).toMatchObject({ code: 'wrong-state' });
      expect(await refusalOf(at.driver.power(id, 'resume'))).toMatchObject({ code: 'wrong-state' });
      expect(await refusalOf(at.driver.delete(id, true))).toMatchObject({ code: 'wrong-state' });
      const { live, reason } = await capability(at.driver, 'rename-running');
      if (live) return;
      const refusal = await refusalOf(at.driver.rename(id, 'renamed'));
      expect(refusal).toMatchObject({ code: 'unsupported' });
      expect(JSON.stringify(refusal)).toContain(reason);
    });

    it('gets a vCPU, and brings it online', async () => {
      const more = at.subject.vcpus + 1;
      expect(await effectsOf(at.driver.setVcpus(id, vcpus(more), 'now'))).toMatchObject([
        { resource: 'vcpus', asked: String(more), seen: String(more), when: 'now' }
      ]);
      expect(await theVm(at.driver, id)).toMatchObject({ vcpus: more, vcpusNext: null });
      await until(
        5_000,
        () => theVm(at.driver, id),
        (vm) => vm.seen?.vcpus === more
      );
    });

    it('gives a vCPU back, as far as this host allows', async () => {
      const { reason } = await capability(at.driver, 'vcpu-remove');
      const count = at.subject.vcpus;
      const [effect] = await effectsOf(at.driver.setVcpus(id, vcpus(count), 'now'));
      expect(effect).toMatchObject({ resource: 'vcpus', asked: String(count), seen: String(count), when: 'now' });
      if (reason !== null) expect(effect?.note).toMatch(/next boot/);
      const vm = await theVm(at.driver, id);
      expect(vm.vcpusNext ?? vm.vcpus).toBe(count);
      await until(
        5_000,
        () => theVm(at.driver, id),
        (each) => each.seen?.vcpus === count
      );
    });

    it('keeps running as it is when the change is for its next boot', async () => {
      const before = await theVm(at.driver, id);
      expect(await effectsOf(at.driver.setVcpus(id, vcpus(4), 'next-boot'))).toMatchObject([
        { when: 'next-boot', seen: null }
      ]);
      expect(await effectsOf(at.driver.setMemory(id, mib(160), 'next-boot'))).toMatchObject([{ when: 'next-boot' }]);
      expect(await theVm(at.driver, id)).toMatchObject({ vcpus: before.vcpus, memory: before.memory });
      await effectsOf(at.driver.setVcpus(id, before.vcpus, 'next-boot'));
      await effectsOf(at.driver.setMemory(id, mib(128), 'next-boot'));
    });

    it.each([256, 200, 112, 128])(
      'has %i MiB of memory when asked for, and its kernel sees the change',
      async (memory) => {
        const [effect] = await effectsOf(at.driver.setMemory(id, mib(memory), 'now'));
        expect(effect).toMatchObject({
          resource: 'memory',
          asked: `${memory} MiB`,
          seen: `${memory} MiB`,
          when: 'now'
        });
        expect(await theVm(at.driver, id)).toMatchObject({ memory, memoryNext: null });
        if (at.subject.up !== null) return;
        const near = (vm: Vm): boolean => Math.abs((vm.seen?.memory ?? 0) - memory) < 64;
        await until(10_000, () => theVm(at.driver, id), near);
      }
    );

    it('is refused more than its most', async () => {
      expect(await refusalOf(at.driver.setVcpus(id, vcpus(5), 'now'))).toMatchObject({ code: 'bad-argument' });
      expect(await refusalOf(at.driver.setMemory(id, mib(513), 'now'))).toMatchObject({ code: 'bad-argument' });
    });

    it('gets a disk, sees it grow, and lets it go', async () => {
      const [added] = await effectsOf(
        at.driver.attachDisk(id, { pool: at.subject.pool, volume: null, capacity: mib(16) })
      );
      const vdb = at.disk('b');
      const seen = at.seenInGuest(`${vdb} 16 MiB`);
      expect(added).toMatchObject({ resource: 'disk', asked: `${vdb} 16 MiB`, seen, when: 'now' });
      if (seen === null) expect(added?.note).not.toBeNull();
      const { live, reason } = await capability(at.driver, 'disk-grow');
      if (live) {
        const [grown] = await effectsOf(at.driver.growDisk(id, vdb, mib(24)));
        expect(grown).toMatchObject({ asked: `${vdb} 24 MiB`, seen: `${vdb} 24 MiB` });
      } else {
        const refusal = await refusalOf(at.driver.growDisk(id, vdb, mib(24)));
        expect(refusal).toMatchObject({ code: 'unsupported' });
        expect(JSON.stringify(refusal)).toContain(reason);
      }
      const capacity = mibToBytes(mib(live ? 24 : 16));
      const vm = await until(
        5_000,
        () => theVm(at.driver, id),
        (each) => each.disks[1]?.seen === (at.subject.up === null ? capacity : null)
      );
      expect(vm.disks[1]).toMatchObject({ target: vdb, capacity, pool: at.subject.pool });
      const [gone] = await effectsOf(at.driver.detachDisk(id, vdb, true));
      expect(gone).toMatchObject({ resource: 'disk', asked: `no ${vdb}`, seen: `no ${vdb}`, when: 'now' });
      expect((await theVm(at.driver, id)).disks).toHaveLength(1);
      expect(await at.volumesOf()).not.toContain(vm.disks[1]?.volume);
    });

    it('gets a network interface, sees it, and lets it go', async () => {
      const [added] = await effectsOf(at.driver.attachNic(id, at.subject.network));
      expect(added?.seen).toBe(at.seenInGuest(added?.asked ?? ''));
      const nic = (await theVm(at.driver, id)).nics[1];
      expect(nic).toBeDefined();
      if (at.subject.up === null) expect(nic?.seen).not.toBeNull();
      await effectsOf(at.driver.detachNic(id, nic?.mac ?? ''));
      expect((await theVm(at.driver, id)).nics).toHaveLength(1);
    });

    it('has a load, in figures that are plausible or absent', async () => {
      await at.driver.stats();
      const stats = await until(
        10_000,
        () => at.driver.stats(),
        ({ host, vms }) => host.cpu !== null && vms.some((load) => load.cpu !== null)
      );
      expect(stats.host.cpu).toBeLessThanOrEqual(100);
      expect(stats.host.memoryUsed).toBeGreaterThan(0);
      const load = stats.vms.find((each) => each.vm === id);
      expect(load?.cpu).toBeGreaterThanOrEqual(0);
      if (at.subject.up === null) expect(load?.memoryUsed).toBeGreaterThan(0);
      expect(load?.memoryUsed ?? 0).toBeLessThan(128);
      for (const rate of [load?.diskRead, load?.diskWrite, load?.netReceive])
        expect(rate ?? 0).toBeGreaterThanOrEqual(0);
    });

    it('is paused and goes on', async () => {
      const steps: readonly [PowerAction, VmState][] = [
        ['pause', 'paused'],
        ['resume', 'running']
      ];
      for (const [action, state] of steps) {
        expect(await effectsOf(at.driver.power(id, action))).toMatchObject([
          { resource: 'power', asked: state, seen: state }
        ]);
        expect(await at.stateOf(id)).toBe(state);
        expect(await refusalOf(at.driver.power(id, action))).toMatchObject({ code: 'wrong-state' });
      }
    });

    it('reboots, and reports again', async () => {
      expect(await effectsOf(at.driver.power(id, 'reboot'))).toMatchObject([{ resource: 'power', seen: 'running' }]);
      expect(await at.stateOf(id)).toBe('running');
      await at.reporting(id);
    });

    it('shuts down when asked to, starts again, and is powered off', async () => {
      await at.reporting(id);
      expect(await effectsOf(at.driver.power(id, 'shutdown'))).toMatchObject([
        { resource: 'power', asked: 'off', seen: 'off' }
      ]);
      expect(await theVm(at.driver, id)).toMatchObject({ state: 'off', seen: null, startedAt: null });
      await effectsOf(at.driver.power(id, 'start'));
      expect(await at.stateOf(id)).toBe('running');
      expect(await effectsOf(at.driver.power(id, 'power-off'))).toMatchObject([{ asked: 'off', seen: 'off' }]);
      expect(await at.stateOf(id)).toBe('off');
    });
  });
}
