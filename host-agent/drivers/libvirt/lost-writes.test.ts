import { expect, it } from 'vitest';
import { losesWrites } from './lost-writes.ts';

it.each([
  ['qemu', 'QEMU 7.2.22', true],
  ['qemu', 'QEMU 8.2.9', true],
  ['qemu', 'QEMU 9.0.0', false],
  ['qemu', 'QEMU 10.1.2', false],
  ['qemu', 'QEMU', true],
  ['kvm', 'QEMU 7.2.22', false],
  ['xen', 'Xen 4.17.5', false]
])('a guest of type %s on %s: %s', (type, version, loses) => {
  expect(losesWrites(type, version)).toBe(loses);
});
