import { expect, test } from 'vitest';
import { mib, percent } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { NO_STRUCTURE, structureOf } from './structure.ts';

const VMS = [aVm(1, { name: 'web-10' }), aVm(2, { name: 'web-9' })];
const FIRST = structureOf([aHost('a', VMS), aHost('b')], NO_STRUCTURE);

test('VMs stand in the order of their names, numbers by their value', () => {
  expect(FIRST.hosts[0]?.vms.map(({ id }) => id)).toEqual([VMS[1]?.id, VMS[0]?.id]);
});

test('load and state change nothing: the layout is the very same object', () => {
  const busy = aHost(
    'a',
    VMS.map((vm) => ({ ...vm, state: 'paused' as const })),
    { link: 'offline' }
  );
  const load = busy.load && { ...busy.load, cpu: percent(99) };
  expect(structureOf([{ ...busy, load }, aHost('b')], FIRST).hosts).toBe(FIRST.hosts);
});

test('a VM of another size changes its host and no other', () => {
  const grown = VMS.map((vm, at) => (at === 0 ? { ...vm, memory: mib(8192) } : vm));
  const { hosts } = structureOf([aHost('a', grown), aHost('b')], FIRST);
  expect(hosts[0]).not.toBe(FIRST.hosts[0]);
  expect(hosts[1]).toBe(FIRST.hosts[1]);
});

test('a host that goes is gone', () => {
  expect(structureOf([aHost('b')], FIRST).hosts).toEqual([FIRST.hosts[1]]);
});
