import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scratch } from '../../../tests/support/agent-lab.ts';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Outcome } from '../../../src/lib/model/fault.ts';
import type { Effect, Vm } from '../../../src/lib/model/fleet.ts';
import { vmId } from '../../../src/lib/model/ids.ts';
import { mib, mibToBytes, vcpus } from '../../../src/lib/model/units.ts';
import type { NewVm } from '../driver.ts';
import { VirtualClock } from './clock.ts';
import type { SampleVm, SimulatedConfig } from './config.ts';
import { simulatedDriver } from './driver.ts';
import type { SimulatedDriver } from './driver.ts';

const SAMPLE: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };
const NEW: NewVm = {
  id: vmId('11111111-2222-4333-8444-555555555555'),
  name: 'new-1',
  description: 'x',
  tags: ['new'],
  protected: false,
  autostart: false,
  seed: null,
  image: 'tiny-linux',
  vcpus: vcpus(2),
  vcpusMax: vcpus(4),
  memory: mib(128),
  memoryMax: mib(512),
  start: true,
  disks: [{ pool: 'default', capacity: mib(64) }],
  nics: [{ network: 'default' }]
};
const quick = (config: SimulatedConfig = {}): SimulatedDriver =>
  simulatedDriver({ speed: null, vms: [SAMPLE], ...config });
const first = async (driver: SimulatedDriver): Promise<Vm> => {
  const [vm] = await driver.list();
  if (vm === undefined) throw new Error('no VM');
  return vm;
};
const codeOf = (outcome: Outcome<unknown>): string => (outcome.status === 'done' ? 'done' : outcome.fault.code);

test('everything a simulated host says of itself says simulated', async () => {
  const driver = quick();
  expect(await driver.describe()).toMatchObject({ hypervisor: 'simulated', accelerator: 'simulated', simulated: true });
  expect((await first(driver)).seen?.by).toBe('simulated');
});

test('the same seed gives the same VMs and the same loads at the same instants, another seed others', async () => {
  const record = async (seed: number): Promise<string> => {
    const clock = new VirtualClock();
    const driver = simulatedDriver({ seed, vms: 12, clock });
    const seen = [await driver.list(), await driver.stats()];
    for (let n = 0; n < 5; n++) {
      await clock.advance(2_000);
      seen.push(await driver.stats());
    }
    return JSON.stringify(seen);
  };
  expect(await record(7)).toBe(await record(7));
  expect(await record(8)).not.toBe(await record(7));
});

test('a started guest boots in its own time, and a change of a running guest resolves when the guest has seen it', async () => {
  const clock = new VirtualClock();
  const latency = { create: 100, start: 1000, boot: 2000, 'set-vcpus': 50, see: 400 };
  const driver = simulatedDriver({ clock, latency });
  let created: Outcome<readonly Effect[]> | null = null;
  void driver.create(NEW).then((outcome) => (created = outcome));
  await clock.advance(600);
  expect(await driver.get(NEW.id)).toMatchObject({ state: 'starting', seen: null });
  await clock.advance(500);
  expect(created).toMatchObject({ status: 'done' });
  expect(await driver.get(NEW.id)).toMatchObject({ state: 'running', seen: null });
  await clock.advance(2000);
  expect((await driver.get(NEW.id))?.seen).toMatchObject({ vcpus: 2 });

  let set: Outcome<readonly Effect[]> | null = null;
  void driver.setVcpus(NEW.id, vcpus(4), 'now').then((outcome) => (set = outcome));
  await clock.advance(200);
  expect(await driver.get(NEW.id)).toMatchObject({ vcpus: 4, seen: { vcpus: 2 } });
  expect(set).toBeNull();
  await clock.advance(300);
  expect(await driver.get(NEW.id)).toMatchObject({ vcpus: 4, seen: { vcpus: 4 } });
  expect(set).toMatchObject({ value: [{ asked: '4', seen: '4', by: 'simulated' }] });
});

