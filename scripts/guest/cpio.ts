// Writes a cpio archive in the "newc" form the Linux kernel unpacks as its first root file system
// (Documentation/driver-api/early-userspace/buffer-format.rst). Reproducible: owner root, no times, entries in the order given.

export type Entry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly data: Uint8Array; readonly executable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly to: string };

const MODE = { directory: 0o040755, file: 0o100644, link: 0o120777 } as const;

/** The archive. Paths are relative (`bin/sh`), parents come before children. */
export function packCpio(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  for (const entry of entries) {
    const mode = entry.kind === 'file' && entry.executable ? 0o100755 : MODE[entry.kind];
    const data = entry.kind === 'file' ? entry.data : Buffer.from(entry.kind === 'link' ? entry.to : '');
    parts.push(...record(inode++, mode, entry.path, data));
  }
  parts.push(...record(0, 0, 'TRAILER!!!', Buffer.alloc(0)));
  return Buffer.concat(parts);
}

/** Header of thirteen 8-digit hexadecimal fields, name, data; the last two padded to 4 bytes. */
function record(inode: number, mode: number, path: string, data: Uint8Array): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const links = mode >> 12 === 0o04 ? 2 : 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [head, name, padding(head.length + name.length), Buffer.from(data), padding(data.length)];
}

const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);
