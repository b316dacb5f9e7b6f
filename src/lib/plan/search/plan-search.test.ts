import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyColumns } from '../../../../tests/support/any-columns.ts';
import { VM_NEW, VM_RUNNING } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { costTerms, totalOf } from '../cost/terms.ts';
import { costOfAdding } from './plan-search.ts';

// Balance is of the whole fleet, disturbance of groups: both are left out of what one VM costs on one host.
const weights = { ...DEFAULT_WEIGHTS, power: 3, balance: 0, disturbance: 0 };

it('what a VM costs on a host is what the fleet costs more with it there', () => {
  fc.assert(
    fc.property(anyColumns({ hosts: 4, vms: 6 }), fc.nat(), fc.nat(), (columns, one, other) => {
      fc.pre(columns.vms > 0);
      const [vm, host] = [one % columns.vms, other % columns.hosts];
      fc.pre((columns.vmFlags[vm]! & (VM_RUNNING | VM_NEW)) !== 0);
      const [without, there] = [columns.vmHost.slice(), columns.vmHost.slice()];
      without[vm] = -1;
      there[vm] = host;
      const more = totalOf(costTerms(columns, weights, there)) - totalOf(costTerms(columns, weights, without));
      expect(costOfAdding(new FleetView(columns), weights, vm, host)).toBeCloseTo(more, 6);
    })
  );
});