test('a guest that cannot look is not said to have seen: paused, booting or off', async () => {
  const driver = quick({ latency: { boot: 1_000_000 } });
  const vm = await first(driver);
  await driver.power(vm.id, 'pause');
  expect(await driver.setVcpus(vm.id, vcpus(4), 'now')).toMatchObject({
    value: [{ seen: null, by: null, when: 'now', note: expect.stringContaining('paused') as string }]
  });
  await driver.power(vm.id, 'power-off');
  expect(await driver.attachNic(vm.id, 'lan')).toMatchObject({ value: [{ seen: null, when: 'next-boot' }] });
  await driver.power(vm.id, 'start');
  expect(await driver.setMemory(vm.id, mib(300), 'now')).toMatchObject({
    value: [{ seen: null, note: expect.stringContaining('booting') as string }]
  });
});

test('a change for the next boot shows beside what is so now, and comes with it', async () => {
  const driver = quick();
  const vm = await first(driver);
  await driver.setVcpus(vm.id, vcpus(1), 'next-boot');
  await driver.setMemory(vm.id, mib(512), 'next-boot');
  expect(await first(driver)).toMatchObject({ vcpus: 2, vcpusNext: 1, memory: 256, memoryNext: 512 });
  await driver.power(vm.id, 'reboot');
  expect(await first(driver)).toMatchObject({ vcpus: 1, vcpusNext: null, memory: 512, memoryNext: null });
});

test('what a host cannot do live it refuses with its reason, and does at the next boot', async () => {
  const reason = 'this host emulates CPUs';
  const driver = quick({ capabilities: { 'vcpu-remove': { live: false, reason } } });
  const vm = await first(driver);
  const refused = await driver.setVcpus(vm.id, vcpus(1), 'now');
  expect(refused).toMatchObject({ status: 'refused', fault: { code: 'unsupported', detail: { reason } } });
  expect(codeOf(await driver.setVcpus(vm.id, vcpus(1), 'next-boot'))).toBe('done');
  expect(codeOf(await driver.setVcpus(vm.id, vcpus(3), 'now'))).toBe('done');
  expect((await driver.describe()).capabilities.find(({ name }) => name === 'vcpu-remove')).toMatchObject({
    live: false,
    reason
  });
});

test('a host that emulates CPUs has a guest take vCPUs offline, and gets them back at its next boot', async () => {
  const reason = 'this host emulates CPUs: applies at next boot';
  const driver = quick({ capabilities: { 'vcpu-remove': { live: true, reason } } });
  const vm = await first(driver);
  expect(await driver.setVcpus(vm.id, vcpus(1), 'now')).toMatchObject({
    value: [{ asked: '1', seen: '1', note: reason }]
  });
  expect(await first(driver)).toMatchObject({ vcpus: 2, vcpusNext: 1, seen: { vcpus: 1 } });
  await driver.power(vm.id, 'reboot');
  expect(await first(driver)).toMatchObject({ vcpus: 1, vcpusNext: null, seen: { vcpus: 1 } });
});

test('memory, storage and names run out as on a real host, and a refusal leaves nothing behind', async () => {
  const driver = quick({ memory: 600, storage: 200 });
  const vm = await first(driver);
  const before = JSON.stringify([await driver.list(), await driver.pools()]).replaceAll(/"at":\d+/g, '');
  expect(codeOf(await driver.create({ ...NEW, memory: mib(400) }))).toBe('no-space');
  expect(codeOf(await driver.create({ ...NEW, disks: [{ pool: 'default', capacity: mib(150) }] }))).toBe('no-space');
  expect(codeOf(await driver.create({ ...NEW, name: 'web-1' }))).toBe('name-taken');
  expect(codeOf(await driver.create({ ...NEW, image: 'nope' }))).toBe('not-found');
  expect(codeOf(await driver.create({ ...NEW, disks: [{ pool: '../etc', capacity: mib(1) }] }))).toBe('not-found');
  expect(codeOf(await driver.create({ ...NEW, nics: [{ network: 'nope' }] }))).toBe('not-found');
  expect(codeOf(await driver.growDisk(vm.id, 'vda', mib(400)))).toBe('no-space');
  expect(codeOf(await driver.growDisk(vm.id, 'vda', mib(64)))).toBe('bad-argument');
  expect(codeOf(await driver.attachDisk(vm.id, { pool: 'default', volume: 'nope', capacity: null }))).toBe('not-found');
  expect(
    codeOf(await driver.attachDisk(vm.id, { pool: 'default', volume: vm.disks[0]?.volume ?? '', capacity: null }))
  ).toBe('in-use');
  expect(codeOf(await driver.deleteVolume('default', vm.disks[0]?.volume ?? ''))).toBe('in-use');
  expect(codeOf(await driver.delete(vm.id, true))).toBe('wrong-state');
  const after = JSON.stringify([await driver.list(), await driver.pools()]).replaceAll(/"at":\d+/g, '');
  expect(after).toBe(before);
});

