import { expect, test } from 'vitest';
import { bytesPerSecond, mib, millis, percent } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { hostShare, siteShare, vmShare } from './figures.ts';

const vm = aVm(1, { memory: mib(1024) });
const LOAD = {
  vm: vm.id,
  at: millis(0),
  cpu: percent(40),
  memoryUsed: mib(256),
  diskRead: bytesPerSecond(30e6),
  diskWrite: bytesPerSecond(70e6),
  netReceive: bytesPerSecond(25e6),
  netTransmit: bytesPerSecond(100e6)
};

test('rates are shares of a reference: disk of both directions together, network of the busier one', () => {
  const host = aHost('n1', [vm], { vmLoads: new Map([[vm.id, LOAD]]) });
  expect(vmShare(host, vm, 'cpu')).toBe(40);
  expect(vmShare(host, vm, 'memory')).toBe(25);
  expect(vmShare(host, vm, 'disk')).toBe(50);
  expect(vmShare(host, vm, 'network')).toBe(80);
});

test('more than the reference is full, not more than full', () => {
  const busy = { ...LOAD, diskRead: bytesPerSecond(5e9) };
  expect(vmShare(aHost('n1', [vm], { vmLoads: new Map([[vm.id, busy]]) }), vm, 'disk')).toBe(100);
});

test('what was not measured has no share; one direction alone is a figure', () => {
  const none = { ...LOAD, diskRead: null, diskWrite: null, netReceive: null };
  const host = aHost('n1', [vm], { vmLoads: new Map([[vm.id, none]]) });
  expect(vmShare(host, vm, 'disk')).toBeNull();
  expect(vmShare(host, vm, 'network')).toBe(80);
  expect(hostShare(host, 'disk')).toBeNull();
  expect(vmShare(host, { ...vm, state: 'off' }, 'cpu')).toBeNull();
  expect(siteShare([aHost('n2', [], { load: null })], 'cpu')).toBeNull();
});
