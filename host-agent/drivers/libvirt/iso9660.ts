// A small ISO 9660 image with a few files in its root, and back: the form in which a guest's cloud-init finds its seed.
// ECMA-119 with the Joliet extension (a second directory whose names are UCS-2 and need no 8.3), which Linux, the BSDs and
// Windows read. In the first directory the same names stand in capitals, as readers without Joliet show them in small letters.

const SECTOR = 2048;
const [PRIMARY, JOLIET, END, TABLES, ROOTS, FILES] = [16, 17, 18, 19, 23, 25];
const NAME = /^[a-z][a-z-]{0,29}$/;
/** No instant: the same files make the same image. Years since 1900, month, day, hour, minute, second, zone. */
const RECORDED = [100, 1, 1, 0, 0, 0, 0];
/** More would not fit into one sector of directory. */
const MAX_FILES = 8;

export type Files = ReadonlyMap<string, Uint8Array>;

const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const sectorsOf = (size: number): number => Math.ceil(size / SECTOR);

/** Numbers stand there in both byte orders. */
const both16 = (at: Buffer, offset: number, value: number): void => {
  at.writeUInt16LE(value, offset);
  at.writeUInt16BE(value, offset + 2);
};
const both32 = (at: Buffer, offset: number, value: number): void => {
  at.writeUInt32LE(value, offset);
  at.writeUInt32BE(value, offset + 4);
};

/** One entry of a directory (ECMA-119 §9.1). */
function record(name: Buffer, sector: number, size: number, directory: boolean): Buffer {
  const entry = Buffer.alloc(33 + name.length + (name.length % 2 === 0 ? 1 : 0));
  entry.writeUInt8(entry.length, 0);
  both32(entry, 2, sector);
  both32(entry, 10, size);
  entry.set(RECORDED, 18);
  entry.writeUInt8(directory ? 2 : 0, 25);
  both16(entry, 28, 1);
  entry.writeUInt8(name.length, 32);
  name.copy(entry, 33);
  return entry;
}

const itself = (sector: number): Buffer => record(Buffer.from([0]), sector, SECTOR, true);
const parent = (sector: number): Buffer => record(Buffer.from([1]), sector, SECTOR, true);

/** A volume descriptor (§8.4, §8.5). `text`: how its texts are spelled. */
function descriptor(o: {
  type: 1 | 2;
  label: string;
  text: (of: string) => Buffer;
  sectors: number;
  tables: number;
  root: number;
}): Buffer {
  const at = Buffer.alloc(SECTOR);
  at.writeUInt8(o.type, 0);
  at.write('CD001', 1, 'latin1');
  at.writeUInt8(1, 6);
  const blank = o.text(' ');
  for (const [from, to] of [
    [8, 72],
    [190, 813]
  ] as const)
    at.fill(blank, from, to);
  o.text(o.label).copy(at, 40);
  both32(at, 80, o.sectors);
  if (o.type === 2) at.write('%/E', 88, 'latin1');
  both16(at, 120, 1);
  both16(at, 124, 1);
  both16(at, 128, SECTOR);
  both32(at, 132, 10);
  at.writeUInt32LE(o.tables, 140);
  at.writeUInt32BE(o.tables + 1, 148);
  itself(o.root).copy(at, 156);
  // No instants: sixteen digits 0 and zone 0.
  for (const offset of [813, 830, 847, 864]) at.fill('0', offset, offset + 16);
  at.writeUInt8(1, 881);
  return at;
}

/** The path table of a root alone (§9.4), in one byte order. */
function pathTable(root: number, write: 'LE' | 'BE'): Buffer {
  const table = Buffer.alloc(SECTOR);
  table.writeUInt8(1, 0);
  table[`writeUInt32${write}`](root, 2);
  table[`writeUInt16${write}`](1, 6);
  return table;
}

/**
 * The whole image.
 * @param label of the volume, 1 to 16 of `a-z`
 * @param files at most 8, by names of small letters and `-`
 */
export function packIso(label: string, files: Files): Buffer {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length > MAX_FILES || !/^[a-z]{1,16}$/.test(label) || !sorted.every(([name]) => NAME.test(name))) {
    throw new RangeError('these files make no image');
  }
  let sector = FILES;
  const placed = sorted.map(([name, data]) => {
    const at = sector;
    sector += sectorsOf(data.length);
    return { name, data, at };
  });
  const image = Buffer.alloc(sector * SECTOR);
  const put = (at: number, data: Uint8Array): void => {
    image.set(data, at * SECTOR);
  };
  const volumes = [
    {
      type: 1,
      first: PRIMARY,
      text: (of: string) => Buffer.from(of, 'latin1'),
      spell: (name: string) => `${name.toUpperCase()}.;1`
    },
    { type: 2, first: JOLIET, text: ucs2, spell: (name: string) => name }
  ] as const;
  for (const [index, { type, first, text, spell }] of volumes.entries()) {
    const [tables, root] = [TABLES + 2 * index, ROOTS + index];
    put(first, descriptor({ type, label, text, sectors: sector, tables, root }));
    put(tables, pathTable(root, 'LE'));
    put(tables + 1, pathTable(root, 'BE'));
    const entries = placed.map(({ name, data, at }) => record(text(spell(name)), at, data.length, false));
    put(root, Buffer.concat([itself(root), parent(root), ...entries]));
  }
  const end = Buffer.alloc(SECTOR);
  end.set([255, ...Buffer.from('CD001'), 1]);
  put(END, end);
  for (const { data, at } of placed) put(at, data);
  return image;
}

/** The files of an image made by `packIso`; null for any other. */
export function unpackIso(image: Buffer): Files | null {
  const joliet = image.subarray(JOLIET * SECTOR, (JOLIET + 1) * SECTOR);
  if (joliet.length < SECTOR || joliet.toString('latin1', 0, 7) !== '\x02CD001\x01') return null;
  const root = (ROOTS + 1) * SECTOR;
  if (joliet.readUInt32LE(158) * SECTOR !== root) return null;
  const files = new Map<string, Uint8Array>();
  for (let at = root; ;) {
    const length = image[at] ?? 0;
    if (length === 0) return files;
    const entry = image.subarray(at, at + length);
    at += length;
    if (entry.length < 34 || at > root + SECTOR || files.size > MAX_FILES) return null;
    if (entry.readUInt8(25) === 2) continue;
    const name = Buffer.from(entry.subarray(33, 33 + entry.readUInt8(32)));
    if (name.length % 2 !== 0) return null;
    const [from, size] = [entry.readUInt32LE(2) * SECTOR, entry.readUInt32LE(10)];
    if (from + size > image.length) return null;
    files.set(name.swap16().toString('utf16le'), image.subarray(from, from + size));
  }
}
