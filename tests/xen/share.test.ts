// Weight, cap and affinity on a real Xen host: a guest that computes without end gets what its cap leaves it, and no start of it by
// anybody loses that.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import { vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, refusalOf, theVm, until } from '../conformance/expect.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

const run = promisify(execFile);
const ID = vmId('5c1f0a52-6d1e-4a4e-9f0e-2b6a1b3c4d5e');
/** Milliseconds over which CPU time is measured. */
const WINDOW = 6_000;

describe('the CPUs of a Xen host', () => {
  let host: XenHost;
  let driver: Driver;
  let dir = '';
  const virsh = async (...args: string[]): Promise<string> =>
    (await run('virsh', ['-q', '-c', host.uri, ...args])).stdout;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'smps-xen-share-'));
    host = await startXenHost({ name: 'x1', data: join(dir, 'data.qcow2') });
    driver = libvirtDriver({ uri: host.uri, images: dir });
    const spinning = 'console=hvc0 quiet rdinit=/bin/busybox -- awk BEGIN{while(1);}';
    await writeFile(
      join(dir, 'busy.xml'),
      `<domain type='xen'><name>busy</name><uuid>${ID}</uuid><memory unit='MiB'>128</memory><vcpu current='1'>2</vcpu>
      <os><type arch='x86_64' machine='xenpv'>xen</type><kernel>${host.images}/tiny/vmlinux</kernel>
      <initrd>${host.images}/tiny/initramfs</initrd><cmdline>${spinning}</cmdline></os>
      <devices><console type='pty'/></devices></domain>`
    );
    await virsh('define', join(dir, 'busy.xml'));
  });
  afterAll(async () => {
    await driver.close();
    await host.stop();
    await rm(dir, { recursive: true });
  });

  /** Seconds of CPU time it has had. */
  const cpuTime = async (): Promise<number> =>
    Number(/^CPU time: +([\d.]+)s$/m.exec(await virsh('dominfo', 'busy'))?.[1]);
  /** Percent of one CPU that it gets. */
  const used = async (): Promise<number> => {
    const [from, began] = [await cpuTime(), performance.now()];
    await pause(WINDOW);
    return (100_000 * ((await cpuTime()) - from)) / (performance.now() - began);
  };
  const credit = async (): Promise<string> => (await virsh('schedinfo', 'busy')).replaceAll(/\s+/g, ' ');

  it('are divided as it was said while the VM was off', async () => {
    await effectsOf(driver.setCpuShare(ID, { weight: 512, cap: 20 }, 'now'));
    await effectsOf(driver.power(ID, 'start'));
    expect((await theVm(driver, ID)).cpuShare).toEqual({ weight: 512, cap: 20 });
    expect(await credit()).toContain('weight : 512 cap : 20');
    await until(60_000, cpuTime, (seconds) => seconds > 1.5);
    expect(await used()).toBeLessThan(35);
  });

  it('are given without a cap as soon as it is taken away, and no more than a new one at once', async () => {
    expect(await effectsOf(driver.setCpuShare(ID, { weight: 256, cap: null }, 'now'))).toMatchObject([
      { asked: 'weight 256, no cap', seen: 'weight 256, no cap', by: 'hypervisor', when: 'now' }
    ]);
    expect(await used()).toBeGreaterThan(60);
    await effectsOf(driver.setCpuShare(ID, { weight: 128, cap: 30 }, 'now'));
    expect(await used()).toBeLessThan(45);
  });

  it('are capped again after somebody else has started the VM, which Xen forgets', async () => {
    await virsh('destroy', 'busy');
    await virsh('start', 'busy');
    expect(await credit()).toContain('weight : 128 cap : 0');
    const { cpuShare } = await until(
      15_000,
      () => theVm(driver, ID),
      (vm) => vm.cpuShare?.cap === 30
    );
    expect(cpuShare).toEqual({ weight: 128, cap: 30 });
    expect(await credit()).toContain('weight : 128 cap : 30');
  });

  it('bear no cap beyond the vCPUs it can have', async () => {
    expect(await refusalOf(driver.setCpuShare(ID, { weight: 256, cap: 201 }, 'now'))).toMatchObject({
      code: 'bad-argument'
    });
  });

  it('are those a VM is pinned to, for a vCPU that is added too', async () => {
    await effectsOf(driver.setAffinity(ID, '1', 'now'));
    await effectsOf(driver.setVcpus(ID, vcpus(2), 'now'));
    expect(await theVm(driver, ID)).toMatchObject({ vcpus: 2, affinity: '1', affinityNext: null });
    const maps = [...(await virsh('vcpuinfo', 'busy')).matchAll(/^CPU Affinity: +(\S+)$/gm)].map(([, map]) => map);
    expect(maps).toHaveLength(2);
    for (const map of maps) expect(map).toMatch(/^-y-*$/);
  });
});
