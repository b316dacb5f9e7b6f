import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Activity, Fleet, Host, HostFacts, Image, Inventory, Vm, VmLoad } from '../model/fleet.ts';
import type { CommandId, HostId, OperatorKey, Revision, VmId } from '../model/ids.ts';
import { bytes, mib, millis, percent, vcpus } from '../model/units.ts';
import { emptyEvent } from '../protocol/codec.ts';
import type { Event } from '../protocol/schema.ts';
import { EMPTY_FLEET, fold, foldAll } from './fold.ts';
import type { FleetUpdate } from './fold.ts';

const hosts = ['a', 'b', 'c'] as [HostId, HostId, HostId];
const vmIds = Array.from({ length: 6 }, (_, n) => `00000000-0000-4000-8000-00000000000${n}` as VmId);

const facts = (id: HostId): HostFacts => ({
  id,
  name: `host ${id}`,
  site: 'north',
  hypervisor: 'simulated',
  hypervisorVersion: '1',
  accelerator: 'simulated',
  simulated: true,
  cpus: vcpus(8),
  cpuModel: 'x',
  memory: mib(4096),
  numaCells: null,
  scheduler: null,
  domainZero: null,
  xlVms: null,
  agentVersion: '0',
  pin: `sha256:${'A'.repeat(43)}`,
  maintenance: null,
  capabilities: []
});
const vm = (id: VmId, more: Partial<Vm> = {}): Vm => ({
  id,
  name: `vm ${id.slice(-1)}`,
  state: 'running',
  kind: 'hvm',
  revision: '0123456789abcdef' as Revision,
  vcpus: vcpus(1),
  vcpusMax: vcpus(4),
  vcpusNext: null,
  memory: mib(256),
  memoryMax: mib(512),
  memoryNext: null,
  cpuShare: null,
  cpuShareNext: null,
  affinity: null,
  affinityNext: null,
  startedAt: null,
  savedAt: null,
  description: '',
  tags: [],
  protected: false,
  autostart: false,
  unmanaged: null,
  consoles: [],
  disks: [],
  nics: [],
  seen: null,
  ...more
});
const load = (id: VmId, at: number): VmLoad => ({
  vm: id,
  at: millis(at),
  cpu: percent(at % 100),
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null
});
const activity = (number: number, status: Activity['status']): Activity => ({
  number,
  command: vmIds[0] as string as CommandId,
  op: 'vm.start',
  operator: 'B' as OperatorKey,
  operatorLabel: 'me',
  vm: null,
  summary: `start ${number}`,
  status,
  startedAt: millis(1),
  endedAt: null,
  reason: null,
  note: null
});

const paired = (host: HostId): FleetUpdate => ({ kind: 'paired', host, name: host, site: '', role: 'admin' });

// What comes in, as random as it can be
const anyVm = fc
  .record({
    id: fc.constantFrom(...vmIds),
    state: fc.constantFrom('running', 'off', 'paused', 'crashed'),
    memory: fc.constantFrom(128, 256)
  })
  .map(({ id, state, memory }) => vm(id, { state, memory: mib(memory) }));
const anyPools = fc.array(
  fc.constantFrom('p', 'q').map((name) => ({ name, capacity: bytes(9), free: bytes(3), volumes: [] })),
  { maxLength: 2 }
);
const anyImages = fc.array(
  fc.constantFrom('i', 'j').map((name): Image => ({ name, title: name, kind: 'disk', size: null, xen: null })),
  { maxLength: 2 }
);
const anyActivity = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom('running' as const, 'done' as const))
  .map(([number, status]) => activity(number, status));
