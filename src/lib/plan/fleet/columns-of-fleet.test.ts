import { describe, expect, it } from 'vitest';
import { aFleet, aHost, maintained } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Host, HostFacts, Vm, VmLoad } from '../../model/fleet.ts';
import { bytes, bytesPerSecond, mib, millis, percent, vcpus } from '../../model/units.ts';
import * as plugin from '../../plugin/columns.ts';
import { columnsOfFleet } from './columns-of-fleet.ts';
import type { Asked } from './survey.ts';
import { ExpectedLoad } from './expected-load.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { tagRules } from './tag-rules.ts';

const { CPU, DISK, DISK_IO, MEMORY, NET, VCPUS, WIDTH } = plugin;

const survey = (
  fleet: Parameters<typeof columnsOfFleet>[0],
  asked: Partial<Asked> = {},
  settings = DEFAULT_SETTINGS
) => {
  const expected = new ExpectedLoad();
  expected.observe(fleet);
  return columnsOfFleet(fleet, expected, settings, { at: 0, ...asked });
};
const loadOf = (vm: Vm, cpu: number | null): [Vm['id'], VmLoad] => [
  vm.id,
  {
    vm: vm.id,
    at: millis(1),
    cpu: cpu === null ? null : percent(cpu),
    memoryUsed: mib(100),
    diskRead: bytesPerSecond(2048),
    diskWrite: bytesPerSecond(1024),
    netReceive: null,
    netTransmit: bytesPerSecond(4096)
  }
];
const withFacts = (name: string, more: Partial<HostFacts>, vms: readonly Vm[] = []) => {
  const host = aHost(name, vms);
  return { ...host, facts: { ...host.facts!, ...more } };
};

