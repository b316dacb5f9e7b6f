import { describe, expect, it } from 'vitest';
import { column, figure, parseDomstats, stateOf } from './domstats.ts';
import { parseEvent } from './events.ts';
import { diskTotals, netTotals } from './host-reading.ts';
import { volumeName, volumeNames } from './storage.ts';
import { isLocal } from './uri.ts';

describe('what virsh prints', () => {
  it('is figures per domain, by name, quotes in it included', () => {
    const all = parseDomstats(
      `Domain: 'o'brien'\n  state.state=1\n  block.count=2\n  block.1.name=vdb\n\nDomain: 'b'\n  state.state=5\n`
    );
    expect([...all.keys()]).toEqual([`o'brien`, 'b']);
    const figures = all.get(`o'brien`) ?? null;
    expect(figure(figures, 'state.state')).toBe(1);
    expect(figure(figures, 'no.such')).toBeNull();
    expect(column(figures, 'block', 'name')).toEqual([null, 'vdb']);
    expect(column(figures, 'net', 'name')).toEqual([]);
  });

  it('is a state with its reason', () => {
    expect([stateOf(1, 1), stateOf(3, 1), stateOf(3, 2), stateOf(5, 1), stateOf(5, 3), stateOf(null, null)]).toEqual([
      'running',
      'paused',
      'moving',
      'off',
      'crashed',
      'unknown'
    ]);
  });

  it('is an event with its domain, and lines in between that are none', () => {
    expect(parseEvent(`2026-11-23 05:55:13.387+0000: event 'device-removed' for domain 'a': virtio-disk1`)).toEqual({
      kind: 'device-removed',
      domain: 'a',
      detail: 'virtio-disk1'
    });
    expect(
      parseEvent(`2026-11-23 05:54:20.895+0000: event 'memory-device-size-change' for domain 'x y':`)
    ).toMatchObject({
      kind: 'memory-device-size-change',
      domain: 'x y'
    });
    expect(parseEvent('alias: virtiomem0')).toBeNull();
  });

  it('is a list of volumes, names with spaces included, and nothing that merely looks like one', () => {
    const text = ` a-vda.qcow2   /p/disks/a-vda.qcow2\n my disk.iso     /p/disks/my disk.iso\n\n odd   /p/disks/other\n`;
    expect(volumeNames(text)).toEqual(['a-vda.qcow2', 'my disk.iso']);
  });
});

describe('names and places', () => {
  it('of volumes are plain whatever the VM is called', () => {
    for (const name of ['../../etc/passwd', '<script>', 'данные', '...', 'a'.repeat(128)]) {
      expect(volumeName({ name, id: '6f1b8223-4312-4389-8f32-4cf9de46504f' }, 'vda')).toMatch(
        /^(?!\.)[A-Za-z0-9._+-]{1,128}$/
      );
    }
  });

  it('of a hypervisor are here or elsewhere', () => {
    expect(['qemu:///system', 'qemu+unix:///session?socket=/x', 'xen:///system'].map(isLocal)).toEqual([
      true,
      true,
      true
    ]);
    expect(['qemu+ssh://root@h/system', 'xen+tcp://127.0.0.1:1/system', 'nonsense'].map(isLocal)).toEqual([
      false,
      false,
      false
    ]);
  });
});

describe('the machine’s own counters', () => {
  it('count whole disks once', () => {
    const text = ` 254 0 vda 1 0 10 0 1 0 20 0\n 254 1 vda1 1 0 10 0 1 0 20 0\n 7 0 loop0 1 0 99 0 1 0 99 0\n 259 0 nvme0n1 1 0 2 0 1 0 4 0\n`;
    expect(diskTotals(text)).toEqual([12 * 512, 24 * 512]);
    expect(diskTotals('')).toBeNull();
  });

  it('count the machine’s interfaces, not those of its guests', () => {
    const line = (name: string): string => `  ${name}: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0`;
    expect(netTotals(['Inter-| Receive', ' face |bytes', line('eth0'), line('lo'), line('vnet3')].join('\n'))).toEqual([
      100, 200
    ]);
  });
});
