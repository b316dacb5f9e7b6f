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

  it('runs PV and PVH guests that see what is added', async () => {
    for (const [name, type] of [
      ['pv', `<type arch='x86_64' machine='xenpv'>xen</type>`],
      ['pvh', `<type arch='x86_64' machine='xenpvh'>xenpvh</type>`]
    ] as const) {
      const xml = join(dir, `${name}.xml`);
      await writeFile(
        xml,
        `<domain type='xen'><name>${name}</name><memory unit='MiB'>256</memory><currentMemory unit='MiB'>128</currentMemory>
        <vcpu current='1'>2</vcpu><os>${type}<kernel>${host.images}/tiny/vmlinux</kernel>
        <initrd>${host.images}/tiny/initramfs</initrd><cmdline>console=hvc0 quiet rdinit=/init</cmdline></os>
        <devices><interface type='network'><source network='bridged'/></interface><console type='pty'/></devices></domain>`
      );
      await virsh('create', xml);
      await until(
        60_000,
        () => host.guestStates(name),
        (all) => /nproc=1 .*nets=.*eth0/.test(all.at(-1) ?? '')
      );
      await virsh('setvcpus', name, '2', '--live');
      await until(
        30_000,
        () => host.guestStates(name),
        (all) => /nproc=2 /.test(all.at(-1) ?? '')
      );
      const memory = async (): Promise<number> =>
        Number(/MemTotal=(\d+)/.exec((await host.guestStates(name)).at(-1) ?? '')?.[1]);
      const before = await memory();
      await virsh('setmem', name, '192M', '--live');
      // The guest's own word, to the KiB.
      await until(30_000, memory, (now) => now === before + 64 * 1024);
      await virsh('shutdown', name);
      await until(
        30_000,
        () => virsh('list', '--name'),
        (names) => !names.split('\n').includes(name)
      );
    }
  });

  it('has at the next start what libvirt and the pool had at the last', async () => {
    await virsh('define', join(dir, 'pv.xml'));
    await virsh('vol-create-as', 'local', 'kept.img', '1M', '--format', 'raw');
    await host.stop();
    host = await startXenHost({ name: 'x1', data: join(dir, 'data.qcow2') });
    expect(await virsh('list', '--all', '--name')).toMatch(/^pv$/m);
    expect(await virsh('vol-list', 'local')).toContain('kept.img');
  });
});
