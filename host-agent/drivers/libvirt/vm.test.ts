import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDomstats } from './domstats.ts';
import type { Domain } from './domains.ts';
import { parseDomain } from './domain-xml.ts';
import { revisionOf, vmOf } from './vm.ts';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
const live = parseDomain(fixture('running.xml'));
const inactive = parseDomain(fixture('inactive.xml'));
const figures =
  parseDomstats(
    `Domain: 'a'\n  state.state=1\n  vcpu.current=3\n  balloon.current=262144\n  balloon.available=225000\n  balloon.last-update=1795413233\n  block.count=1\n  block.0.name=vda\n  block.0.capacity=67108864\n`
  ).get('a') ?? null;
const told = { figures, live, inactive, texts: ['', ''] } as const;
const running: Domain = { id: live.id, name: 'a', state: 'running', autostart: false, ...told };
const processors = { cpuShare: null, cpuShareNext: null, affinity: '', affinityNext: null };
const around = { pools: [], sight: null, startedAt: 5, savedAt: null, stopping: false, processors };

describe('a VM as operators see it', () => {
  it('shows what it was given now, what the next boot brings, and what its guest reports, apart', () => {
    expect(vmOf(running, around)).toMatchObject({
      state: 'running',
      vcpus: 3,
      vcpusNext: 2,
      memory: 256,
      memoryMax: 1024,
      memoryNext: 128,
      startedAt: 5,
      seen: { by: 'balloon', vcpus: null, memory: 219 }
    });
  });

  it('has no start, no sight and nothing pending when it is off', () => {
    const off: Domain = { ...running, state: 'off', live: null, figures: null };
    expect(vmOf(off, around)).toMatchObject({
      state: 'off',
      vcpus: 2,
      vcpusNext: null,
      memory: 128,
      memoryNext: null,
      startedAt: null,
      seen: null
    });
  });

  it('tells a guest’s disk by its serial, and says nothing of one that the guest does not show', () => {
    const disk = { name: 'vdq', pci: null, serial: 'smps-1', size: 64 * 1024 * 1024 };
    const sight = { at: 1, vcpus: 2, disks: [disk], nics: [] };
    expect(vmOf(running, { ...around, sight }).disks[0]?.seen).toBe(64 * 1024 * 1024);
    const other = { ...sight, disks: [{ ...disk, serial: 'another' }] };
    expect(vmOf(running, { ...around, sight: other }).disks[0]?.seen).toBeNull();
  });

  it('is shown with what can be known when its configuration cannot be understood', () => {
    const odd: Domain = { ...running, live: null, inactive: null };
    expect(vmOf(odd, around)).toMatchObject({
      name: 'a',
      state: 'running',
      vcpus: 3,
      memory: 256,
      disks: [],
      seen: null
    });
  });
});

describe('the revision', () => {
  const revision = revisionOf(running);

  it('stays when the VM is started, stopped or its balloon moves', () => {
    expect(revisionOf({ ...running, live: { ...live, memoryCurrent: 1, agent: false, run: '9' } })).toBe(revision);
    const same = { ...live, run: null };
    expect(revisionOf({ ...running, live: same, inactive: same })).toBe(
      revisionOf({ ...running, live: null, inactive: same })
    );
  });

  it.each([
    ['the name', { name: 'b' }],
    ['vCPUs now', { live: { ...live, vcpus: 3 } }],
    ['vCPUs at the next boot', { inactive: { ...inactive, vcpus: 3 } }],
    ['memory asked for', { live: { ...live, modules: live.modules.map((each) => ({ ...each, requested: 2048 })) } }],
    ['a disk', { inactive: { ...inactive, disks: [] } }],
    ['a network interface', { live: { ...live, nics: [] } }],
    ['the description', { inactive: { ...inactive, description: 'other' } }]
  ])('changes with %s', (_what, change) => {
    expect(revisionOf({ ...running, ...change })).not.toBe(revision);
  });
});

describe('devices that only one of the two configurations has', () => {
  const [disk] = inactive.disks;
  const [nic] = inactive.nics;
  if (!disk || !nic) throw new Error('the fixture has no devices');
  const targets = (domain: Domain): unknown[] => {
    const { disks, nics } = vmOf(domain, around);
    return [...disks.map((each) => [each.target, each.pending]), ...nics.map((each) => [each.mac, each.pending])];
  };

  it('are told apart: those that come with the next boot, and those that go', () => {
    const next = { ...inactive, disks: [{ ...disk, target: 'vdq' }], nics: [{ ...nic, mac: '52:54:00:00:00:09' }] };
    expect(targets({ ...running, inactive: next })).toEqual([
      ['vda', 'detach'],
      ['vdq', 'attach'],
      [nic.mac, 'detach'],
      ['52:54:00:00:00:09', 'attach']
    ]);
  });

  it('have no such mark while it is off, or has no lasting configuration', () => {
    for (const domain of [
      { ...running, state: 'off' as const, live: null },
      { ...running, inactive: null }
    ]) {
      expect(vmOf(domain, around).disks.map(({ pending }) => pending)).toEqual([null]);
    }
  });
});
