import { describe, expect, it } from 'vitest';
import { FleetView, HOST_MAINTENANCE, HOST_ONLINE, bestHost } from 'smps-vmm/plugin';
import type { Columns, Intent, Proposal, Rule, Scheduler } from 'smps-vmm/plugin';
import { anIntent } from '../../tests/support/an-intent.ts';
import { madeFleet } from '../../tests/support/made-fleet.ts';
import affinityFirst from './affinity-first.ts';
import evacuate from './evacuate.ts';
import pack from './pack.ts';
import proxmoxStatic from './proxmox-static.ts';
import spread from './spread.ts';

/** Where the moves lead, as `vm>host`. */
function plan(scheduler: Scheduler, columns: Columns, intent: Partial<Intent> = {}): string[] {
  const said = scheduler.propose?.(new FleetView(columns), anIntent(scheduler, intent)) as Proposal;
  return said.moves.map(({ vm, host }) => `${vm}>${host}`);
}

const choice = (scheduler: Scheduler, fleet: FleetView, vm: number): number =>
  bestHost(fleet, vm, (one, host) => scheduler.score?.(one, host, fleet, anIntent(scheduler)) ?? 0);

const rule = (kind: 'apart' | 'near' | 'together', ...vms: number[]): Rule => ({
  ...{ kind, name: kind },
  vms: Int32Array.from(vms)
});

describe('spread', () => {
  it('puts a VM at the least used site, there on the least used host', () => {
    const hosts = [{ site: 0 }, { site: 0 }, { site: 1 }, { site: 1 }];
    const fleet = new FleetView(madeFleet(hosts, [{ on: 0, vcpus: 8 }, { on: 2, vcpus: 4 }, {}]));
    expect(choice(spread, fleet, 2)).toBe(3);
  });

  it('takes from the fullest host what brings most, and nothing for less than the gain', () => {
    const vms = [
      { on: 0, vcpus: 2 },
      { on: 0, vcpus: 4 },
      { on: 0, vcpus: 8 }
    ];
    expect(plan(spread, madeFleet([{}, {}], vms))).toEqual(['2>1']);
    expect(
      plan(
        spread,
        madeFleet(
          [{}, {}],
          [
            { on: 0, vcpus: 8 },
            { on: 1, vcpus: 8 }
          ]
        )
      )
    ).toEqual([]);
  });
});

describe('rebalancing and evacuating', () => {
  const hosts = [{ site: 0 }, { site: 1 }, { site: 0, cpus: 14 }];
  const vms = [
    { on: 0, vcpus: 4 },
    { on: 0, vcpus: 4 },
    { on: 2, vcpus: 2, pinned: true },
    { on: 1, vcpus: 1, pinned: true }
  ];

  it('stays within the site where that will do', () => {
    expect(plan(spread, madeFleet(hosts, vms))).toEqual(['0>2']);
    expect(plan(pack, madeFleet(hosts, vms))).toEqual(['0>2', '1>2']);
    expect(plan(evacuate, madeFleet(hosts, vms), { kind: 'evacuate', leave: [0] })).toEqual(['0>2', '1>2']);
  });

  it('goes to another site where it will not', () => {
    const narrow = [{ site: 0 }, { site: 1 }, { site: 0, cpus: 2 }];
    expect(plan(spread, madeFleet(narrow, vms))).toEqual(['0>1']);
    expect(plan(evacuate, madeFleet(narrow, vms), { kind: 'evacuate', leave: [0] })).toEqual(['0>1', '1>1']);
  });
});

describe('pack', () => {
  it('fills the fullest host that fits, up to its ceiling, before it turns one on', () => {
    const vms = [{ on: 0, vcpus: 12 }, { on: 1, vcpus: 6 }, { vcpus: 2 }, { vcpus: 4 }];
    const fleet = new FleetView(madeFleet([{}, {}, {}], vms));
    expect(choice(pack, fleet, 2)).toBe(0);
    expect(choice(pack, fleet, 3)).toBe(1);
  });

  it('empties the host that takes most power for what is copied, whole', () => {
    const vms = [{ on: 0 }, { on: 1 }, { on: 2, vcpus: 8, pinned: true }];
    const hosts = [{ watts: 100 }, { watts: 300 }];
    expect(plan(pack, madeFleet([...hosts, {}], vms))).toEqual(['0>2', '1>2']);
    expect(plan(pack, madeFleet([...hosts, { cpus: 11 }], vms))).toEqual(['1>0']);
  });

  it('leaves a host alone of which one VM cannot go', () => {
    const vms = [{ on: 0 }, { on: 0, pinned: true }, { on: 1, vcpus: 4, pinned: true }];
    expect(plan(pack, madeFleet([{}, {}], vms))).toEqual([]);
  });

  it('moves what has to be on one host at once', () => {
    const vms = [{ on: 0 }, { on: 0 }, { on: 1, vcpus: 8, pinned: true }];
    expect(plan(pack, madeFleet([{}, {}], vms, [rule('together', 0, 1)]))).toEqual(['0>1', '1>1']);
  });
});

