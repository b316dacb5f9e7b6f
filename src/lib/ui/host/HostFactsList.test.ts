import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { HostFacts, HostLoad } from '#lib/model/fleet.ts';
import { mib, millis, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import HostFactsList from './HostFactsList.svelte';

const show = async (more: Partial<HostFacts>, memoryUsed: number | null = null): Promise<string> => {
  const { facts, ...host } = aHost('x1');
  if (facts === null) throw new Error('no facts');
  const load: HostLoad = {
    ...{ at: millis(1), cpu: null, diskRead: null, diskWrite: null, netReceive: null, netTransmit: null },
    memoryUsed: memoryUsed === null ? null : mib(memoryUsed)
  };
  const screen = await render(HostFactsList, {
    host: { ...host, facts: { ...facts, ...more }, load },
    keyNumber: null
  });
  return screen.container.textContent.replaceAll(/\s+/g, ' ');
};
const XEN = { hypervisor: 'xen', scheduler: 'credit2', numaCells: 2, memory: mib(4096) } as const;

test('a Xen host shows what its own domain takes, what is free, its scheduler, cells and VMs of xl', async () => {
  const text = await show({ ...XEN, domainZero: { vcpus: vcpus(2), memory: mib(1024) }, xlVms: 'unseen' }, 3072);
  expect(text).toContain('Free memory 1 GiB');
  expect(text).toContain('Domain 0 2 CPUs, 1 GiB: the host’s own');
  expect(text).toContain('Scheduler credit2');
  expect(text).toContain('NUMA cells 2');
  expect(text).toContain('VMs made with xl not known');
});

test('what a Xen host does not say is absent, not zero', async () => {
  const text = await show({ ...XEN, domainZero: null, xlVms: 'shown' });
  expect(text).toContain('Free memory –');
  expect(text).toContain('Domain 0 –');
});

test('a host without Xen has none of it', async () => {
  expect(await show({})).not.toMatch(/Domain 0|Scheduler|Free memory|NUMA|xl/);
});
