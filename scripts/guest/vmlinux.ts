// Takes the uncompressed kernel out of a bzImage, so that an emulated guest need not unpack it at every boot
// (seconds, in software). QEMU boots it by its PVH note. Offsets: Documentation/arch/x86/boot.rst.
import { execFileSync } from 'node:child_process';
import { zstdDecompressSync } from 'node:zlib';

const LZ4_LEGACY = 0x184c2102;
const ZSTD = 0xfd2fb528;
/** The first four of the six bytes that begin an .xz file. */
const XZ = 0x587a37fd;
const MAX_KERNEL = 256 * 1024 * 1024;

/** The ELF image, or null when the kernel is packed by something else than LZ4, Zstandard or (with the program `xz`) XZ: then boot
 * the bzImage itself. */
export function unpackKernel(bzImage: Buffer): Buffer | null {
  if (bzImage.length < 0x250 || bzImage.toString('latin1', 0x202, 0x206) !== 'HdrS') return null;
  const setupSectors = bzImage.readUInt8(0x1f1) || 4;
  const offset = (setupSectors + 1) * 512 + bzImage.readUInt32LE(0x248);
  const payload = bzImage.subarray(offset, offset + bzImage.readUInt32LE(0x24c));
  if (payload.length < 8) return null;
  // The last four bytes are the unpacked size, appended by the kernel's build.
  const packed = payload.subarray(0, payload.length - 4);
  const size = payload.readUInt32LE(payload.length - 4);
  if (size > MAX_KERNEL) return null;
  switch (payload.readUInt32LE(0)) {
    case LZ4_LEGACY:
      return unpackLz4Legacy(packed, size);
    case ZSTD:
      return zstdDecompressSync(packed, { maxOutputLength: MAX_KERNEL });
    case XZ:
      return execFileSync('xz', ['-dc'], { input: packed, maxBuffer: MAX_KERNEL });
    default:
      return null;
  }
}

/** `lz4 -l`: magic, then blocks of at most 8 MiB, each prefixed by its packed size. */
function unpackLz4Legacy(packed: Buffer, size: number): Buffer | null {
  const out = Buffer.alloc(size);
  let at = 4;
  let end = 0;
  while (at + 4 <= packed.length) {
    const length = packed.readUInt32LE(at);
    at += 4;
    if (length === LZ4_LEGACY) continue;
    if (length === 0 || at + length > packed.length) break;
    end = unpackLz4Block(packed.subarray(at, at + length), out, end);
    at += length;
  }
  return end === size ? out : null;
}

/** One LZ4 block (github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md); returns the new end of `out`. */
function unpackLz4Block(block: Buffer, out: Buffer, start: number): number {
  let from = 0;
  let to = start;
  const next = (): number => block[from++] ?? 0;
  const extend = (length: number): number => {
    if (length !== 15) return length;
    let byte = 255;
    let total = length;
    while (byte === 255 && from < block.length) {
      byte = next();
      total += byte;
    }
    return total;
  };
  while (from < block.length) {
    const token = next();
    const literals = extend(token >> 4);
    block.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (from >= block.length) break;
    const distance = next() | (next() << 8);
    const length = extend(token & 15) + 4;
    // Byte by byte where source and target overlap: that is how LZ4 writes runs.
    if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to + i - distance] ?? 0;
    to += length;
  }
  return to;
}
