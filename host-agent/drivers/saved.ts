// What speaks against changing a VM that is saved: its memory knows the devices, CPUs and names it was saved with, and goes on with
// just these. A change of its configuration would be seen only at the boot after, and one of its disks would be damage.
import type { FaultDetail } from '../../src/lib/model/fault.ts';

export const SAVED: FaultDetail<'wrong-state'> = {
  state: 'saved',
  needs: 'restored by a start, or its saved state discarded'
};
