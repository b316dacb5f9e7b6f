// The ground of all tests here: a Xen host that libvirt drives, and a guest on it that says what it has.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../conformance/expect.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

const run = promisify(execFile);

describe('a Xen host', () => {
  let host: XenHost;
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'smps-xen-test-'));
    host = await startXenHost({ name: 'x1', data: join(dir, 'data.qcow2'), progress: (line) => console.log(line) });
  });
  afterAll(async () => {
    await host.stop();
    await rm(dir, { recursive: true });
  });

  const virsh = async (...args: string[]): Promise<string> =>
    (await run('virsh', ['-q', '-c', host.uri, ...args])).stdout;
  it('has a pool, a network, and the images at the path they have here', async () => {
    expect(await virsh('pool-list', '--name')).toMatch(/^local\s*$/m);
    expect(await virsh('net-list', '--name')).toMatch(/^bridged\s*$/m);
    expect(await host.ssh(`cat ${host.images}/tiny/image.json`)).toContain('Tiny Linux');
    expect(await virsh('hostname')).toContain('x1');
    expect(Math.abs(Number(await host.ssh('date +%s')) - Date.now() / 1000)).toBeLessThan(5);
  });

  /** Begins a guest of the tiny image. */
  const begin = async (name: string, type: string): Promise<void> => {
    const xml = join(dir, `${name}.xml`);
    await writeFile(
      xml,
      `<domain type='xen'><name>${name}</name><memory unit='MiB'>256</memory><currentMemory unit='MiB'>128</currentMemory>
      <vcpu current='1'>2</vcpu><os>${type}<kernel>${host.images}/tiny/vmlinux</kernel>
      <initrd>${host.images}/tiny/initramfs</initrd><cmdline>console=hvc0 quiet rdinit=/init</cmdline></os>
      <on_crash>destroy</on_crash>
      <devices><interface type='network'><source network='bridged'/></interface><console type='pty'/></devices></domain>`
    );
    await virsh('create', xml);
  };
  const runs = async (name: string): Promise<boolean> => (await virsh('list', '--name')).split('\n').includes(name);
  const last = async (name: string): Promise<string> => (await host.guestStates(name)).at(-1) ?? '';

  it('runs PV guests that see what is added', async () => {
    await begin('pv', `<type arch='x86_64' machine='xenpv'>xen</type>`);
    const says = (words: RegExp): Promise<string> =>
      until(
        60_000,
        () => last('pv'),
        (state) => words.test(state)
      );
    await says(/nproc=1 .*nets=.*eth0/);
    await virsh('setvcpus', 'pv', '2', '--live');
    const before = Number(/MemTotal=(\d+)/.exec(await says(/nproc=2 /))?.[1]);
    await virsh('setmem', 'pv', '192M', '--live');
    // The guest's own word, to the KiB.
    await says(new RegExp(`MemTotal=${before + 64 * 1024} `));
    await virsh('shutdown', 'pv');
    await until(
      30_000,
      () => runs('pv'),
      (still) => !still
    );
  });

  it('boots PVH guests, though not each: QEMU’s SVM makes the kernel of some crash, or hang', async () => {
    for (let attempt = 1; (await last('pvh')) === ''; attempt++) {
      expect(attempt).toBeLessThanOrEqual(8);
      await begin('pvh', `<type arch='x86_64' machine='xenpvh'>xenpvh</type>`);
      await until(
        40_000,
        async () => (await last('pvh')) !== '' || !(await runs('pvh')),
        (settled) => settled
      ).catch(() => undefined);
      await virsh('destroy', 'pvh').catch(() => undefined);
    }
    expect(await last('pvh')).toMatch(/^nproc=1 /);
  }, 400_000);

  it('has at the next start what libvirt and the pool had at the last', async () => {
    await virsh('define', join(dir, 'pv.xml'));
    await virsh('vol-create-as', 'local', 'kept.img', '1M', '--format', 'raw');
    await host.stop();
    host = await startXenHost({ name: 'x1', data: join(dir, 'data.qcow2') });
    expect(await virsh('list', '--all', '--name')).toMatch(/^pv$/m);
    expect(await virsh('vol-list', 'local')).toContain('kept.img');
  });
});
