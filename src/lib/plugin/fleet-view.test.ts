import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyColumns } from '../../../tests/support/any-columns.ts';
import { columnsOf } from '../../../tests/support/a-columns.ts';
import { FleetView } from './fleet-view.ts';

test('hosts on which anything is another than at an earlier revision are among those that changed since', () => {
  fc.assert(
    fc.property(
      anyColumns({ hosts: 6, vms: 8 }),
      fc.array(fc.tuple(fc.nat(7), fc.integer({ min: -1, max: 5 })), { maxLength: 20 }),
      ({ ...columns }, changes) => {
        fc.pre(columns.vms > 0);
        const fleet = new FleetView(columns);
        const states = [{ revision: fleet.revision, placedOn: fleet.placedOn.slice() }];
        for (const [vm, host] of changes) {
          fleet.assign(vm % columns.vms, host >= columns.hosts ? -1 : host);
          states.push({ revision: fleet.revision, placedOn: fleet.placedOn.slice() });
        }
        for (const { revision, placedOn } of states) {
          const changed = fleet.changedSince(revision);
          for (const [vm, now] of fleet.placedOn.entries()) {
            if (now === placedOn[vm]) continue;
            for (const host of [now, placedOn[vm]!]) if (host >= 0) expect(changed).toContain(host);
          }
        }
        expect(fleet.changedSince(fleet.revision)).toEqual([]);
      }
    )
  );
});

test('what changed too long ago, or is yet to come, is not known', () => {
  const fleet = new FleetView(columnsOf(2, 2));
  const { revision } = fleet;
  for (let at = 0; at < 1_024; at++) fleet.assign(0, 1 - fleet.placedOn[0]!);
  expect(fleet.changedSince(revision)).toHaveLength(2_048);
  fleet.assign(1, -1);
  expect(fleet.changedSince(revision)).toBeNull();
  expect(fleet.changedSince(fleet.revision - 1)).toEqual([1]);
  expect(fleet.changedSince(fleet.revision + 1)).toBeNull();
});
