import { expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { hostMatches, vmMatches } from './filter.ts';

const VM = aVm(1, { name: 'Web-1', state: 'off', description: 'shop front' });
const HOST = aHost('n1', [VM]);

test('every word must occur somewhere in what a VM is, in any order and any case', () => {
  for (const query of ['', 'web', 'OFF web-1', 'north off', 'emulated shop', VM.id])
    expect(vmMatches(query, HOST, VM)).toBe(true);
  for (const query of ['web-2', 'web south', 'running']) expect(vmMatches(query, HOST, VM)).toBe(false);
});

test('a host is found by its own words, not by those of its VMs', () => {
  for (const query of ['n1', 'north online', 'qemu']) expect(hostMatches(query, HOST)).toBe(true);
  for (const query of ['web', 'south', 'n2']) expect(hostMatches(query, HOST)).toBe(false);
});

test('what looks like an expression is only text', () => {
  expect(vmMatches('.*', HOST, VM)).toBe(false);
  expect(vmMatches('(', HOST, VM)).toBe(false);
});
