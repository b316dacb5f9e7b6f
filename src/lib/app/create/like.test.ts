import { expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Disk } from '#lib/model/fleet.ts';
import { bytes, mib, vcpus } from '#lib/model/units.ts';
import { createLike, draftLike } from './like.ts';

const GIB = 2 ** 30;
const disk = (target: string, size: number, more: Partial<Disk> = {}): Disk => ({
  ...{ target, bus: 'virtio', device: 'disk', pool: 'default', volume: target, capacity: bytes(size * GIB) },
  ...{ readOnly: false, seen: null, pending: null, ...more }
});
const vm = aVm(1, {
  ...{ vcpus: vcpus(2), vcpusMax: vcpus(8), memory: mib(512), memoryMax: mib(2048), tags: ['apart:web'] },
  disks: [disk('vda', 10), disk('vdb', 3), disk('sda', 1, { device: 'cdrom' })]
});
const host = aHost('a', [], {
  images: [
    { name: 'debian', kind: 'disk', title: 'Debian', size: null, xen: null },
    { name: 'tiny', kind: 'kernel', title: 'Tiny', size: null, xen: null }
  ]
});

test('a new VM has sizes, disks, networks and tags of the one it is like; an image of a disk brings the first', () => {
  const { disks, nics, ...rest } = createLike(host, vm, 'web-2', 'debian');
  expect(rest).toMatchObject({
    name: 'web-2',
    image: 'debian',
    vcpusMax: 8,
    memoryMax: 2048,
    tags: ['apart:web'],
    start: true
  });
  expect(disks).toEqual([{ pool: 'default', capacity: 3 * 1024 }]);
  expect(nics).toEqual(vm.nics.map(({ network }) => ({ network })));
  expect(createLike(host, vm, 'web-2', 'tiny').disks).toHaveLength(2);
});

test('the form begins with the same', () => {
  const draft = draftLike(host, vm, 'web-2');
  expect(draft).toMatchObject({ name: 'web-2', image: 'debian', vcpus: '2', memory: '512 MiB', tags: 'apart:web' });
  expect(draft.disks).toEqual([{ id: 0, pool: 'default', size: '3 GiB' }]);
});