test('whatever is done in whatever order, space adds up and no two VMs share a name, volume or address', async () => {
  const step = fc.record({
    what: fc.constantFrom(
      'create',
      'delete',
      'attach',
      'detach',
      'grow',
      'nic',
      'start',
      'off',
      'save',
      'discard',
      'memory',
      'rename',
      'volume'
    ),
    which: fc.nat(5),
    size: fc.integer({ min: 1, max: 300 })
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(), async (steps, seed) => {
      const driver = simulatedDriver({ seed, speed: null, memory: 1024, storage: 1024, vms: 2 });
      for (const { what, which, size } of steps) {
        const all = await driver.list();
        const vm = all[which % Math.max(1, all.length)];
        const id = vm?.id ?? NEW.id;
        const volumes = (await driver.pools())[0]?.volumes ?? [];
        if (what === 'create') {
          const fresh = vmId(`00000000-0000-4000-8000-${String(size).padStart(12, '0')}`);
          if (!all.some((each) => each.id === fresh))
            await driver.create({ ...NEW, id: fresh, name: `n${which}`, memory: mib(size) });
        }
        if (what === 'delete') await driver.delete(id, size % 2 === 0);
        if (what === 'attach') await driver.attachDisk(id, { pool: 'default', volume: null, capacity: mib(size) });
        if (what === 'detach') await driver.detachDisk(id, vm?.disks[0]?.target ?? 'vda', size % 2 === 0);
        if (what === 'grow') await driver.growDisk(id, vm?.disks[0]?.target ?? 'vda', mib(size));
        if (what === 'nic') await driver.attachNic(id, 'lan');
        if (what === 'start') await driver.power(id, 'start');
        if (what === 'off') await driver.power(id, 'power-off');
        if (what === 'save') await driver.power(id, 'save');
        if (what === 'discard') await driver.power(id, 'discard-saved');
        if (what === 'memory') await driver.setMemory(id, mib(size), 'now');
        if (what === 'rename') await driver.rename(id, `n${size % 3}`);
        if (what === 'volume')
          await driver.deleteVolume('default', volumes[which % Math.max(1, volumes.length)]?.name ?? 'x');
      }
      const vms = await driver.list();
      const [pool] = await driver.pools();
      const live = vms.filter(({ state }) => state === 'running').reduce((sum, { memory }) => sum + memory, 0);
      expect(live).toBeLessThanOrEqual(1024);
      // What was in their memory lies there too.
      const saved = vms.filter(({ state }) => state === 'saved').reduce((sum, vm) => sum + mibToBytes(vm.memory), 0);
      expect((pool?.free ?? 0) + (pool?.volumes ?? []).reduce((sum, { capacity }) => sum + capacity, saved)).toBe(
        pool?.capacity
      );
      const distinct = (values: readonly (string | null)[]): void => {
        expect(new Set(values).size).toBe(values.length);
      };
      distinct(vms.map(({ name }) => name));
      distinct(vms.flatMap(({ disks }) => disks.map(({ volume }) => volume)));
      distinct(vms.flatMap(({ nics }) => nics.map(({ mac }) => mac)));
      for (const { id, disks } of vms) {
        distinct(disks.map(({ target }) => target));
        for (const disk of disks)
          expect(pool?.volumes.find(({ name }) => name === disk.volume)).toMatchObject({
            usedBy: id,
            capacity: disk.capacity
          });
      }
    }),
    { numRuns: 60 }
  );
});

