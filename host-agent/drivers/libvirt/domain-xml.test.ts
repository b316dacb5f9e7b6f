import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryMax, memoryNext, parseDomain } from './domain-xml.ts';

// What virsh dumpxml printed for a real guest (libvirt 9.0, QEMU 7.2).
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

describe('a domain’s XML', () => {
  it('gives the figures of a running guest', () => {
    const domain = parseDomain(fixture('running.xml'));
    expect(domain).toMatchObject({
      id: '6f1b8223-4312-4389-8f32-4cf9de46504f',
      name: 'a',
      run: '1',
      type: 'qemu',
      kind: 'hvm',
      vcpus: 2,
      vcpusMax: 4,
      memoryBoot: 128 * 1024,
      memoryCurrent: 128 * 1024,
      memorySlots: 8,
      balloon: true,
      agent: true
    });
    expect(domain.modules).toEqual([
      { model: 'virtio-mem', alias: 'virtiomem0', size: 917504, requested: 0, current: 0, block: 2048, node: 0 }
    ]);
    expect(domain.disks).toEqual([
      {
        target: 'vda',
        bus: 'virtio',
        device: 'disk',
        readOnly: false,
        source: { kind: 'volume', pool: 'local', volume: 'a-vda.qcow2' },
        serial: 'smps-1',
        pci: '0000:03:00.0',
        alias: 'virtio-disk0',
        driver: 'qemu'
      }
    ]);
    expect(domain.nics).toMatchObject([{ mac: '52:54:00:47:59:fb', type: 'user', source: null, linkUp: true }]);
    expect(memoryMax(domain)).toBe(1024 * 1024);
  });

  it('gives what the next boot brings, without counting memory that is not asked for', () => {
    const domain = parseDomain(fixture('inactive.xml'));
    expect(domain).toMatchObject({ run: null, agent: false });
    expect(memoryNext(domain)).toBe(128 * 1024);
  });

  it('reads as much as there is of a domain that has almost nothing', () => {
    const domain = parseDomain(
      `<domain type='xen'><name>x</name><uuid>6F1B8223-4312-4389-8f32-4cf9de46504f</uuid><memory unit='GiB'>1</memory>
       <os><type>linux</type></os><devices><disk><source file='/x'/></disk><interface type='user'/></devices></domain>`
    );
    expect(domain).toMatchObject({
      id: '6f1b8223-4312-4389-8f32-4cf9de46504f',
      kind: 'pv',
      vcpus: 1,
      vcpusMax: 1,
      memoryBoot: 1024 * 1024,
      disks: [],
      nics: [],
      agent: null,
      balloon: false
    });
  });

  it('adds up what hot-added memory can come to, and keeps to what was asked for where that is less', () => {
    const notes = (max: number): string =>
      fixture('inactive.xml').replace(
        '</uuid>',
        `</uuid><metadata><smps:vm xmlns:smps="urn:smps:vm:1" image="tiny" max-memory-mib="${max}" min-memory-mib="96"/></metadata>`
      );
    expect(memoryMax(parseDomain(notes(1000)))).toBe(1000 * 1024);
    expect(memoryMax(parseDomain(notes(9000)))).toBe(1024 * 1024);
    expect(parseDomain(notes(1000))).toMatchObject({ image: 'tiny', minMemory: 96 });
  });

  it.each([
    ['no UUID', '<domain type="qemu"><name>x</name></domain>'],
    ['two roots', '<domain/><domain/>'],
    ['a DOCTYPE', '<!DOCTYPE domain [<!ENTITY a "b">]><domain/>'],
    ['no XML at all', 'error: failed to get domain'],
    ['deep nesting', `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`]
  ])('with %s is refused', (_what, text) => {
    expect(() => parseDomain(text)).toThrow(/malformed|must be a lower-case UUID/);
  });
});

describe('what operators said of a domain', () => {
  const withMetadata = (metadata: string): string =>
    fixture('inactive.xml').replace('<maxMemory', `<metadata>${metadata}</metadata><maxMemory`);
  const tagsIn = (attributes: string): readonly string[] =>
    parseDomain(withMetadata(`<smps:vm xmlns:smps="urn:smps:vm:1" ${attributes}/>`)).tags;

  it('is nothing where nobody said anything, or only other tools did', () => {
    expect(parseDomain(fixture('inactive.xml'))).toMatchObject({ tags: [], protected: false });
    const other = withMetadata('<x:vm xmlns:x="urn:other" tags="a" protected="yes"/>');
    expect(parseDomain(other)).toMatchObject({ tags: [], protected: false });
  });

  it('is read in its one form, whatever prefix our namespace has', () => {
    expect(tagsIn('tags="db,a b,数,db"')).toEqual(['a b', 'db', '数']);
    const prefixed = withMetadata('<q:vm xmlns:q="urn:smps:vm:1" tags="a" protected="yes"/>');
    expect(parseDomain(prefixed)).toMatchObject({ tags: ['a'], protected: true });
  });

  it('is ignored as far as it is no tag, and never more than there may be', () => {
    expect(tagsIn('tags=""')).toEqual([]);
    expect(tagsIn(`tags="ok, bad,&lt;b>,x/y,${'z'.repeat(41)},,.dot,a&#x202e;b"`)).toEqual(['ok']);
    expect(tagsIn(`tags="${Array.from({ length: 500 }, (_, n) => `t${n}`).join(',')}"`)).toHaveLength(32);
    expect(parseDomain(withMetadata('<smps:vm xmlns:smps="urn:smps:vm:1" protected="true"/>')).protected).toBe(false);
  });
});
