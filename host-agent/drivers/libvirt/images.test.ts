import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { offered, readImage, readImages } from './images.ts';

const dir = mkdtempSync(join(tmpdir(), 'smps-images-test-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
function add(name: string, manifest: unknown): void {
  mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, name, 'image.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
}

describe('images', () => {
  it('are offered by name and title, without a path', async () => {
    add('tiny', {
      kind: 'kernel',
      title: 'Tiny',
      kernel: 'vmlinux',
      initrd: 'initramfs',
      cmdline: 'quiet',
      agent: true
    });
    add('debian', { kind: 'disk', title: 'Debian', file: 'disk.qcow2', 'capacity-mib': 2048 });
    add('rescue', { kind: 'iso', title: 'Rescue', file: 'cd.iso' });
    add('.hidden', { kind: 'iso', title: 'Hidden', file: 'cd.iso' });
    expect((await readImages(dir)).map(offered)).toEqual([
      { name: 'debian', kind: 'disk', title: 'Debian', size: 2048 * 1024 * 1024 },
      { name: 'rescue', kind: 'iso', title: 'Rescue', size: 0 },
      { name: 'tiny', kind: 'kernel', title: 'Tiny', size: 0 }
    ]);
    expect(await readImage(dir, 'tiny')).toMatchObject({
      kernel: join(dir, 'tiny/vmlinux'),
      agent: true,
      minMemory: null
    });
  });

  it.each([
    ['is no JSON', '{'],
    ['is a list', '[]'],
    ['has a kind nobody knows', { kind: 'floppy', title: 'x', file: 'x' }],
    ['leads out of its directory', { kind: 'iso', title: 'x', file: '../../etc/passwd' }],
    ['names an absolute path', { kind: 'iso', title: 'x', file: '/etc/passwd' }],
    ['has no size', { kind: 'disk', title: 'x', file: 'd' }],
    ['has half a size', { kind: 'disk', title: 'x', file: 'd', 'capacity-mib': 1.5 }],
    ['is huge', `"${'x'.repeat(70_000)}"`]
  ])('one whose manifest %s is refused, and does not hide the others', async (_what, manifest) => {
    add('broken', manifest);
    await expect(readImage(dir, 'broken')).rejects.toMatchObject({ code: 'corrupt-state' });
    expect((await readImages(dir)).map((image) => image.name)).toEqual(['debian', 'rescue', 'tiny']);
  });

  it('of a name that is a path are not there', async () => {
    expect(await readImage(dir, '../tiny')).toBeNull();
    expect(await readImage(dir, 'absent')).toBeNull();
  });
});