test('a saved VM needs room on the disk to be saved, and in memory to go on; found again after a restart, it is still saved', async () => {
  const directory = await scratch();
  const file = join(directory, 'simulated.json');
  const driver = quick({ file, memory: 600, storage: 350 });
  const vm = await first(driver);
  expect((await driver.power(vm.id, 'save')).status).toBe('done');
  expect(codeOf(await driver.create({ ...NEW, disks: [{ pool: 'default', capacity: mib(200) }] }))).toBe('no-space');
  await driver.create({ ...NEW, memory: mib(400), disks: [], start: true });
  expect(codeOf(await driver.power(vm.id, 'start'))).toBe('no-space');
  expect(await driver.get(vm.id)).toMatchObject({ state: 'saved' });
  const again = quick({ file, memory: 600, storage: 350 });
  expect(await again.get(vm.id)).toMatchObject({ state: 'saved', vcpus: vm.vcpus });
  await again.power(NEW.id, 'power-off');
  expect((await again.power(vm.id, 'start')).status).toBe('done');
  expect(await again.get(vm.id)).toMatchObject({ state: 'running', savedAt: null });
  expect((await again.setMemory(vm.id, mib(300), 'now')).status).toBe('done');
  expect(codeOf(await again.power(vm.id, 'save'))).toBe('no-space');
  expect(await again.get(vm.id)).toMatchObject({ state: 'running' });
  await rm(directory, { recursive: true });
});

test('the revision changes with every change of the configuration, and with nothing else', async () => {
  const driver = quick();
  const vm = await first(driver);
  const now = async (): Promise<string> => (await first(driver)).revision;
  let last: string = vm.revision;
  const changes: (() => Promise<unknown>)[] = [
    () => driver.setVcpus(vm.id, vcpus(4), 'now'),
    () => driver.setMemory(vm.id, mib(300), 'next-boot'),
    () => driver.attachDisk(vm.id, { pool: 'default', volume: null, capacity: mib(8) }),
    () => driver.growDisk(vm.id, 'vdb', mib(16)),
    () => driver.detachDisk(vm.id, 'vdb', true),
    () => driver.attachNic(vm.id, 'lan'),
    () => driver.rename(vm.id, 'other')
  ];
  for (const change of changes) {
    await change();
    expect(await now()).not.toBe(last);
    last = await now();
  }
  await driver.power(vm.id, 'pause');
  await driver.power(vm.id, 'resume');
  expect(await now()).toBe(last);
});

test('faults come when they are ordered: before a change nothing happens, after it it has', async () => {
  let moment: 'before' | 'after' | null = null;
  const fault = new Fault('hypervisor', { operation: 'x', reason: 'ordered' });
  const driver = quick({ faults: (operation, when) => (operation === 'rename' && when === moment ? fault : null) });
  const vm = await first(driver);
  moment = 'before';
  await expect(driver.rename(vm.id, 'a')).rejects.toBe(fault);
  expect((await first(driver)).name).toBe('web-1');
  moment = 'after';
  await expect(driver.rename(vm.id, 'a')).rejects.toBe(fault);
  expect((await first(driver)).name).toBe('a');
});

test('while the management daemon is away every call breaks, and watchers hear of both', async () => {
  const driver = quick({ latency: { start: 1_000, shutdown: 50 } });
  const vm = await first(driver);
  const heard: (string | null)[] = [];
  const changes: (string | null)[] = [];
  const end = new AbortController();
  driver.watch(
    ({ vm: changed }) => void changes.push(changed),
    (reason) => void heard.push(reason),
    end.signal
  );
  const stopping = driver.power(vm.id, 'shutdown');
  expect((await first(driver)).state).toBe('stopping');
  driver.behind.down('killed');
  await expect(driver.list()).rejects.toMatchObject({ code: 'hypervisor-down' });
  await expect(stopping).rejects.toMatchObject({ code: 'hypervisor-down' });
  driver.behind.down(null);
  expect((await first(driver)).state).toBe('running');
  expect(heard).toEqual(['killed', null]);
  expect(changes).toContain(null);
  end.abort();
  const before = changes.length;
  await driver.rename(vm.id, 'quiet');
  expect(changes).toHaveLength(before);
});

