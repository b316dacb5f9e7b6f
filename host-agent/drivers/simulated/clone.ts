// A copy of a simulated VM that is off.
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import type { Control } from '../control.ts';
import type { Guest } from './guest.ts';
import type { Effects, Operations } from './operation.ts';
import { demandName, existence } from './power.ts';
import { demandSpace } from './space.ts';

export function clone(
  on: Operations,
  vm: VmId,
  to: { readonly id: VmId; readonly name: string },
  control: Control
): Promise<Effects> {
  return on.run('clone', async () => {
    const check = (): Guest => {
      const source = on.guestIn(vm, ['off', 'crashed']);
      demandName(on, to.name, null);
      demandSpace(on.host, bytes(source.disks.reduce((sum, disk) => sum + disk.capacity, 0)));
      return source;
    };
    check();
    await on.takesUnder('clone', control, 'copying');
    const source = check();
    const disks = source.disks.map((disk) => {
      const owner = { name: disk.readOnly ? to.id : to.name };
      return { ...on.host.newDiskAt(owner, disk.target, disk.capacity, 0), readOnly: disk.readOnly };
    });
    let copy: Guest = { ...source, ...to, state: 'off', protected: false, autostart: false, disks, nics: [] };
    for (const [order, { network }] of source.nics.entries()) {
      copy = { ...copy, nics: [...copy.nics, on.host.newNic(network, order, 0)] };
      // Each MAC must be known before the next is chosen.
      on.host.guests.set(copy.id, copy);
    }
    on.host.put(copy);
    return [{ ...existence(to.name), asked: `${to.name} as ${source.name} is` }];
  });
}
