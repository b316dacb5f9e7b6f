// A new VM like one that is there: its sizes, disks, networks and tags. A VM does not tell what it was made from.
import type { Host, Vm } from '#lib/model/fleet.ts';
import { bytesToMib, mib, type Mib } from '#lib/model/units.ts';
import { printSize } from '#lib/ui/format.ts';
import { freshDraft, type Draft } from '#lib/ui/vm/create-draft.ts';
import type { CreateVm } from '../jobs/create-vm.ts';

type NewDisk = { readonly pool: string; readonly capacity: Mib };

/** Its disks but the one that comes with an image of a disk, which is the first. */
function disksLike(host: Host, vm: Vm, image: string): readonly NewDisk[] {
  const own = vm.disks.flatMap(({ device, pool, capacity }) =>
    device === 'disk' && pool !== null ? [{ pool, capacity: capacity === null ? mib(1024) : bytesToMib(capacity) }] : []
  );
  return own.slice(host.images.find(({ name }) => name === image)?.kind === 'disk' ? 1 : 0);
}

/** What makes it, started at once: the plan has its room. */
export const createLike = (host: Host, vm: Vm, name: string, image: string): CreateVm => ({
  ...{ name, image, description: '', tags: vm.tags, protected: false, autostart: false },
  ...{ vcpus: vm.vcpus, vcpusMax: vm.vcpusMax, memory: vm.memory, memoryMax: vm.memoryMax },
  disks: disksLike(host, vm, image),
  nics: vm.nics.map(({ network }) => ({ network })),
  ...{ start: true, userData: '', sshKeys: [] }
});

/** The form filled in so; the image is the host's first, as in every form. */
export function draftLike(host: Host, vm: Vm, name: string): Draft {
  const fresh = freshDraft(host);
  return {
    ...fresh,
    name,
    tags: vm.tags.join(', '),
    vcpus: String(vm.vcpus),
    vcpusMax: String(vm.vcpusMax),
    memory: printSize(vm.memory),
    memoryMax: printSize(vm.memoryMax),
    disks: disksLike(host, vm, fresh.image).map(({ pool, capacity }, id) => ({ id, pool, size: printSize(capacity) })),
    nics: vm.nics.map(({ network }, id) => ({ id, network }))
  };
}