const anyEvent: fc.Arbitrary<Event> = fc
  .record({
    vms: fc.uniqueArray(anyVm, { selector: (one) => one.id, maxLength: 3 }),
    removed: fc.uniqueArray(fc.constantFrom(...vmIds), { maxLength: 2 }),
    storage: fc.option(anyPools),
    images: fc.option(anyImages),
    loads: fc.uniqueArray(fc.constantFrom(...vmIds), { maxLength: 4 }),
    at: fc.integer({ min: 0, max: 1000 }),
    activities: fc.array(anyActivity, { maxLength: 3 }),
    percents: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 2 }),
    trouble: fc.option(fc.constantFrom('', 'libvirtd is away'))
  })
  .map(({ vms, removed, storage, images, loads, at, activities, percents, trouble }) => ({
    ...emptyEvent(1, millis(at)),
    vms: vms.filter((one) => !removed.includes(one.id)),
    removed: removed.map((id) => ({ id })),
    storage: storage && { pools: storage },
    images: images && { images },
    vmLoads: loads.map((id) => load(id, at)),
    activities,
    progress: percents.map((value) => ({
      command: vmIds[0] as string as CommandId,
      stage: 'copying' as const,
      percent: percent(value),
      remaining: null,
      rate: null,
      pass: null
    })),
    trouble: trouble === null ? null : { reason: trouble }
  }));
const anyHost = fc.constantFrom(...hosts);
const anyUpdate: fc.Arbitrary<FleetUpdate> = fc.oneof(
  { weight: 1, arbitrary: anyHost.map((host) => ({ kind: 'forgotten' as const, host })) },
  {
    weight: 2,
    arbitrary: anyHost.map((host) => ({ kind: 'paired' as const, host, name: host, site: '', role: 'admin' as const }))
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyHost, fc.constantFrom('online' as const, 'offline' as const), fc.constantFrom(null, 'because'))
      .map(([host, link, reason]) => ({ kind: 'link' as const, host, link, reason }))
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(anyHost, fc.uniqueArray(anyVm, { selector: (one) => one.id, maxLength: 5 }), anyPools, anyImages)
      .map(([host, vms, pools, images]) => ({
        kind: 'inventory' as const,
        host,
        inventory: { host: facts(host), vms, pools, networks: [], images },
        role: null,
        at: millis(5)
      }))
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyHost, anyEvent)
      .map(([host, event]) => ({ kind: 'event' as const, host, event, at: event.at }))
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyHost, anyVm).map(([host, one]) => ({ kind: 'vm' as const, host, vm: one, at: millis(6) }))
  }
);

/** Long enough that hosts have loads, lose VMs and come back. */
const anyHistory = fc
  .array(anyUpdate, { minLength: 20, maxLength: 60 })
  .map((updates) => [...hosts.map(paired), ...updates]);

/** The same, said in the plainest way: no sharing, no batches, everything rebuilt. */
function model(updates: readonly FleetUpdate[]): Map<HostId, Host> {
  const fleet = new Map<HostId, Host>();
  for (const update of updates) {
    const host = fleet.get(update.host);
    if (update.kind === 'forgotten') fleet.delete(update.host);
    else if (update.kind === 'paired') {
      fleet.set(update.host, {
        ...(host ?? (fold(EMPTY_FLEET, update).hosts.get(update.host) as Host)),
        role: update.role
      });
    } else if (host) fleet.set(update.host, after(host, update));
  }
  return fleet;
}

