// A kernel for a PV guest that does nothing for ever, and so takes no notice of anything its host asks: one loop in an ELF file, with
// what Xen wants to know of it (xen/include/public/elfnote.h).

/** Where Xen puts its first byte, in the guest's eyes. */
const BASE = 0xffff_ffff_8000_0000n;
const [EHDR, PHDR] = [64, 56];
const NOTES = EHDR + 2 * PHDR;
const PAGE = 4096;
const [LOAD, NOTE] = [1, 4];
const NOTE_OF = { entry: 1, base: 3, version: 5, loader: 8 };
/** The hypercall `sched_op` with SCHEDOP_block, again and again: it sleeps until an event that it never hears of. */
const LOOP = [0xb8, 29, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x31, 0xf6, 0x0f, 0x05, 0xeb, 0xf0];

export function deafKernel(): Buffer {
  const notes = Buffer.concat([
    note(NOTE_OF.entry, address(BASE + BigInt(PAGE))),
    note(NOTE_OF.base, address(BASE)),
    note(NOTE_OF.version, Buffer.from('xen-3.0\0')),
    note(NOTE_OF.loader, Buffer.from('generic\0'))
  ]);
  const file = Buffer.alloc(2 * PAGE);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  // An executable for x86-64, of ELF version 1.
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BASE + BigInt(PAGE), 24);
  file.writeBigUInt64LE(BigInt(EHDR), 32);
  file.writeUInt16LE(EHDR, 52);
  file.writeUInt16LE(PHDR, 54);
  file.writeUInt16LE(2, 56);
  segment(file, EHDR, LOAD, 0, file.length);
  segment(file, EHDR + PHDR, NOTE, NOTES, notes.length);
  file.set(notes, NOTES);
  file.set(LOOP, PAGE);
  return file;
}

function segment(file: Buffer, at: number, type: number, from: number, size: number): void {
  file.writeUInt32LE(type, at);
  // Read, written, run.
  file.writeUInt32LE(7, at + 4);
  file.writeBigUInt64LE(BigInt(from), at + 8);
  file.writeBigUInt64LE(BASE + BigInt(from), at + 16);
  file.writeBigUInt64LE(BigInt(from), at + 24);
  file.writeBigUInt64LE(BigInt(size), at + 32);
  file.writeBigUInt64LE(BigInt(size), at + 40);
  file.writeBigUInt64LE(BigInt(type === LOAD ? PAGE : 4), at + 48);
}

const address = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

function note(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(content.length, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, Buffer.from('Xen\0'), content, Buffer.alloc(-content.length & 3)]);
}
