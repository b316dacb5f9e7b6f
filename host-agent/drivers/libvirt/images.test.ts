import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { demandBoots, offered, readImage, readImages } from './images.ts';
import { settle } from './refusal.ts';

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
      { name: 'debian', kind: 'disk', title: 'Debian', size: 2048 * 1024 * 1024, xen: null },
      { name: 'rescue', kind: 'iso', title: 'Rescue', size: 0, xen: null },
      { name: 'tiny', kind: 'kernel', title: 'Tiny', size: 0, xen: null }
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

  it('for Xen are offered as such everywhere, and used on Xen alone', async () => {
    add('domu', { kind: 'kernel', title: 'PV', kernel: 'vmlinux', cmdline: '', xen: 'pv' });
    const image = await readImage(dir, 'domu');
    expect(image === null ? null : offered(image)).toMatchObject({ xen: 'pv' });
    expect(await settle(() => demandBoots(dir, 'domu', true))).toMatchObject({ status: 'done' });
    expect(await settle(() => demandBoots(dir, 'tiny', false))).toMatchObject({ status: 'done' });
    expect(await settle(() => demandBoots(dir, 'domu', false))).toMatchObject({
      status: 'refused',
      fault: { code: 'unsupported', message: expect.stringContaining('needs Xen (PV guest)') as string }
    });
    rmSync(join(dir, 'domu'), { recursive: true });
    add('odd', { kind: 'kernel', title: 'x', kernel: 'vmlinux', cmdline: '', xen: 'hybrid' });
    await expect(readImage(dir, 'odd')).rejects.toMatchObject({ code: 'corrupt-state' });
    rmSync(join(dir, 'odd'), { recursive: true });
  });

  it('of a name that is a path are not there', async () => {
    expect(await readImage(dir, '../tiny')).toBeNull();
    expect(await readImage(dir, 'absent')).toBeNull();
  });
});
