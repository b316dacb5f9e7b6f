import { expect, test } from 'vitest';
import type { Image, Vm } from '../../src/lib/model/fleet.ts';
import { vcpus } from '../../src/lib/model/units.ts';
import type { Event } from '../../src/lib/protocol/schema.ts';
import { simulatedDriver } from '../drivers/simulated/driver.ts';
import type { SimulatedDriver } from '../drivers/simulated/driver.ts';
import { Inventory } from './inventory.ts';
import { silent } from '../log.ts';
import { Mailbox } from './mailbox.ts';

const NEVER = 1_000_000;
const inventoryOf = (driver: SimulatedDriver, lookEvery = NEVER): Inventory =>
  new Inventory({
    driver,
    facts: (hypervisor) => ({
      ...hypervisor,
      id: 'n1' as never,
      name: 'n',
      site: 's',
      agentVersion: '0',
      pin: `sha256:${'A'.repeat(43)}`,
      maintenance: null
    }),
    log: silent,
    lookEvery,
    onWatched: () => undefined
  });
const SAMPLE = { name: 'web-1', vcpus: 2, memory: 128, state: 'running', disks: [], nics: 0 } as const;
const turns = (): Promise<void> => new Promise(setImmediate);

/** Watches, and keeps what came. */
async function watched(inventory: Inventory): Promise<{ events: Event[]; mailbox: Mailbox; vms: readonly Vm[] }> {
  const events: Event[] = [];
  const mailbox = new Mailbox(
    (event) => {
      events.push(event);
      return Promise.resolve();
    },
    () => 1
  );
  const { vms } = await inventory.watch(mailbox);
  mailbox.start();
  return { events, mailbox, vms };
}

test('a list that began before a command ended cannot take back what the command’s end told', async () => {
  const driver = simulatedDriver({ speed: null, vms: [SAMPLE] });
  const inventory = inventoryOf(driver);
  const { events, vms } = await watched(inventory);
  const [vm] = vms;
  if (vm === undefined) throw new Error('no VM');
  let release = (): void => undefined;
  const original = driver.list.bind(driver);
  driver.list = async () => {
    const old = await original();
    await new Promise<void>((resolve) => (release = resolve));
    return old;
  };
  driver.behind.down(null); // Has everything listed anew.
  await turns();
  await driver.setVcpus(vm.id, vcpus(4), 'now');
  inventory.tell(vm.id, await driver.get(vm.id));
  driver.list = original;
  release();
  await turns();
  await turns();
  expect(events.flatMap((event) => event.vms).map((each) => each.vcpus)).toEqual([4]);
  expect(inventory.seen(vm.id)?.vcpus).toBe(4);
  inventory.close();
});

test('nothing is news that says the same as before, but a witness’s word is told anew after half a minute', async () => {
  let now = 1_000_000;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const driver = simulatedDriver({ speed: null, vms: [SAMPLE], clock });
  const inventory = inventoryOf(driver);
  const { events } = await watched(inventory);
  for (const later of [5_000, 29_000]) {
    now = 1_000_000 + later;
    await inventory.warm();
  }
  await turns();
  expect(events.flatMap((event) => event.vms)).toEqual([]);
  now = 1_031_000;
  await inventory.warm();
  await turns();
  expect(events.flatMap((event) => event.vms).map(({ seen }) => seen?.at)).toEqual([1_031_000]);
  inventory.close();
});

test('a hypervisor that has never answered cannot be watched yet, and can as soon as it does', async () => {
  const driver = simulatedDriver({ speed: null, vms: [SAMPLE] });
  driver.behind.down('not started');
  const inventory = inventoryOf(driver);
  await expect(watched(inventory)).rejects.toMatchObject({ code: 'hypervisor-down' });
  driver.behind.down(null);
  const { vms } = await watched(inventory);
  expect(vms).toHaveLength(1);
  inventory.close();
});

test('changes of pools, networks and images are news as a whole', async () => {
  const driver = simulatedDriver({ speed: null, vms: [SAMPLE] });
  const inventory = inventoryOf(driver);
  const { events, vms } = await watched(inventory);
  const id = vms[0]?.id;
  if (id === undefined) throw new Error('no VM');
  await driver.attachDisk(id, { pool: 'default', volume: null, capacity: 8 as never });
  inventory.touchRest();
  await turns();
  await turns();
  expect(events.find(({ storage }) => storage !== null)?.storage?.pools[0]?.volumes).toMatchObject([{ usedBy: id }]);
  expect(events.filter(({ networks, images }) => networks !== null || images !== null)).toEqual([]);

  const offered = await driver.images();
  const more = [...offered, { ...offered[0], name: 'of-today' } as Image];
  driver.images = () => Promise.resolve(more);
  inventory.touchRest();
  await turns();
  await turns();
  expect(events.flatMap(({ images }) => images ?? [])).toEqual([{ images: more }]);
  inventory.close();
});

test('a driver that reports a change of many VMs at once has them listed once, not asked for one by one', async () => {
  const driver = simulatedDriver({ speed: null, vms: 60 });
  const inventory = inventoryOf(driver);
  const { vms } = await watched(inventory);
  let [gets, lists] = [0, 0];
  const [get, list] = [driver.get.bind(driver), driver.list.bind(driver)];
  driver.get = (...args) => (gets++, get(...args));
  driver.list = () => (lists++, list());
  for (const vm of vms) driver.behind.change(vm.id, (guest) => ({ ...guest, description: 'x' }));
  await turns();
  await turns();
  expect(lists).toBe(1);
  expect(gets).toBeLessThan(5);
  inventory.close();
});