test('a host with a file is found again after a restart, and one that was in the middle of something has settled', async () => {
  const directory = await scratch();
  const file = join(directory, 'simulated.json');
  const driver = quick({ file });
  const vm = await first(driver);
  await driver.setVcpus(vm.id, vcpus(4), 'now');
  const known = await first(quick({ file }));
  expect(known).toMatchObject({ id: vm.id, vcpus: 4, state: 'running', revision: (await first(driver)).revision });
  await writeFile(file, (await readFile(file, 'utf8')).replace('"state":"running"', '"state":"stopping"'));
  expect((await first(quick({ file }))).state).toBe('running');
  await writeFile(file, '{"guests":');
  expect(() => quick({ file })).toThrow(expect.objectContaining({ code: 'corrupt-state' }) as Error);
  await rm(directory, { recursive: true });
});

test('loads wander within their bounds and are absent at first and while nothing runs', async () => {
  const clock = new VirtualClock();
  const driver = simulatedDriver({ vms: 20, clock });
  const once = await driver.stats();
  expect([once.host.cpu, once.host.diskRead, once.vms[0]?.cpu]).toEqual([null, null, null]);
  const figures: number[] = [];
  for (let n = 0; n < 200; n++) {
    await clock.advance(2_000);
    const { host, vms } = await driver.stats();
    figures.push(host.cpu ?? -1);
    for (const vm of vms) {
      expect(vm.cpu).toBeGreaterThanOrEqual(0);
      expect(vm.cpu).toBeLessThanOrEqual(100);
      expect(vm.netReceive).toBeGreaterThanOrEqual(0);
    }
  }
  expect(Math.min(...figures)).toBeGreaterThan(0);
  expect(new Set(figures.map(Math.round)).size).toBeGreaterThan(5);
  const off = (await driver.list()).find(({ state }) => state === 'off');
  expect((await driver.stats()).vms.some(({ vm }) => vm === off?.id)).toBe(false);
});

test('a thousand hosts with twenty VMs each fit in one process: under 100 MiB, a round of all within 2 s', async () => {
  const before = process.memoryUsage().heapUsed;
  const hosts = Array.from({ length: 1000 }, (_, seed) => simulatedDriver({ seed, vms: 20 }));
  const begun = performance.now();
  let vms = 0;
  for (const host of hosts) {
    vms += (await host.list()).length;
    await host.stats();
  }
  expect(vms).toBe(20_000);
  expect(performance.now() - begun).toBeLessThan(2_000);
  expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(100);
});

test('a guest uses no more CPU than its cap leaves it, and the host no more than its guests', async () => {
  const clock = new VirtualClock();
  const driver = simulatedDriver({ seed: 7, vms: 12, cpus: 16, clock });
  const counts = new Map((await driver.list()).map(({ id, vcpus: count }) => [id, count]));
  await driver.stats();
  await clock.advance(2_000);
  const busiest = (await driver.stats()).vms.reduce((one, other) => ((other.cpu ?? 0) > (one.cpu ?? 0) ? other : one));
  expect(busiest.cpu).toBeGreaterThan(20);
  const capping = driver.setCpuShare(busiest.vm, { weight: 256, cap: 10 }, 'now');
  await clock.advance(1_000);
  expect(codeOf(await capping)).toBe('done');
  await clock.advance(2_000);
  const { vms, host } = await driver.stats();
  expect(vms.find(({ vm }) => vm === busiest.vm)?.cpu).toBe(10 / (counts.get(busiest.vm) ?? 0));
  const used = vms.reduce((sum, { vm, cpu }) => sum + (cpu ?? 0) * (counts.get(vm) ?? 0), 0);
  expect(host.cpu).toBeCloseTo(used / 16 + 1);
});
