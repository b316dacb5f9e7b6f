// The driver conformance suite: the same operations, the same observable outcome, on every driver. What a host cannot do to a
// running guest, its capabilities say; then the operation must be refused with that reason.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change, Driver, NewVm, PowerAction } from '../../host-agent/drivers/driver.ts';
import { CAPABILITIES } from '../../src/lib/model/fleet.ts';
import type { Vm, VmState } from '../../src/lib/model/fleet.ts';
import { REVISION, vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, mibToBytes, vcpus } from '../../src/lib/model/units.ts';
import { capability, effectsOf, refusalOf, theVm, until } from './expect.ts';
import type { Subject } from './subject.ts';

/** @param open makes a host of its own for this run; `subject.close` removes it again. */
export function conformance(open: () => Promise<Subject>): void {
  let subject: Subject;
  let driver: Driver;
  beforeAll(async () => {
    subject = await open();
    driver = subject.driver;
  }, 300_000);
  afterAll(() => subject.close());

  const newVm = (name: string, more: Partial<NewVm> = {}): NewVm => ({
    id: vmId(randomUUID()),
    name,
    description: '',
    image: subject.image,
    vcpus: vcpus(2),
    vcpusMax: vcpus(4),
    memory: mib(128),
    memoryMax: mib(512),
    start: false,
    disks: [],
    nics: [],
    ...more
  });
  const made = async (name: string, more: Partial<NewVm> = {}): Promise<VmId> => {
    const vm = newVm(name, more);
    await effectsOf(driver.create(vm));
    return vm.id;
  };
  const stateOf = async (id: VmId): Promise<VmState> => (await theVm(driver, id)).state;
  const reporting = (id: VmId): Promise<Vm> =>
    until(
      subject.boot,
      () => theVm(driver, id),
      (vm) => vm.seen !== null && vm.seen.vcpus !== null && vm.seen.memory !== null
    );
  const end = async (id: VmId): Promise<void> => {
    if ((await stateOf(id)) !== 'off') await effectsOf(driver.power(id, 'power-off'));
    await effectsOf(driver.delete(id, true));
  };
  const volumesOf = async (): Promise<readonly string[]> =>
    ((await driver.pools()).find((pool) => pool.name === subject.pool)?.volumes ?? []).map((volume) => volume.name);

  describe('the host', () => {
    it('says what it is and what can be done to a running guest', async () => {
      const facts = await driver.describe();
      expect(facts.cpus).toBeGreaterThan(0);
      expect(facts.memory).toBeGreaterThan(0);
      expect(facts.hypervisorVersion).not.toBe('');
      expect(facts.capabilities.map((each) => each.name).sort()).toEqual([...CAPABILITIES].sort());
      for (const each of facts.capabilities) if (!each.live) expect(each.reason).not.toBeNull();
    });

    it('offers images, pools and networks by name, never by path', async () => {
      const [images, pools, networks] = [await driver.images(), await driver.pools(), await driver.networks()];
      expect(images.map((image) => image.name)).toContain(subject.image);
      expect(pools.map((pool) => pool.name)).toContain(subject.pool);
      expect(networks.map((network) => network.name)).toContain(subject.network);
      expect(JSON.stringify([images, pools, networks])).not.toMatch(/"\//);
    });
  });

  describe('a VM that is off', () => {
    let id: VmId;
    beforeAll(async () => {
      id = await made('off-1', {
        description: 'made <by> & for "tests"',
        disks: [{ pool: subject.pool, capacity: mib(16) }],
        nics: [{ network: subject.network }]
      });
    });
    afterAll(() => end(id));

    it('is listed with exactly what was asked for', async () => {
      const vm = (await driver.list()).find((each) => each.id === id);
      expect(vm).toMatchObject({
        name: 'off-1',
        description: 'made <by> & for "tests"',
        state: 'off',
        vcpus: 2,
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
        { target: 'vda', device: 'disk', pool: subject.pool, capacity: mibToBytes(mib(16)) }
      ]);
      expect(vm?.nics).toHaveLength(1);
      expect(vm?.nics[0]?.network).toBe(subject.network);
    });

    it('has its volume marked as used in the pool', async () => {
      const volume = (await theVm(driver, id)).disks[0]?.volume;
      const pool = (await driver.pools()).find((each) => each.name === subject.pool);
      expect(pool?.volumes.find((each) => each.name === volume)).toMatchObject({
        usedBy: id,
        capacity: mibToBytes(mib(16))
      });
    });

    it('takes another number of vCPUs and another amount of memory for its next boot', async () => {
      const before = (await theVm(driver, id)).revision;
      expect(await effectsOf(driver.setVcpus(id, vcpus(3), 'now'))).toMatchObject([
        { resource: 'vcpus', asked: '3', when: 'next-boot', seen: null }
      ]);
      expect(await effectsOf(driver.setMemory(id, mib(200), 'next-boot'))).toMatchObject([
        { resource: 'memory', asked: '200 MiB', when: 'next-boot' }
      ]);
      const vm = await theVm(driver, id);
      expect(vm).toMatchObject({ vcpus: 3, vcpusMax: 4, memory: 200, memoryMax: 512 });
      expect(vm.revision).not.toBe(before);
    });

    it('gets, grows and loses a disk', async () => {
      const [effect] = await effectsOf(driver.attachDisk(id, { pool: subject.pool, volume: null, capacity: mib(16) }));
      expect(effect).toMatchObject({ resource: 'disk', asked: 'vdb 16 MiB', when: 'next-boot' });
      await effectsOf(driver.growDisk(id, 'vdb', mib(24)));
      const disk = (await theVm(driver, id)).disks.find((each) => each.target === 'vdb');
      expect(disk).toMatchObject({ capacity: mibToBytes(mib(24)), pool: subject.pool });
      await effectsOf(driver.detachDisk(id, 'vdb', false));
      expect((await theVm(driver, id)).disks).toHaveLength(1);
      expect(await volumesOf()).toContain(disk?.volume);
      await effectsOf(driver.deleteVolume(subject.pool, disk?.volume ?? ''));
      expect(await volumesOf()).not.toContain(disk?.volume);
    });

    it('gets and loses a network interface', async () => {
      await effectsOf(driver.attachNic(id, subject.network));
      const [, added] = (await theVm(driver, id)).nics;
      expect(added?.mac).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
      await effectsOf(driver.detachNic(id, added?.mac ?? ''));
      expect((await theVm(driver, id)).nics).toHaveLength(1);
    });

    it('is renamed, also to a name with markup and other scripts in it, and keeps its id', async () => {
      for (const name of [`<script>alert("1")</script>`, 'данные ü 数据库', 'off-1']) {
        expect(await effectsOf(driver.rename(id, name))).toMatchObject([{ resource: 'name', asked: name, seen: name }]);
        expect((await theVm(driver, id)).name).toBe(name);
      }
    });
  });

  describe('what cannot be is refused, and nothing is left of it', () => {
    let id: VmId;
    let volumes: readonly string[];
    beforeAll(async () => {
      id = await made('there', { disks: [{ pool: subject.pool, capacity: mib(16) }] });
      volumes = await volumesOf();
    });
    afterAll(() => end(id));
    const unknown = vmId(randomUUID());

    const creations: readonly [string, () => Partial<NewVm>, string][] = [
      ['a name that is taken', () => ({ name: 'there' }), 'name-taken'],
      ['an image that is not there', () => ({ image: 'no-such-image' }), 'not-found'],
      ['an image named like a path', () => ({ image: '../tiny' }), 'not-found'],
      ['a pool that is not there', () => ({ disks: [{ pool: 'no-such-pool', capacity: mib(16) }] }), 'not-found'],
      ['a network that is not there', () => ({ nics: [{ network: 'no-such-network' }] }), 'not-found'],
      [
        'more disk than there is',
        () => ({ disks: [{ pool: subject.pool, capacity: mib(subject.tooMuch) }] }),
        'no-space'
      ]
    ];
    it.each(creations)('a VM with %s', async (_what, more, code) => {
      const vm = newVm('refused', more());
      expect(await refusalOf(driver.create(vm))).toMatchObject({ code });
      expect(await driver.get(vm.id)).toBeNull();
      expect(await volumesOf()).toEqual(volumes);
    });

    const changes: readonly [string, () => ReturnType<Driver['rename']>, string][] = [
      ['a VM that is not there', () => driver.power(unknown, 'start'), 'not-found'],
      ['deleting a VM that is not there', () => driver.delete(unknown, true), 'not-found'],
      ['more vCPUs than its most', () => driver.setVcpus(id, vcpus(5), 'next-boot'), 'bad-argument'],
      ['no vCPUs', () => driver.setVcpus(id, vcpus(0), 'next-boot'), 'bad-argument'],
      ['more memory than its most', () => driver.setMemory(id, mib(513), 'next-boot'), 'bad-argument'],
      ['almost no memory', () => driver.setMemory(id, mib(1), 'next-boot'), 'bad-argument'],
      [
        'a disk of a pool that is not there',
        () => driver.attachDisk(id, { pool: 'no-such-pool', volume: null, capacity: mib(1) }),
        'not-found'
      ],
      [
        'a volume that is not there',
        () => driver.attachDisk(id, { pool: subject.pool, volume: 'no-such-volume', capacity: null }),
        'not-found'
      ],
      [
        'a volume outside the pool',
        () => driver.attachDisk(id, { pool: subject.pool, volume: '../../etc/passwd', capacity: null }),
        'not-found'
      ],
      [
        'a disk larger than the pool',
        () => driver.attachDisk(id, { pool: subject.pool, volume: null, capacity: mib(subject.tooMuch) }),
        'no-space'
      ],
      [
        'a volume another VM has',
        async () =>
          driver.attachDisk(id, {
            pool: subject.pool,
            volume: (await theVm(driver, id)).disks[0]?.volume ?? '',
            capacity: null
          }),
        'in-use'
      ],
      [
        'deleting a volume in use',
        async () => driver.deleteVolume(subject.pool, (await theVm(driver, id)).disks[0]?.volume ?? ''),
        'in-use'
      ],
      ['deleting a volume outside the pool', () => driver.deleteVolume(subject.pool, '../../etc/passwd'), 'not-found'],
      ['detaching a disk it has not', () => driver.detachDisk(id, 'vdz', false), 'not-found'],
      ['growing a disk it has not', () => driver.growDisk(id, 'vdz', mib(64)), 'not-found'],
      ['growing a disk to less than it has', () => driver.growDisk(id, 'vda', mib(8)), 'bad-argument'],
      ['growing a disk beyond the pool', () => driver.growDisk(id, 'vda', mib(subject.tooMuch)), 'no-space'],
      ['a network that is not there', () => driver.attachNic(id, 'no-such-network'), 'not-found'],
      ['detaching an interface it has not', () => driver.detachNic(id, '52:54:00:00:00:00'), 'not-found'],
      ['shutting down what is off', () => driver.power(id, 'shutdown'), 'wrong-state'],
      ['powering off what is off', () => driver.power(id, 'power-off'), 'wrong-state'],
      ['pausing what is off', () => driver.power(id, 'pause'), 'wrong-state'],
      ['resuming what is off', () => driver.power(id, 'resume'), 'wrong-state'],
      ['rebooting what is off', () => driver.power(id, 'reboot'), 'wrong-state']
    ];
    it.each(changes)('%s', async (_what, change, code) => {
      const before = await theVm(driver, id);
      expect(await refusalOf(change())).toMatchObject({ code });
      expect(await theVm(driver, id)).toEqual(before);
      expect(await volumesOf()).toEqual(volumes);
    });

    it('a name that is taken, when renaming', async () => {
      const other = await made('other');
      expect(await refusalOf(driver.rename(other, 'there'))).toMatchObject({ code: 'name-taken' });
      await end(other);
    });
  });

  describe('a running guest', () => {
    let id: VmId;
    beforeAll(async () => {
      id = await made('running', {
        start: true,
        disks: [{ pool: subject.pool, capacity: mib(16) }],
        nics: [{ network: subject.network }]
      });
      await reporting(id);
    }, 180_000);
    afterAll(() => end(id));

    it('reports what it sees, beside what was asked for', async () => {
      const vm = await reporting(id);
      expect(vm).toMatchObject({ state: 'running', vcpus: 2, memory: 128 });
      expect(vm.seen).toMatchObject({ vcpus: 2 });
      expect(vm.seen?.memory).toBeGreaterThan(32);
      expect(vm.seen?.memory).toBeLessThanOrEqual(128);
      expect(vm.startedAt).toBeGreaterThan(Date.now() - 600_000);
    });

    it('is refused what only a VM that is off can have done', async () => {
      expect(await refusalOf(driver.power(id, 'start'))).toMatchObject({ code: 'wrong-state' });
      expect(await refusalOf(driver.power(id, 'resume'))).toMatchObject({ code: 'wrong-state' });
      expect(await refusalOf(driver.delete(id, true))).toMatchObject({ code: 'wrong-state' });
      const { live, reason } = await capability(driver, 'rename-running');
      if (live) return;
      const refusal = await refusalOf(driver.rename(id, 'renamed'));
      expect(refusal).toMatchObject({ code: 'unsupported' });
      expect(JSON.stringify(refusal)).toContain(reason);
    });

    it('gets a vCPU, and brings it online', async () => {
      expect(await effectsOf(driver.setVcpus(id, vcpus(3), 'now'))).toMatchObject([
        { resource: 'vcpus', asked: '3', seen: '3', when: 'now' }
      ]);
      expect(await theVm(driver, id)).toMatchObject({ vcpus: 3, vcpusNext: null });
      await until(
        5_000,
        () => theVm(driver, id),
        (vm) => vm.seen?.vcpus === 3
      );
    });

    it('gives a vCPU back, as far as this host allows', async () => {
      const { reason } = await capability(driver, 'vcpu-remove');
      const [effect] = await effectsOf(driver.setVcpus(id, vcpus(2), 'now'));
      expect(effect).toMatchObject({ resource: 'vcpus', asked: '2', seen: '2', when: 'now' });
      if (reason !== null) expect(effect?.note).toMatch(/next boot/);
      const vm = await theVm(driver, id);
      expect(vm.vcpusNext ?? vm.vcpus).toBe(2);
      await until(
        5_000,
        () => theVm(driver, id),
        (each) => each.seen?.vcpus === 2
      );
    });

    it('keeps running as it is when the change is for its next boot', async () => {
      const before = await theVm(driver, id);
      expect(await effectsOf(driver.setVcpus(id, vcpus(4), 'next-boot'))).toMatchObject([
        { when: 'next-boot', seen: null }
      ]);
      expect(await effectsOf(driver.setMemory(id, mib(160), 'next-boot'))).toMatchObject([{ when: 'next-boot' }]);
      expect(await theVm(driver, id)).toMatchObject({ vcpus: before.vcpus, memory: before.memory });
      await effectsOf(driver.setVcpus(id, vcpus(2), 'next-boot'));
      await effectsOf(driver.setMemory(id, mib(128), 'next-boot'));
    });

    it.each([256, 200, 112, 128])(
      'has %i MiB of memory when asked for, and its kernel sees the change',
      async (memory) => {
        const [effect] = await effectsOf(driver.setMemory(id, mib(memory), 'now'));
        expect(effect).toMatchObject({
          resource: 'memory',
          asked: `${memory} MiB`,
          seen: `${memory} MiB`,
          when: 'now'
        });
        expect(await theVm(driver, id)).toMatchObject({ memory, memoryNext: null });
        const near = (vm: Vm): boolean => Math.abs((vm.seen?.memory ?? 0) - memory) < 64;
        await until(10_000, () => theVm(driver, id), near);
      }
    );

    it('is refused more than its most', async () => {
      expect(await refusalOf(driver.setVcpus(id, vcpus(5), 'now'))).toMatchObject({ code: 'bad-argument' });
      expect(await refusalOf(driver.setMemory(id, mib(513), 'now'))).toMatchObject({ code: 'bad-argument' });
    });

    it('gets a disk, sees it grow, and lets it go', async () => {
      const [added] = await effectsOf(driver.attachDisk(id, { pool: subject.pool, volume: null, capacity: mib(16) }));
      expect(added).toMatchObject({ resource: 'disk', asked: 'vdb 16 MiB', seen: 'vdb 16 MiB', when: 'now' });
      const [grown] = await effectsOf(driver.growDisk(id, 'vdb', mib(24)));
      expect(grown).toMatchObject({ asked: 'vdb 24 MiB', seen: 'vdb 24 MiB' });
      const vm = await until(
        5_000,
        () => theVm(driver, id),
        (each) => each.disks[1]?.seen === mibToBytes(mib(24))
      );
      expect(vm.disks[1]).toMatchObject({ target: 'vdb', capacity: mibToBytes(mib(24)), pool: subject.pool });
      const [gone] = await effectsOf(driver.detachDisk(id, 'vdb', true));
      expect(gone).toMatchObject({ resource: 'disk', asked: 'no vdb', seen: 'no vdb', when: 'now' });
      expect((await theVm(driver, id)).disks).toHaveLength(1);
      expect(await volumesOf()).not.toContain(vm.disks[1]?.volume);
    });

    it('gets a network interface, sees it, and lets it go', async () => {
      const [added] = await effectsOf(driver.attachNic(id, subject.network));
      expect(added?.seen).toBe(added?.asked);
      const nic = (await theVm(driver, id)).nics[1];
      expect(nic?.seen).not.toBeNull();
      await effectsOf(driver.detachNic(id, nic?.mac ?? ''));
      expect((await theVm(driver, id)).nics).toHaveLength(1);
    });

    it('has a load, in figures that are plausible or absent', async () => {
      await driver.stats();
      const stats = await until(
        10_000,
        () => driver.stats(),
        ({ host, vms }) => host.cpu !== null && vms.some((load) => load.cpu !== null)
      );
      expect(stats.host.cpu).toBeLessThanOrEqual(100);
      expect(stats.host.memoryUsed).toBeGreaterThan(0);
      const load = stats.vms.find((each) => each.vm === id);
      expect(load?.cpu).toBeGreaterThanOrEqual(0);
      expect(load?.memoryUsed).toBeGreaterThan(0);
      expect(load?.memoryUsed).toBeLessThan(128);
      for (const rate of [load?.diskRead, load?.diskWrite, load?.netReceive])
        expect(rate ?? 0).toBeGreaterThanOrEqual(0);
    });

    it('is paused and goes on', async () => {
      const steps: readonly [PowerAction, VmState][] = [
        ['pause', 'paused'],
        ['resume', 'running']
      ];
      for (const [action, state] of steps) {
        expect(await effectsOf(driver.power(id, action))).toMatchObject([
          { resource: 'power', asked: state, seen: state }
        ]);
        expect(await stateOf(id)).toBe(state);
        expect(await refusalOf(driver.power(id, action))).toMatchObject({ code: 'wrong-state' });
      }
    });

    it('reboots, and reports again', async () => {
      expect(await effectsOf(driver.power(id, 'reboot'))).toMatchObject([{ resource: 'power', seen: 'running' }]);
      expect(await stateOf(id)).toBe('running');
      await reporting(id);
    });

    it('shuts down when asked to, starts again, and is powered off', async () => {
      await reporting(id);
      expect(await effectsOf(driver.power(id, 'shutdown'))).toMatchObject([
        { resource: 'power', asked: 'off', seen: 'off' }
      ]);
      expect(await theVm(driver, id)).toMatchObject({ state: 'off', seen: null, startedAt: null });
      await effectsOf(driver.power(id, 'start'));
      expect(await stateOf(id)).toBe('running');
      expect(await effectsOf(driver.power(id, 'power-off'))).toMatchObject([{ asked: 'off', seen: 'off' }]);
      expect(await stateOf(id)).toBe('off');
    });
  });

  describe('behind the driver’s back', () => {
    it('what somebody else does is told within 2 s, and what the driver does too', async () => {
      const id = await made('watched', { start: true });
      const changes: Change[] = [];
      const watching = new AbortController();
      driver.watch(
        (change) => changes.push(change),
        () => undefined,
        watching.signal
      );
      // The list knows it, as an agent’s does.
      await until(
        5_000,
        () => driver.list(),
        (vms) => vms.some((vm) => vm.id === id)
      );
      await settled(changes);
      await subject.pauseBehind(id);
      await until(
        2_000,
        () => Promise.resolve(changes),
        (all) => all.some((change) => change.vm === null || change.vm === id)
      );
      expect((await driver.list()).find((vm) => vm.id === id)?.state).toBe('paused');
      changes.length = 0;
      await effectsOf(driver.power(id, 'power-off'));
      expect(changes.some((change) => change.vm === null || change.vm === id)).toBe(true);
      watching.abort();
      await end(id);
    });

    it('a daemon that went away is told, refuses nothing as done, and everything is there when it is back', async () => {
      const id = await made('survivor', { start: true });
      const troubles: (string | null)[] = [];
      let changes = 0;
      const watching = new AbortController();
      driver.watch(
        () => changes++,
        (reason) => troubles.push(reason),
        watching.signal
      );
      await driver.list();
      const bringBack = await subject.takeDaemonAway();
      await until(
        5_000,
        () => Promise.resolve(troubles),
        (all) => typeof all.at(-1) === 'string'
      );
      await expect(driver.list()).rejects.toMatchObject({ code: 'hypervisor-down' });
      await expect(driver.power(id, 'pause')).rejects.toMatchObject({ code: 'hypervisor-down' });
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
      expect(await stateOf(id)).toBe('running');
      await effectsOf(driver.power(id, 'pause'));
      watching.abort();
      await end(id);
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