function after(host: Host, update: FleetUpdate): Host {
  const vms = new Map(host.vms);
  const vmLoads = new Map(host.vmLoads);
  const put = (one: Vm): void => {
    vms.set(one.id, one);
    if (one.state === 'off' || one.state === 'crashed') vmLoads.delete(one.id);
  };
  if (update.kind === 'link') return { ...host, link: update.link, reason: update.reason };
  if (update.kind === 'vm') {
    put(update.vm);
    return { ...host, vms, vmLoads, heardAt: update.at };
  }
  if (update.kind === 'inventory') {
    const { inventory } = update;
    const now = new Map(inventory.vms.map((one) => [one.id, one]));
    for (const id of vmLoads.keys()) if (!now.has(id)) vmLoads.delete(id);
    return {
      ...host,
      facts: inventory.host,
      name: inventory.host.name,
      site: inventory.host.site,
      vms: now,
      vmLoads,
      pools: inventory.pools,
      images: inventory.images,
      progress: new Map(),
      trouble: null,
      heardAt: update.at
    };
  }
  if (update.kind !== 'event') return host;
  const { event } = update;
  event.vms.forEach(put);
  for (const { id } of event.removed) {
    vms.delete(id);
    vmLoads.delete(id);
  }
  for (const one of event.vmLoads) if (vms.has(one.vm)) vmLoads.set(one.vm, one);
  const numbers = new Map([...host.activity, ...event.activities].map((one) => [one.number, one]));
  const progress = new Map([...host.progress, ...event.progress.map((one) => [one.command, one] as const)]);
  for (const one of event.activities) if (one.status !== 'running') progress.delete(one.command);
  return {
    ...host,
    vms,
    vmLoads,
    progress,
    pools: event.storage?.pools ?? host.pools,
    images: event.images?.images ?? host.images,
    activity: [...numbers.values()].sort((a, b) => b.number - a.number),
    trouble: event.trouble ? event.trouble.reason || null : host.trouble,
    heardAt: update.at
  };
}

const inventoryOf = (host: HostId, vms: readonly Vm[]): FleetUpdate => ({
  kind: 'inventory',
  host,
  inventory: { host: facts(host), vms, pools: [], networks: [], images: [] } satisfies Inventory,
  role: 'admin',
  at: millis(1)
});
const event = (host: HostId, more: Partial<Event>): FleetUpdate => ({
  kind: 'event',
  host,
  event: { ...emptyEvent(1, millis(2)), ...more },
  at: millis(2)
});
const [a, b] = hosts;
const [vm0, vm1] = vmIds as [VmId, VmId, ...VmId[]];
const hostOf = (fleet: Fleet, host: HostId): Host => {
  const found = fleet.hosts.get(host);
  if (!found) throw new Error(`no host ${host}`);
  return found;
};

describe('fold', () => {
  it('arrives where the plain model arrives, whatever is said in whatever order', () => {
    fc.assert(
      fc.property(anyHistory, (updates) => {
        const folded = updates.reduce(fold, EMPTY_FLEET);
        expect(new Map(folded.hosts)).toEqual(model(updates));
      })
    );
  });

  it('gives the same fleet for a batch as for its updates one by one', () => {
    fc.assert(
      fc.property(fc.array(anyUpdate, { maxLength: 15 }), fc.array(anyUpdate, { maxLength: 15 }), (before, batch) => {
        const start = foldAll(EMPTY_FLEET, before);
        expect(foldAll(start, batch)).toEqual(batch.reduce(fold, start));
      })
    );
  });

  it('never changes a fleet it was given, and keeps every host the update is not about', () => {
    fc.assert(
      fc.property(fc.array(anyUpdate, { maxLength: 20 }), anyUpdate, (updates, last) => {
        const before = foldAll(EMPTY_FLEET, updates);
        const copy = structuredClone(before);
        const now = fold(before, last);
        expect(before).toEqual(copy);
        for (const [id, host] of before.hosts) if (id !== last.host) expect(now.hosts.get(id)).toBe(host);
      })
    );
  });

  it('keeps identity when nothing new is said: the same inventory twice changes no VM and no list', () => {
    const start = foldAll(EMPTY_FLEET, [paired(a), inventoryOf(a, [vm(vm0), vm(vm1)])]);
    const again = fold(start, inventoryOf(a, [vm(vm0), vm(vm1)]));
    expect(again).toBe(start);
  });

  it('shares all but what a load event is about', () => {
    const start = foldAll(EMPTY_FLEET, [paired(a), inventoryOf(a, [vm(vm0)]), paired(b), inventoryOf(b, [vm(vm1)])]);
    const now = fold(start, event(a, { vmLoads: [load(vm0, 7)] }));
    expect(now.hosts.get(b)).toBe(start.hosts.get(b));
    expect(hostOf(now, a).vms).toBe(hostOf(start, a).vms);
    expect(hostOf(now, a).vmLoads.get(vm0)?.at).toBe(7);
    expect(hostOf(start, a).vmLoads.size).toBe(0);
  });

  it('keeps the VMs an inventory shows unchanged, though others changed', () => {
    const start = foldAll(EMPTY_FLEET, [paired(a), inventoryOf(a, [vm(vm0), vm(vm1)])]);
    const now = fold(start, inventoryOf(a, [vm(vm0), vm(vm1, { state: 'off' })]));
    expect(hostOf(now, a).vms.get(vm0)).toBe(hostOf(start, a).vms.get(vm0));
    expect(hostOf(now, a).vms.get(vm1)?.state).toBe('off');
  });

  it('keeps the newest 500 activities, newest first, each once', () => {
    const all = Array.from({ length: 600 }, (_, n) => activity(n + 1, 'running'));
    let fleet = foldAll(EMPTY_FLEET, [paired(a), event(a, { activities: all })]);
    fleet = fold(fleet, event(a, { activities: [activity(600, 'done')] }));
    const numbers = hostOf(fleet, a).activity.map((one) => one.number);
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, n) => 600 - n));
    expect(hostOf(fleet, a).activity[0]?.status).toBe('done');
  });

  it('drops the activities of a history that is no longer believed', () => {
    const start = foldAll(EMPTY_FLEET, [paired(a), event(a, { activities: [activity(9, 'done')] })]);
    const now = fold(start, {
      kind: 'activities',
      host: a,
      activities: [activity(1, 'done')],
      replace: true,
      at: millis(3)
    });
    expect(hostOf(now, a).activity.map((one) => one.number)).toEqual([1]);
  });

  it('says nothing about a host that is not managed', () => {
    expect(fold(EMPTY_FLEET, inventoryOf(a, [vm(vm0)]))).toBe(EMPTY_FLEET);
  });
});

