// Disk images of the machine, by qemu-img.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk that begins as `base` and keeps only what differs from it. */
export async function overlay(base: string, format: 'raw' | 'qcow2', file: string): Promise<void> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', format, file]);
}

/** A disk of its own with the content of `base`. */
export async function copyOf(base: string, file: string): Promise<void> {
  await run('qemu-img', ['convert', '-O', 'qcow2', base, file]);
}

/** For commands that QEMU hands to a shell. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
