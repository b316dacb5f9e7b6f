import { describe, expect, it } from 'vitest';
import { aVm, FakeHost } from '../../tests/support/fake-host.ts';
import { Fault } from '../lib/model/fault.ts';
import type { Fleet, Vm } from '../lib/model/fleet.ts';
import { millis } from '../lib/model/units.ts';
import { EMPTY_FLEET, foldAll } from '../lib/session/fold.ts';
import { findVm, onlyHost } from './find.ts';

function fleetOf(hosts: Record<string, { vms: Vm[]; link?: 'online' | 'offline' }>): Fleet {
  return foldAll(
    EMPTY_FLEET,
    Object.entries(hosts).flatMap(([name, { vms, link = 'online' }]) => {
      const fake = new FakeHost(name);
      fake.vms = vms;
      return [
        { kind: 'paired', host: fake.id, name, site: '', role: 'admin' } as const,
        { kind: 'inventory', host: fake.id, inventory: fake.inventory(), role: 'admin', at: millis(1) } as const,
        { kind: 'link', host: fake.id, link, reason: null } as const
      ];
    })
  );
}
const web = aVm(1, { name: 'web' });
const code = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return Fault.from(thrown).code;
  }
  return 'found';
};

describe('the VM that is meant', () => {
  it('is found by its name when only one has it, and by its id', () => {
    const fleet = fleetOf({ h1: { vms: [web] }, h2: { vms: [aVm(2)] } });
    expect(findVm(fleet, 'web')).toMatchObject({ host: { id: 'h1' }, vm: { name: 'web' } });
    expect(findVm(fleet, aVm(2).id)).toMatchObject({ host: { id: 'h2' } });
    expect(code(() => findVm(fleet, 'nobody'))).toBe('not-found');
  });

  it('is not guessed when two have the name', () => {
    const fleet = fleetOf({ h1: { vms: [web] }, h2: { vms: [aVm(2, { name: 'web' })] } });
    expect(() => findVm(fleet, 'web')).toThrow(/several VMs.*h1.*h2/s);
    expect(findVm(fleet, aVm(2).id)).toMatchObject({ host: { id: 'h2' } });
  });

  it('is not taken for the only one while a host that may have another cannot be reached', () => {
    const fleet = fleetOf({ h1: { vms: [web] }, h2: { vms: [], link: 'offline' } });
    expect(() => findVm(fleet, 'web')).toThrow(/h2 cannot be reached.*--host h1/s);
    expect(findVm(fleet, web.id)).toMatchObject({ host: { id: 'h1' } });
  });

  it('is not said to be missing while a host that may have it cannot be reached', () => {
    const fleet = fleetOf({ h1: { vms: [web] }, h2: { vms: [], link: 'offline' } });
    expect(code(() => findVm(fleet, 'nobody'))).toBe('unreachable');
    expect(code(() => findVm(fleet, aVm(2).id))).toBe('unreachable');
  });

  it('needs no host to be named when there is only one', () => {
    expect(onlyHost(fleetOf({ h1: { vms: [] } })).id).toBe('h1');
    expect(code(() => onlyHost(fleetOf({ h1: { vms: [] }, h2: { vms: [] } })))).toBe('usage');
  });
});
