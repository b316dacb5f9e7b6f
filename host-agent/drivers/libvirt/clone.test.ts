import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vmId } from '../../../src/lib/model/ids.ts';
import { cloned } from './clone.ts';
import { parseDomain, readDomain } from './domain-xml.ts';
import { attribute, elements, find, readElement, textOf } from './xml.ts';

const inactive = readFileSync(join(import.meta.dirname, 'fixtures', 'inactive.xml'), 'utf8');
const TO = { id: vmId('11111111-2222-4333-8444-555555555555'), name: 'copy' };
const PLACES = new Map([['vda', { pool: 'local', volume: 'copy-vda.qcow2' }]]);
const naming = { name: 'copy', title: null };

test('a copy differs in id, name, MACs and the sources of its disks, and in nothing else that matters', () => {
  const before = parseDomain(inactive);
  const after = readDomain(cloned(readElement(inactive), TO, naming, PLACES));
  expect(after).toEqual({
    ...before,
    ...TO,
    disks: before.disks.map((disk) => ({ ...disk, source: { kind: 'volume', ...PLACES.get('vda') } })),
    nics: after.nics
  });
  expect(after.nics.map((nic) => ({ ...nic, mac: '' }))).toEqual(before.nics.map((nic) => ({ ...nic, mac: '' })));
  expect(after.nics[0]?.mac).toMatch(/^52:54:00:/);
  expect(after.nics[0]?.mac).not.toBe(before.nics[0]?.mac);
});

test('protection stays behind, tags and what other tools noted come along', () => {
  const noted = inactive.replace(
    '<maxMemory',
    '<metadata><o:x xmlns:o="urn:other">kept</o:x><smps:vm xmlns:smps="urn:smps:vm:1" image="tiny" tags="a,b" protected="yes"/></metadata><maxMemory'
  );
  const copy = cloned(readElement(noted), TO, naming, PLACES);
  expect(readDomain(copy)).toMatchObject({ tags: ['a', 'b'], protected: false, image: 'tiny' });
  expect(textOf(find(copy, 'metadata', 'o:x'))).toBe('kept');
});

test('what belongs to the other machine alone is made anew or left out', () => {
  const odd = inactive
    .replace('<maxMemory', '<genid>99999999-0000-4000-8000-000000000000</genid><maxMemory')
    .replace(
      '<boot dev',
      '<loader readonly="yes" type="pflash">/usr/share/OVMF/CODE.fd</loader><nvram template="/usr/share/OVMF/VARS.fd">/var/lib/a_VARS.fd</nvram><boot dev'
    )
    .replace(
      '<devices>',
      '<sysinfo type="smbios"><system><entry name="uuid">6f1b8223-4312-4389-8f32-4cf9de46504f</entry><entry name="product">x</entry></system></sysinfo><devices>' +
        '<channel type="unix"><source mode="bind" path="/var/lib/libvirt/a.sock"/><target type="virtio" name="x"/></channel>' +
        '<disk type="file" device="disk"><source file="/pool/b.img"/><backingStore/><target dev="vdb" bus="virtio"/></disk>' +
        '<disk type="file" device="disk"><source file="/pool/seed"/><target dev="vdz" bus="virtio"/><readonly/></disk>'
    );
  const places = new Map([...PLACES, ['vdb', { pool: 'p', volume: 'b2.img' }] as const, ['vdz', null] as const]);
  const copy = cloned(readElement(odd), TO, naming, places);
  expect(find(copy, 'genid')).toEqual({ name: 'genid', attributes: {}, children: [] });
  expect(find(copy, 'os', 'nvram')).toEqual({
    name: 'nvram',
    attributes: { template: '/usr/share/OVMF/VARS.fd' },
    children: []
  });
  expect(elements(find(copy, 'sysinfo', 'system')).map((entry) => attribute(entry, 'name'))).toEqual(['product']);
  expect(elements(find(copy, 'devices', 'channel')).map(({ name }) => name)).toEqual(['target']);
  const disks = elements(find(copy, 'devices'), 'disk');
  expect(disks.map((disk) => [attribute(find(disk, 'target'), 'dev'), attribute(disk, 'type')]).sort()).toEqual([
    ['vda', 'volume'],
    ['vdb', 'volume']
  ]);
});