describe('evacuate', () => {
  it('chooses the host where least is left', () => {
    const hosts = [{}, {}, { cpus: 4, memory: 8192 }];
    expect(plan(evacuate, madeFleet(hosts, [{ on: 0 }]), { kind: 'evacuate', leave: [0] })).toEqual(['0>2']);
  });

  it('also empties hosts in maintenance', () => {
    const hosts = [{ flags: HOST_ONLINE | HOST_MAINTENANCE }, {}];
    expect(plan(evacuate, madeFleet(hosts, [{ on: 0 }]), { kind: 'evacuate' })).toEqual(['0>1']);
  });

  it('moves a group that has to stay together, with those on hosts that are not left', () => {
    const hosts = [{ site: 0 }, { site: 0, cpus: 2 }, { site: 1 }];
    const vms = [{ on: 0 }, { on: 1 }];
    const intent = { kind: 'evacuate', leave: [0] } as const;
    expect(plan(evacuate, madeFleet(hosts, vms, [rule('near', 0, 1)]), intent)).toEqual(['0>2', '1>2']);
  });

  it('makes room by moving another one on', () => {
    const hosts = [{}, { cpus: 8 }, { cpus: 4, memory: 16_384 }];
    const vms = [
      { on: 0, vcpus: 8 },
      { on: 1, vcpus: 4 }
    ];
    expect(plan(evacuate, madeFleet(hosts, vms), { kind: 'evacuate', leave: [0] })).toEqual(['0>1', '1>2']);
  });

  it('does not make room with memory that is still in use while the other one moves', () => {
    const hosts = [{}, { memory: 8192 }, { memory: 4096 }];
    const vms = [
      { on: 0, memory: 8192 },
      { on: 1, memory: 4096 }
    ];
    expect(plan(evacuate, madeFleet(hosts, vms), { kind: 'evacuate', leave: [0] })).toEqual([]);
  });
});

describe('affinity-first', () => {
  it('goes to the site of those with the same tag, there to their host', () => {
    const hosts = [{ site: 0 }, { site: 1 }, { site: 1 }];
    const fleet = new FleetView(
      madeFleet(hosts, [{ on: 2, tags: [0], vcpus: 8 }, { on: 0, tags: [1] }, { tags: [0] }])
    );
    expect(choice(affinityFirst, fleet, 2)).toBe(2);
  });

  it('goes beside the host where a rule forbids that', () => {
    const hosts = [{ site: 0 }, { site: 1 }, { site: 1 }];
    const vms = [{ on: 2, tags: [0] }, { tags: [0] }];
    expect(choice(affinityFirst, new FleetView(madeFleet(hosts, vms, [rule('apart', 0, 1)])), 1)).toBe(1);
  });

  it('goes where room is when it belongs to nobody', () => {
    expect(choice(affinityFirst, new FleetView(madeFleet([{}, {}], [{ on: 0 }, {}])), 1)).toBe(1);
  });
});

// The orders that the tests of Proxmox VE's own scheduler expect (proxmox-perl-rs, pve-rs/test/resource_scheduling.pl).
describe('proxmox-static', () => {
  const MB = 1e6;
  const order = (fleet: FleetView, vm: number): number[] =>
    Array.from({ length: fleet.hosts }, (_, host) => host)
      .map((host) => ({ host, score: proxmoxStatic.score(vm, host, fleet) }))
      .sort((a, b) => b.score - a.score || a.host - b.host)
      .map(({ host }) => host);
  const services = (count: number, vcpus: number, bytes: number) =>
    Array.from({ length: count }, () => ({ vcpus, memory: bytes / MB }));

  it('gives every third VM to the host half as large', () => {
    const hosts = [
      { cpus: 10, memory: 100_000 },
      { cpus: 20, memory: 200_000 }
    ];
    const fleet = new FleetView(madeFleet(hosts, services(15, 4, 20_000 * MB)));
    for (let vm = 0; vm < 15; vm++) {
      expect(order(fleet, vm)).toEqual(vm % 3 === 2 ? [0, 1] : [1, 0]);
      fleet.assign(vm, order(fleet, vm)[0]!);
    }
  });

  it('prefers hosts that are less overcommitted, also by a little memory', () => {
    const memory = [4_102_062_080, 4_102_062_080, 4_102_053_888, 4_102_053_888].map((bytes) => bytes / MB);
    const fleet = new FleetView(
      madeFleet(
        memory.map((each) => ({ cpus: 4, memory: each })),
        services(6, 1, 536_870_912)
      )
    );
    for (const [vm, host] of [0, 0, 0, 1, 0].entries()) fleet.assign(vm, host);
    expect(order(fleet, 5)).toEqual([2, 3, 1, 0]);
  });

  it.each([true, false])('is not carried away by small differences of memory (load at the start: %s)', (loaded) => {
    const hosts = [
      { cpus: 8, memory: 10_000 },
      { cpus: 4, memory: 9000 },
      { cpus: 4, memory: 8000 }
    ];
    const first = [4, 2, 2].map((vcpus) => ({ vcpus, memory: 1000 }));
    const fleet = new FleetView(madeFleet(hosts, [...first, ...services(20, 3, 16 * MB)]));
    for (const host of loaded ? [0, 1, 2] : []) fleet.assign(host, host);
    const expected = [
      [0, 1, 2],
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1]
    ];
    for (let i = 0; i < 20; i++) {
      expect(order(fleet, 3 + i)).toEqual(expected[i % 4]);
      fleet.assign(3 + i, order(fleet, 3 + i)[0]!);
    }
  });
});
