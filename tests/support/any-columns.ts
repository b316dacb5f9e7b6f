// For tests: columns of any small fleet there could be, also such that are too full or break their rules.
import * as fc from 'fast-check';
import {
  HOST_MAINTENANCE,
  HOST_ONLINE,
  SHARE_LEAST,
  SHARE_WIDTH,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WIDTH,
  textsOf
} from '../../src/lib/plugin/columns.ts';
import type { Columns, Rule } from '../../src/lib/plugin/columns.ts';

const SITES = 3;

/** @param most hosts and VMs; hosts are at least 1, VMs may be none */
export const anyColumns = (most: { readonly hosts: number; readonly vms: number }): fc.Arbitrary<Columns> =>
  fc
    .record({ hosts: fc.integer({ min: 1, max: most.hosts }), vms: fc.integer({ min: 0, max: most.vms }) })
    .chain(({ hosts, vms }) =>
      fc.record({
        at: fc.constant(1_800_000_000_000),
        hosts: fc.constant(hosts),
        hostId: fc.constant(names('h', hosts)),
        hostName: fc.constant(names('host-', hosts)),
        hostSite: whole(hosts, { min: 0, max: SITES - 1 }).map((row) => Int32Array.from(row)),
        siteName: fc.constant(['north', 'south', 'west']),
        hostFlags: flags(hosts, [HOST_ONLINE, HOST_ONLINE, HOST_ONLINE, HOST_ONLINE | HOST_MAINTENANCE, 0]),
        capacity: amounts(hosts, 12),
        safety: amounts(hosts, 9),
        base: amounts(hosts, 2),
        idleWatts: amounts(hosts, 200).map((column) => column.subarray(0, hosts)),
        vms: fc.constant(vms),
        vmId: fc.constant(names('v', vms)),
        vmName: fc.constant(names('vm-', vms)),
        vmFlags: flags(vms, [VM_RUNNING | VM_MOVABLE, VM_RUNNING, VM_MOVABLE, VM_NEW]),
        vmHost: whole(vms, { min: -1, max: hosts - 1 }).map((row) => Int32Array.from(row)),
        demand: amounts(vms, 4),
        share: shares(vms),
        moveMib: amounts(vms, 4).map((column) => column.subarray(0, vms)),
        tagName: fc.constant([]),
        vmTag: fc.constant(new Int32Array(0)),
        vmTagStart: fc.constant(new Int32Array(vms + 1)),
        vmMask: whole(vms, { min: 0, max: 1 }).map((row) => Int32Array.from(row)),
        masks: flags(2 * hosts, [1, 1, 1, 0]),
        rules: vms === 0 ? fc.constant([]) : fc.array(rule(vms), { maxLength: 4 })
      })
    );

const names = (prefix: string, count: number) => textsOf(Array.from({ length: count }, (_, n) => `${prefix}${n}`));

const whole = (length: number, range: { min: number; max: number }): fc.Arbitrary<number[]> =>
  fc.array(fc.integer(range), { minLength: length, maxLength: length });

const amounts = (rows: number, max: number): fc.Arbitrary<Float64Array> =>
  whole(rows * WIDTH, { min: 0, max }).map((row) => Float64Array.from(row));

/** Of VMs that do not yield. */
const shares = (vms: number): fc.Arbitrary<Int32Array> =>
  whole(vms * SHARE_WIDTH, { min: 0, max: 9 }).map((row) =>
    Int32Array.from(row, (value, at) => (at % SHARE_WIDTH === SHARE_LEAST ? 0 : value))
  );

const flags = (length: number, of: number[]): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.constantFrom(...of), { minLength: length, maxLength: length }).map((row) => Uint8Array.from(row));

function rule(vms: number): fc.Arbitrary<Rule> {
  const some = fc
    .uniqueArray(fc.integer({ min: 0, max: vms - 1 }), { minLength: 1, maxLength: 5 })
    .map((row) => Int32Array.from(row));
  const name = fc.constantFrom('web', 'db');
  return fc.oneof(
    fc.record({ kind: fc.constantFrom('apart', 'near', 'together'), name, vms: some }),
    fc.record({ kind: fc.constant('spread'), name, vms: some, least: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('needs'), name, vms: some, of: some })
  );
}