it('progress is kept by command, its last word, until the command has ended or everything is told anew', () => {
  const command = vmIds[0] as string as CommandId;
  const [host] = hosts;
  const at = millis(1);
  const progress = (value: number) => ({
    command,
    stage: 'copying' as const,
    percent: percent(value),
    remaining: null,
    rate: null,
    pass: null
  });
  const tell = (more: Partial<Event>): FleetUpdate => ({
    kind: 'event',
    host,
    event: { ...emptyEvent(1, at), ...more },
    at
  });
  const known = foldAll(EMPTY_FLEET, [paired(host), tell({ progress: [progress(1), progress(20)] })]);
  expect(known.hosts.get(host)?.progress).toEqual(new Map([[command, progress(20)]]));
  expect(fold(known, tell({ progress: [progress(20)] })).hosts.get(host)?.progress).toBe(
    known.hosts.get(host)?.progress
  );
  expect(fold(known, tell({ activities: [activity(1, 'running')] })).hosts.get(host)?.progress.size).toBe(1);
  expect(fold(known, tell({ activities: [activity(1, 'done')] })).hosts.get(host)?.progress.size).toBe(0);
});

it('tells how far the clock of a host is ahead or behind, once it is a minute or more, and keeps to it while it jitters', () => {
  const [host] = hosts;
  const tell = (ahead: number): FleetUpdate => ({
    kind: 'event',
    host,
    event: emptyEvent(1, millis(10_000_000 + ahead)),
    at: millis(10_000_000)
  });
  const start = fold(EMPTY_FLEET, { kind: 'paired', host, name: host, site: '', role: 'admin' });
  const after = (...ahead: number[]) => foldAll(start, ahead.map(tell)).hosts.get(host)?.clockAhead;
  expect(after(59_999)).toBe(0);
  expect(after(3_600_000)).toBe(3_600_000);
  expect(after(3_600_000, 3_604_000, 3_596_000)).toBe(3_600_000);
  expect(after(3_600_000, 3_606_000)).toBe(3_606_000);
  expect(after(-7_200_000)).toBe(-7_200_000);
  expect(after(3_600_000, 10)).toBe(0);
});
