import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyColumns } from '../../../tests/support/any-columns.ts';
import { DISK, HARD, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, SHARE_WIDTH, WIDTH, textsOf } from './columns.ts';
import type { Columns, Rule } from './columns.ts';
import { FleetView } from './fleet-view.ts';
import { fits, mayBe } from './rules.ts';

const vmsOf = (columns: Columns): number[] => Array.from({ length: columns.vms }, (_, vm) => vm);

/** What is free for a VM that is nowhere now, summed up anew. */
function roomAnew(columns: Columns, placed: readonly number[], vm: number, host: number, r: number): number {
  let room = columns.capacity[host * WIDTH + r]! - columns.base[host * WIDTH + r]!;
  for (const other of vmsOf(columns).filter((each) => each !== vm)) {
    const here = placed[other] === host;
    const blocks = (r === MEMORY || r === DISK) && columns.vmHost[other] === host;
    if (here || blocks) room -= columns.demand[other * WIDTH + r]!;
  }
  return room;
}

/** Whether a rule is broken for the VM on the host, from where the others are. */
function breaks(rule: Rule, columns: Columns, placed: readonly number[], vm: number, host: number): boolean {
  const siteOf = (at: number): number => columns.hostSite[at]!;
  const on = (vms: Iterable<number>): number[] =>
    [...vms].filter((v) => v !== vm && placed[v]! >= 0).map((v) => placed[v]!);
  const others = on(rule.vms);
  const was = placed[vm]!;
  if (rule.kind === 'needs') {
    const has = rule.vms.includes(vm) && !rule.of.includes(vm);
    if (has && !on(rule.of).some((at) => siteOf(at) === siteOf(host))) return true;
    if (!rule.of.includes(vm) || was < 0 || siteOf(was) === siteOf(host)) return false;
    const left = [...rule.of].some((v) => v !== vm && placed[v]! >= 0 && siteOf(placed[v]!) === siteOf(was));
    const needing = [...rule.vms].filter((v) => !rule.of.includes(v) && placed[v]! >= 0);
    return !left && needing.some((v) => siteOf(placed[v]!) === siteOf(was));
  }
  if (!rule.vms.includes(vm)) return false;
  switch (rule.kind) {
    case 'apart':
      return others.includes(host);
    case 'together':
      return others.length > 0 && !others.includes(host);
    case 'near':
      return others.length > 0 && !others.some((at) => siteOf(at) === siteOf(host));
    case 'spread': {
      const unplaced = rule.vms.length - 1 - others.length;
      const reach = (at: readonly number[], free: number): number => new Set(at.map(siteOf)).size + free;
      const before = was < 0 ? reach(others, unplaced + 1) : reach([...others, was], unplaced);
      const after = reach([...others, host], unplaced);
      return after < before && after < Math.min(rule.least, rule.vms.length);
    }
  }
}

const assigns = fc.array(fc.record({ vm: fc.nat(1000), host: fc.integer({ min: -1, max: 1000 }) }), { maxLength: 12 });

function assigned(columns: Columns, steps: readonly { vm: number; host: number }[]): FleetView {
  const fleet = new FleetView(columns);
  for (const { vm, host } of columns.vms === 0 ? [] : steps) {
    fleet.assign(vm % columns.vms, host < 0 ? -1 : host % columns.hosts);
  }
  return fleet;
}

describe('where a VM may be', () => {
  it('is what a recount of everything says, whatever was assigned before', () => {
    fc.assert(
      fc.property(anyColumns({ hosts: 4, vms: 7 }), assigns, (columns, steps) => {
        const fleet = assigned(columns, steps);
        const placed = [...fleet.placedOn];
        for (const vm of vmsOf(columns)) {
          for (let host = 0; host < columns.hosts; host++) {
            const flags = columns.hostFlags[host]!;
            const may =
              columns.masks[columns.vmMask[vm]! * columns.hosts + host] === 1 &&
              (flags & HOST_ONLINE) !== 0 &&
              (flags & HOST_MAINTENANCE) === 0 &&
              Array.from({ length: HARD }, (_, r) => r).every((r) => {
                const need = columns.demand[vm * WIDTH + r]!;
                return need === 0 || need <= roomAnew(columns, placed, vm, host, r);
              }) &&
              columns.rules.every((rule) => !breaks(rule, columns, placed, vm, host));
            const said = mayBe(fleet, vm, host);
            expect(said === true).toBe(may);
            expect(fits(fleet, vm, host)).toBe(may);
            if (said !== true) expect(said.length).toBeGreaterThan(0);
          }
        }
      })
    );
  });

  it('asks the same of a copy, which is assigned to apart', () => {
    fc.assert(
      fc.property(anyColumns({ hosts: 4, vms: 7 }), assigns, (columns, steps) => {
        const fleet = assigned(columns, steps);
        const copy = fleet.copy();
        for (const column of ['used', 'room', 'placedOn', 'running'] as const)
          expect(copy[column]).toEqual(fleet[column]);
        const before = fleet.placedOn.slice();
        for (const vm of vmsOf(columns)) copy.assign(vm, -1);
        expect(copy.used).toEqual(columns.base);
        expect(fleet.placedOn).toEqual(before);
      })
    );
  });

  it('keeps rules that hold, one VM after another', () => {
    fc.assert(
      fc.property(anyColumns({ hosts: 4, vms: 7 }), assigns, (columns, steps) => {
        const fleet = new FleetView({ ...columns, vmHost: columns.vmHost.map(() => -1) });
        for (const { vm, host } of columns.vms === 0 ? [] : steps) {
          const [one, to] = [vm % columns.vms, Math.abs(host) % columns.hosts];
          if (fits(fleet, one, to)) fleet.assign(one, to);
          expect(vmsOf(columns).every((each) => fleet.rules.holdFor(each))).toBe(true);
        }
      })
    );
  });

  it('lists the VMs of a host in order', () => {
    fc.assert(
      fc.property(anyColumns({ hosts: 3, vms: 7 }), assigns, (columns, steps) => {
        const fleet = assigned(columns, steps);
        for (let host = 0; host < columns.hosts; host++) {
          expect(fleet.vmsOn(host)).toEqual(vmsOf(columns).filter((vm) => fleet.placedOn[vm] === host));
        }
      })
    );
  });
});

