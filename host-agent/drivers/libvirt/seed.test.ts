import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vmId } from '../../../src/lib/model/ids.ts';
import { packIso, unpackIso } from './iso9660.ts';
import { hostName, packSeed, unpackSeed } from './seed.ts';

const ID = vmId('11111111-2222-4333-8444-555555555555');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFX2irPjBO+QZAY9zVe5fekBQV62yG2XmUzn7llDMHx7 ada@host';

const name = fc.stringMatching(/^[a-z][a-z-]{0,29}$/);
const content = fc.uint8Array({ maxLength: 5000 });

test('an image gives back the files it was made of, and is whole sectors', () => {
  fc.assert(
    fc.property(fc.dictionary(name, content, { maxKeys: 8, noNullPrototype: true }), (files) => {
      const image = packIso('cidata', new Map(Object.entries(files)));
      expect(image.length % 2048).toBe(0);
      const read = [...(unpackIso(image) ?? [])].map(([file, data]) => [file, Buffer.from(data)]);
      expect(Object.fromEntries(read)).toEqual(
        Object.fromEntries(Object.entries(files).map(([file, data]) => [file, Buffer.from(data)]))
      );
    })
  );
});

test('the descriptors stand where ECMA-119 wants them, with the label in both spellings and every number in both orders', () => {
  const image = packIso('cidata', new Map([['meta-data', Buffer.from('x')]]));
  const text = (sector: number, from: number, to: number): string =>
    image.toString('latin1', sector * 2048 + from, sector * 2048 + to);
  expect([16, 17, 18].map((sector) => text(sector, 0, 7))).toEqual(['\x01CD001\x01', '\x02CD001\x01', '\xffCD001\x01']);
  expect(text(16, 40, 72)).toBe('cidata'.padEnd(32));
  expect(text(17, 40, 72)).toBe('\0c\0i\0d\0a\0t\0a' + '\0 '.repeat(10));
  expect(text(17, 88, 91)).toBe('%/E');
  for (const sector of [16, 17]) {
    for (const at of [80, 132]) {
      expect(image.readUInt32LE(sector * 2048 + at)).toBe(image.readUInt32BE(sector * 2048 + at + 4));
    }
    const root = image.readUInt32LE(sector * 2048 + 158) * 2048;
    // Its first two entries are itself and its parent.
    expect([image[root], image[root + 33], image[root + 34 + 33]]).toEqual([34, 0, 1]);
  }
  expect(image.readUInt32LE(16 * 2048 + 80)).toBe(image.length / 2048);
  expect(text(23, 68 + 33, 68 + 33 + 12)).toBe('META-DATA.;1');
});

test.each(['Upper', '', 'a/b', 'x'.repeat(31), 'ü'])('no image is made with a file named %j', (file) => {
  expect(() => packIso('cidata', new Map([[file, Buffer.alloc(1)]]))).toThrow(RangeError);
});

test('what is no such image, or one that was cut or changed anywhere, is read as null or as files, and never throws', () => {
  const image = packSeed({ id: ID, name: 'a' }, { userData: '#!/bin/sh\n', sshKeys: [KEY] });
  expect(unpackIso(Buffer.alloc(0))).toBeNull();
  expect(unpackIso(Buffer.alloc(64 * 1024))).toBeNull();
  fc.assert(
    fc.property(
      fc.nat(image.length),
      fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { maxLength: 20 }),
      (length, changes) => {
        const damaged = Buffer.from(image.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) damaged[at] = byte;
        const seed = unpackSeed(damaged);
        expect(seed === null || typeof seed.userData === 'string').toBe(true);
      }
    )
  );
});

test('a seed gives back user-data byte for byte, and keys', () => {
  for (const userData of ['', '#cloud-config\n', 'ü 数据\r\n\t"\'\\\u0085', 'x'.repeat(16_384)]) {
    for (const sshKeys of [[], [KEY, KEY]]) {
      expect(unpackSeed(packSeed({ id: ID, name: 'web' }, { userData, sshKeys }))).toEqual({ userData, sshKeys });
    }
  }
});

test('keys in a seed that are none are left out when it is read again', () => {
  const seed = { userData: '', sshKeys: [KEY, 'command="x" ssh-rsa AAAA', KEY.replace('ed25519', 'rsa')] };
  expect(unpackSeed(packSeed({ id: ID, name: 'web' }, seed))).toEqual({ userData: '', sshKeys: [KEY] });
});

test.each([
  ['web-1', 'web-1'],
  ['Web_1', 'web-1'],
  ['web.example.org', 'web.example.org'],
  ['Ünï cödé', 'uni-code'],
  ['a..b', 'a-b'],
  ['-x-', 'x'],
  ['数据库', 'vm-11111111'],
  ['<script>', 'script'],
  ['x'.repeat(100), 'x'.repeat(40)]
])('a VM called %s has the host name %s', (given, wanted) => {
  expect(hostName(given, ID)).toBe(wanted);
});
