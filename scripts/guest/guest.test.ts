import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packCpio } from './cpio.ts';
import { unpackKernel } from './vmlinux.ts';

describe('the first root file system', () => {
  it('is a newc archive: thirteen hexadecimal fields, names and data padded to four bytes, a trailer', () => {
    const archive = packCpio([
      { kind: 'directory', path: 'bin' },
      { kind: 'file', path: 'bin/x', data: Buffer.from('hello'), executable: true },
      { kind: 'link', path: 'bin/y', to: 'x' }
    ]);
    const entries: { name: string; mode: string; data: string }[] = [];
    for (let at = 0; at < archive.length;) {
      expect(archive.toString('latin1', at, at + 6)).toBe('070701');
      const field = (n: number): number =>
        Number.parseInt(archive.toString('latin1', at + 6 + 8 * n, at + 14 + 8 * n), 16);
      const [size, nameSize] = [field(6), field(11)];
      const name = archive.toString('utf8', at + 110, at + 110 + nameSize - 1);
      const data = Math.ceil((at + 110 + nameSize) / 4) * 4;
      entries.push({ name, mode: field(1).toString(8), data: archive.toString('utf8', data, data + size) });
      at = Math.ceil((data + size) / 4) * 4;
    }
    expect(entries).toEqual([
      { name: 'bin', mode: '40755', data: '' },
      { name: 'bin/x', mode: '100755', data: 'hello' },
      { name: 'bin/y', mode: '120777', data: 'x' },
      { name: 'TRAILER!!!', mode: '0', data: '' }
    ]);
  });
});

/** A bzImage is: setup sectors, then somewhere the payload that its header points to. */
function bzImage(packed: Buffer, size: number): Buffer {
  const head = Buffer.alloc(1024);
  head.writeUInt8(1, 0x1f1);
  head.write('HdrS', 0x202, 'latin1');
  head.writeUInt32LE(16, 0x248);
  head.writeUInt32LE(packed.length + 4, 0x24c);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(size);
  return Buffer.concat([head, Buffer.alloc(16), packed, tail]);
}

const word = (value: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(value);
  return four;
};

describe('the kernel in a bzImage', () => {
  it('is unpacked from LZ4 blocks, overlapping matches and long runs included', () => {
    // “abc”, 20 times “abc” again from 3 back, then “end” as last literals (LZ4 block format).
    const block = Buffer.from([0x3f, ...Buffer.from('abc'), 3, 0, 60 - 4 - 15, 0x30, ...Buffer.from('end')]);
    const packed = Buffer.concat([word(0x184c2102), word(block.length), block]);
    const expected = `${'abc'.repeat(21)}end`;
    expect(unpackKernel(bzImage(packed, expected.length))?.toString()).toBe(expected);
    expect(unpackKernel(bzImage(packed, expected.length + 1))).toBeNull();
  });

  it('is unpacked from Zstandard', () => {
    const packed = zstdCompressSync(Buffer.from('kernel'));
    expect(unpackKernel(bzImage(packed, 6))?.toString()).toBe('kernel');
  });

  it('is left packed when it is something else', () => {
    expect(unpackKernel(bzImage(Buffer.from('\u001f\u008bgzip…', 'latin1'), 6))).toBeNull();
    expect(unpackKernel(Buffer.from('no kernel'))).toBeNull();
  });
});