describe('a fleet as columns', () => {
  it('has hosts by site and name, and no VM twice', () => {
    const { columns } = survey(
      aFleet(aHost('b', [aVm(1)], { site: 'south' }), aHost('a', [aVm(2), aVm(3)], { site: 'south' }), aHost('c'))
    );
    expect([0, 1, 2].map((host) => plugin.textAt(columns.hostName, host))).toEqual(['c', 'a', 'b']);
    expect(columns.siteName).toEqual(['north', 'south']);
    expect([...columns.hostSite]).toEqual([0, 1, 1]);
    expect([...columns.vmHost]).toEqual([1, 1, 2]);
    expect(plugin.textAt(columns.vmName, 2)).toBe('vm1');
  });

  it('demands what a running VM has and does, in the units of the columns', () => {
    const vm = aVm(1, { vcpus: vcpus(2), memory: mib(256) });
    const { columns } = survey(aFleet(aHost('a', [vm], { vmLoads: new Map([loadOf(vm, 50)]) })));
    const [row] = [0 * WIDTH];
    expect(columns.demand[row + VCPUS]).toBe(2);
    expect(columns.demand[row + MEMORY]).toBe(256);
    expect(columns.demand[row + CPU]).toBe(1000);
    expect(columns.demand[row + DISK_IO]).toBe(3);
    expect(columns.demand[row + NET]).toBe(4);
    expect(columns.moveMib[0]).toBe(100);
  });

  it('assumes a load where none is known, and demands nothing but disk of a VM that is off', () => {
    const disk = {
      target: 'vda',
      bus: 'virtio',
      device: 'disk',
      pool: 'default',
      volume: 'one',
      capacity: bytes(2 ** 30),
      readOnly: false,
      seen: null,
      pending: null
    } as const;
    const volume = { name: 'one', capacity: bytes(2 ** 30), allocation: bytes(2 ** 28), format: 'qcow2', usedBy: null };
    const pools = [{ name: 'default', capacity: bytes(2 ** 31), free: bytes(2 ** 30), volumes: [volume] }];
    const { columns, held } = survey(aFleet(aHost('a', [aVm(1), aVm(2, { state: 'off', disks: [disk] })], { pools })));
    expect(columns.demand[CPU]).toBe(200);
    expect([...columns.demand.subarray(WIDTH, 2 * WIDTH)]).toEqual([0, 0, 256, 0, 0, 0]);
    expect(columns.base[DISK]).toBe(1024 - 256);
    expect(held[1]).toEqual({ kind: 'vm-state', state: 'off' });
  });

  it('moves what is off only where it is asked for, for its disks alone', () => {
    const disk = (pool: string | null) =>
      ({
        ...({ target: 'vda', bus: 'virtio', device: 'disk', pool, volume: 'one' } as const),
        ...{ capacity: bytes(2 ** 30), readOnly: false, seen: null, pending: null }
      }) as const;
    const off = (n: number, more: Partial<Vm> = {}) => aVm(n, { state: 'off', disks: [disk('default')], ...more });
    const vms = [
      off(1),
      off(2, { state: 'crashed' }),
      off(3, { state: 'saved' }),
      off(4, { tags: ['pin'] }),
      off(5, { disks: [disk(null)] }),
      off(6, { name: 'other' }),
      aVm(7, { state: 'paused' })
    ];
    const fleet = aFleet(aHost('a', vms), withFacts('x', { hypervisor: 'xen' }, [off(8)]));
    const asked = { off: (vm: Vm) => vm.name !== 'other' };
    const { columns, held } = survey(fleet, asked);
    expect(held).toEqual([
      null,
      null,
      { kind: 'vm-state', state: 'saved' },
      { kind: 'pinned' },
      { kind: 'loose-disk', target: 'vda' },
      { kind: 'vm-state', state: 'off' },
      { kind: 'vm-state', state: 'paused' },
      { kind: 'stays-on-xen', because: 'off' }
    ]);
    expect([...columns.vmFlags].map((flags) => flags & plugin.VM_MOVABLE)).toEqual([2, 2, 0, 0, 0, 0, 0, 0]);
    expect([...columns.vmFlags].map((flags) => flags & plugin.VM_RUNNING)).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
    expect([...columns.moveMib.subarray(0, 3)]).toEqual([1024, 1024, 0]);
    expect([...columns.demand.subarray(0, WIDTH)]).toEqual([0, 0, 1024, 0, 0, 0]);
    // What was answered before, and what is asked otherwise, stays as it was.
    expect(survey(fleet).held[0]).toEqual({ kind: 'vm-state', state: 'off' });
    const scoped = survey(fleet, { ...asked, scope: (vm) => vm.id !== vms[0]!.id });
    expect(scoped.held.slice(0, 2)).toEqual([{ kind: 'out-of-scope' }, null]);
  });

  it('expects no more of a capped VM than its cap leaves it', () => {
    const capped = (n: number, cap: number | null) => aVm(n, { vcpus: vcpus(4), cpuShare: { weight: 256, cap } });
    const vms = [capped(1, null), capped(2, 150), capped(3, 400), capped(4, 50)];
    const loads = new Map([1, 2, 3].map((n) => loadOf(vms[n - 1]!, 90)));
    const { columns } = survey(aFleet(aHost('a', vms, { vmLoads: loads })));
    expect([0, 1, 2, 3].map((vm) => columns.demand[vm * WIDTH + CPU])).toEqual([3600, 1500, 3600, 500]);
  });

  it('tells what VMs get of the CPUs, what they would use, and what a plan may leave them where they yield', () => {
    const shared = (n: number, cap: number | null, tags: readonly string[], more: Partial<Vm> = {}) =>
      aVm(n, { vcpus: vcpus(4), cpuShare: { weight: 512, cap }, tags, ...more });
    const vms = [
      shared(1, null, ['yields']),
      shared(2, 150, ['yields:30']),
      shared(3, 400, []),
      shared(4, null, ['yields'], { state: 'off' }),
      shared(5, null, ['yields'], { cpuShare: null }),
      shared(6, 300, ['yields:80', 'yields'])
    ];
    const loads = new Map([1, 2, 3, 4, 5].map((n) => loadOf(vms[n - 1]!, n === 1 ? 60 : 90)));
    const able = { name: 'cpu-share', live: true, means: 'cgroups', reason: null } as const;
    const rows = (...hosts: readonly Host[]) => {
      const { columns } = survey(aFleet(...hosts));
      const row = (vm: number) => [...columns.share.subarray(vm * plugin.SHARE_WIDTH, (vm + 1) * plugin.SHARE_WIDTH)];
      return { columns, shares: Array.from({ length: columns.vms }, (_, vm) => row(vm)) };
    };
    const on = { ...withFacts('a', { capabilities: [able] }, vms), vmLoads: loads };
    const { columns, shares } = rows(on, withFacts('b', { capabilities: [{ ...able, live: false }] }));
    expect(shares).toEqual([
      [512, 0, 200, 2400],
      // What it uses is its cap: it might use all its CPUs.
      [512, 150, 120, 4000],
      [512, 400, 0, 4000],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [512, 300, 320, 800]
    ]);
    expect([...columns.hostFlags].map((flags) => (flags & plugin.HOST_SHARES) !== 0)).toEqual([true, false]);
    expect(rows({ ...on, role: 'viewer' }).shares.map(([, , least]) => least)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('lets a plan change the shares of VMs in its scope only', () => {
    const one = (n: number) => aVm(n, { cpuShare: { weight: 256, cap: null }, tags: ['yields', 'pin'] });
    const { columns } = survey(aFleet(aHost('a', [one(1), one(2)])), { scope: ({ name }) => name === 'vm2' });
    expect([0, 1].map((vm) => columns.share[vm * plugin.SHARE_WIDTH + plugin.SHARE_LEAST])).toEqual([0, 50]);
  });

  it('lets nothing onto hosts that cannot be reached, are in trouble, or may only be looked at, and holds what is there', () => {
    const vm = (n: number) => [aVm(n)];
    const { columns, held } = survey(
      aFleet(
        aHost('a', vm(1), { link: 'offline' }),
        aHost('b', vm(2), { trouble: 'libvirtd is away' }),
        aHost('c', vm(3), { role: 'viewer' }),
        aHost('d', vm(4), { facts: null }),
        aHost('e', vm(5))
      )
    );
    expect([...columns.hostFlags].map((flags) => flags & plugin.HOST_ONLINE)).toEqual([0, 0, 0, 0, 1]);
    expect(held.map((why) => why === null)).toEqual([false, false, false, false, true]);
    expect([...columns.vmFlags.slice(0, 4)].every((flags) => (flags & plugin.VM_MOVABLE) === 0)).toBe(true);
  });

  it('says where a VM may be: hypervisor, processor maker, networks, pools and tags', () => {
    const nic = {
      mac: '52:54:00:00:00:01',
      model: 'virtio',
      network: 'dmz',
      linkUp: true,
      seen: null,
      addresses: [],
      pending: null
    };
    const { columns, unsuited } = survey(
      aFleet(
        withFacts('kvm-amd', { accelerator: 'kvm', cpuModel: 'AMD EPYC 7763' }, [
          aVm(1),
          aVm(2, { nics: [nic] }),
          aVm(3, { tags: ['on:kvm-amd-2'] })
        ]),
        withFacts('kvm-amd-2', { accelerator: 'kvm', cpuModel: 'AMD EPYC 9654' }),
        withFacts('kvm-intel', { accelerator: 'kvm', cpuModel: 'Intel(R) Xeon(R) Gold' }),
        withFacts('xen', { hypervisor: 'xen', accelerator: 'xen', cpuModel: 'AMD EPYC 7763' })
      )
    );
    const may = (vm: number) => [...columns.masks.subarray(columns.vmMask[vm]! * 4, columns.vmMask[vm]! * 4 + 4)];
    expect(may(0)).toEqual([1, 1, 0, 0]);
    expect(may(1)).toEqual([0, 0, 0, 0]);
    expect(may(2)).toEqual([0, 1, 0, 0]);
    expect(unsuited(0, 2)).toEqual({ kind: 'platform', needs: 'QEMU/KVM, AMD', has: 'QEMU/KVM, Intel' });
    expect(unsuited(0, 3)).toEqual({ kind: 'platform', needs: 'QEMU/KVM, AMD', has: 'Xen, AMD' });
    expect(unsuited(1, 1)).toEqual({ kind: 'no-network', name: 'dmz' });
    expect(unsuited(2, 0)).toEqual({ kind: 'place-tags', word: 'on', names: ['kvm-amd-2'] });
    expect(unsuited(0, 1)).toBeNull();
  });

  it('keeps guests of Xen on Xen and others off it, those there are and those to come, and says which kind', () => {
    const image = { kind: 'kernel', title: 'Image', size: null } as const;
    const images = [
      { ...image, name: 'any', xen: null },
      { ...image, name: 'for-xen', xen: 'pvh' }
    ] as const;
    const platforms: [string, Partial<HostFacts>][] = [
      ['a-xen', { hypervisor: 'xen', accelerator: 'xen', cpuModel: 'AMD EPYC' }],
      ['b-kvm', { hypervisor: 'qemu', accelerator: 'kvm', cpuModel: 'AMD EPYC' }],
      ['c-tcg', { hypervisor: 'qemu', accelerator: 'emulated', cpuModel: 'AMD EPYC' }]
    ];
    const vms = [aVm(1, { kind: 'pv' }), aVm(2), aVm(3)];
    const hosts = platforms.map(([name, facts], at) => ({ ...withFacts(name, facts, [vms[at]!]), images }));
    const fresh = { name: 'new', vcpus: 1, memory: 64, disk: 0, networks: [], pools: [], tags: [] };
    const wanted = [
      { ...fresh, image: 'any' },
      { ...fresh, image: 'for-xen' }
    ];
    const { columns, unsuited } = survey(aFleet(...hosts), { wanted });
    const may = (vm: number) => [...columns.masks.subarray(columns.vmMask[vm]! * 3, columns.vmMask[vm]! * 3 + 3)];
    expect([0, 1, 2, 3, 4].map(may)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
      [1, 0, 0]
    ]);
    expect(unsuited(0, 1)).toEqual({ kind: 'platform', needs: 'Xen PV, AMD', has: 'QEMU/KVM, AMD' });
    expect(unsuited(1, 0)).toEqual({ kind: 'platform', needs: 'QEMU/KVM, AMD', has: 'Xen, AMD' });
    expect(unsuited(4, 2)).toEqual({ kind: 'platform', needs: 'Xen PVH', has: 'QEMU/TCG' });
    expect(unsuited(4, 0)).toBeNull();
  });

  it('holds what a Xen host does not move while it runs, and says why; on QEMU none of it', () => {
    const disk = { target: 'xvda', bus: 'xen', device: 'disk', pool: 'default', volume: 'one' } as const;
    const of = (n: number) => [
      aVm(n, { kind: 'pv', disks: [] }),
      aVm(n + 1, { kind: 'hvm', disks: [] }),
      aVm(n + 2, { kind: 'pvh', disks: [{ ...disk, capacity: null, readOnly: false, seen: null, pending: null }] }),
      aVm(n + 3, { kind: 'pvh', disks: [] }),
      aVm(n + 4, { kind: 'pv', disks: [], state: 'off' })
    ];
    const { columns, held } = survey(
      aFleet(withFacts('a', { hypervisor: 'xen', accelerator: 'xen' }, of(1)), aHost('b', of(11).slice(0, 4)))
    );
    expect(held).toEqual([
      { kind: 'stays-on-xen', because: 'pv' },
      { kind: 'stays-on-xen', because: 'hvm' },
      { kind: 'stays-on-xen', because: 'disks' },
      null,
      { kind: 'vm-state', state: 'off' },
      ...[null, null, null, null]
    ]);
    const movable = [...columns.vmFlags].map((flags) => (flags & plugin.VM_MOVABLE) !== 0);
    expect(movable).toEqual(held.map((why) => why === null));
  });

  it('takes rules from tags, and tells of those that bind nobody or cannot be read', () => {
    const { columns, warnings } = survey(
      aFleet(
        aHost('a', [
          aVm(1, { tags: ['apart:web', 'needs:db', 'spread:web:3'] }),
          aVm(2, { tags: ['apart:web', 'spread:web'] }),
          aVm(3, { tags: ['gives:db', 'apart:alone', 'spread:x:one'] }),
          aVm(4, { tags: ['needs:none'] })
        ])
      )
    );
    expect(columns.rules).toEqual([
      { kind: 'apart', name: 'web', vms: Int32Array.of(0, 1) },
      { kind: 'spread', name: 'web', vms: Int32Array.of(0, 1), least: 2 },
      { kind: 'needs', name: 'db', vms: Int32Array.of(0), of: Int32Array.of(2) }
    ]);
    expect(warnings).toHaveLength(3);
  });

  it('has new VMs at the end, on no host, and resizes what is asked', () => {
    const vm = aVm(1);
    const { columns } = survey(aFleet(aHost('a', [vm]), aHost('b', [], { images: [] })), {
      wanted: [
        {
          name: 'new',
          vcpus: 2,
          memory: 512,
          disk: 100,
          image: 'tiny',
          networks: ['lan'],
          pools: ['default'],
          tags: []
        }
      ],
      resizes: [{ vm: vm.id, vcpus: 3, memory: 400 }]
    });
    expect(columns.vmHost[1]).toBe(-1);
    expect(columns.vmFlags[1]).toBe(plugin.VM_NEW | plugin.VM_MOVABLE);
    expect([...columns.masks.subarray(columns.vmMask[1]! * 2, columns.vmMask[1]! * 2 + 2)]).toEqual([1, 0]);
    expect([columns.demand[VCPUS], columns.demand[MEMORY], columns.demand[CPU]]).toEqual([3, 400, 200]);
  });

  it('keeps a host in maintenance from new VMs, not from losing those it has', () => {
    const { columns, held } = survey(aFleet(maintained(aHost('a', [aVm(1)]))));
    expect(columns.hostFlags[0]! & plugin.HOST_MAINTENANCE).toBeTruthy();
    expect(held[0]).toBeNull();
  });

  it('leaves a Xen host its own domain’s memory, and VMs of another tool where they are', () => {
    const zero = { vcpus: vcpus(1), memory: mib(640) };
    const { columns, held } = survey(
      aFleet(withFacts('a', { domainZero: zero }, [aVm(1, { unmanaged: 'xl' }), aVm(2)]))
    );
    expect(columns.base[MEMORY]).toBe(640);
    expect(held).toEqual([{ kind: 'unmanaged' }, null]);
  });

  it('holds VMs that were pinned for a time where that is asked for, until the minute is over', () => {
    const until = Date.parse('2026-11-26T15:40Z');
    const fleet = aFleet(aHost('a', [aVm(1, { tags: ['pin:2026-11-26T15:40Z'] }), aVm(2)]));
    const heldAt = (at: number, pins: boolean) => survey(fleet, { at, pins }).held;
    expect(heldAt(until - 1, true)).toEqual([{ kind: 'pinned-until', until: '2026-11-26 15:40 UTC' }, null]);
    expect(heldAt(until, true)).toEqual([null, null]);
    expect(heldAt(until - 1, false)).toEqual([null, null]);
  });

  it('of no host and no VM is empty', () => {
    const { columns } = survey(aFleet());
    expect([columns.hosts, columns.vms, columns.masks.length]).toEqual([0, 0, 0]);
  });
});

describe('tags as rules', () => {
  it.each([
    ['apart:', ['apart:']],
    ['spread:a:1', ['spread:a:1']],
    ['spread:a:2:3', ['spread:a:2:3']],
    ['yields:', ['yields:']],
    ['yields:0', ['yields:0']],
    ['yields:100', ['yields:100']],
    ['yields:50.5', ['yields:50.5']],
    ['yields:99', []],
    ['env:prod', []],
    ['apart', []]
  ])('%s is odd: %j', (tag, odd) => {
    expect(tagRules([tag]).odd).toEqual(odd);
  });
});

describe('the load that is expected', () => {
  const at = (time: number, cpu: number | null) => {
    const vm = aVm(1);
    const [id, load] = loadOf(vm, cpu);
    return aFleet(aHost('a', [vm], { vmLoads: new Map([[id, { ...load, at: millis(time) }]]) }));
  };

  it('is the first sample, then an average that halves its distance in ten minutes, with half the way to the peak', () => {
    const expected = new ExpectedLoad();
    expected.observe(at(0, 80));
    expect(expected.of(aVm(1).id)?.cpu).toBe(80);
    expected.observe(at(600_000, 40));
    // Average 60; the peak of 80 has faded to 71.3.
    expect(expected.of(aVm(1).id)?.cpu).toBeCloseTo(60 + (80 * 0.5 ** (1 / 6) - 60) / 2, 6);
  });

  it('does not take the same sample twice, nor one that has no figure, and forgets who is gone', () => {
    const expected = new ExpectedLoad();
    expected.observe(at(0, 80));
    expected.observe(at(0, 10));
    expected.observe(at(10_000, null));
    expect(expected.of(aVm(1).id)?.cpu).toBeGreaterThan(79);
    expected.observe(aFleet(aHost('a')));
    expect(expected.of(aVm(1).id)).toBeNull();
  });
});