describe('a refusal', () => {
  /** Two hosts at two sites; VMs of 4,096 MiB that run on the first one. */
  function two(
    vms: number,
    rules: readonly Rule[] = [],
    memory = [16_384, 5120],
    homes = Array<number>(vms).fill(0)
  ): FleetView {
    const row = (...first: number[]): number[] => [...first, ...Array<number>(WIDTH - first.length).fill(0)];
    const texts = (prefix: string, count: number) => textsOf(Array.from({ length: count }, (_, n) => `${prefix}${n}`));
    return new FleetView({
      ...{ at: 0, hosts: 2, hostId: texts('h', 2), hostName: texts('host-', 2), hostSite: Int32Array.of(0, 1) },
      ...{ siteName: ['north', 'south'], hostFlags: Uint8Array.of(HOST_ONLINE, HOST_ONLINE) },
      capacity: Float64Array.from(memory.flatMap((mib) => row(8, mib, 1e6))),
      safety: new Float64Array(2 * WIDTH),
      base: new Float64Array(2 * WIDTH),
      idleWatts: new Float64Array(2),
      ...{ vms, vmId: texts('v', vms), vmName: texts('vm-', vms), vmFlags: new Uint8Array(vms).fill(3) },
      vmHost: Int32Array.from(homes),
      demand: Float64Array.from(Array.from({ length: vms }, () => row(2, 4096, 1000)).flat()),
      share: new Int32Array(vms * SHARE_WIDTH),
      moveMib: new Float64Array(vms),
      ...{ tagName: [], vmTag: new Int32Array(0), vmTagStart: new Int32Array(vms + 1) },
      vmMask: new Int32Array(vms),
      masks: Uint8Array.of(1, 1),
      rules
    });
  }
  const all = (...vms: number[]): Int32Array => Int32Array.from(vms);

  it('says amounts with their units', () => {
    const fleet = two(2);
    fleet.assign(0, 1);
    expect(mayBe(fleet, 1, 1)).toBe('needs 4,096 MiB of memory, 1,024 are free');
  });

  it('says what is free only once others have moved', () => {
    const fleet = two(3, [], [8192, 16_384], [0, 0, 1]);
    fleet.assign(0, 1);
    fleet.assign(1, 1);
    expect(mayBe(fleet, 1, 0)).toBe(true);
    expect(mayBe(fleet, 2, 0)).toBe('needs 4,096 MiB of memory, 0 are free until VMs that leave with 8,192 have gone');
  });

  it.each([
    [{ kind: 'apart', name: 'db', vms: all(0, 1) }, 0, 'rule “db”: vm-1 is on this host'],
    [{ kind: 'together', name: 'db', vms: all(0, 1) }, 1, 'rule “db”: the others are on another host'],
    [{ kind: 'near', name: 'db', vms: all(0, 1) }, 1, 'rule “db”: the others are not at south'],
    [{ kind: 'needs', name: 'db', vms: all(0), of: all(1) }, 1, 'rule “db”: none of what it needs is at south'],
    [{ kind: 'needs', name: 'db', vms: all(1), of: all(0) }, 1, 'rule “db”: others need it at north']
  ] satisfies [Rule, number, string][])('names the rule: %o', (rule, host, text) => {
    expect(mayBe(two(2, [rule]), 0, host)).toBe(text);
  });

  it('of too few sites comes when no other VM can mend it any more', () => {
    const fleet = two(2, [{ kind: 'spread', name: 'db', vms: all(0, 1), least: 2 }]);
    expect(mayBe(fleet, 0, 0)).toBe(true);
    expect(mayBe(fleet, 0, 1)).toBe(true);
    fleet.assign(0, 1);
    expect(mayBe(fleet, 0, 0)).toBe('rule “db”: would be at fewer than 2 sites');
  });

  it('is short whatever names are', () => {
    const said = mayBe(two(2, [{ kind: 'apart', name: 'x'.repeat(500), vms: all(0, 1) }]), 0, 0);
    expect(said).toHaveLength(200);
  });
});
