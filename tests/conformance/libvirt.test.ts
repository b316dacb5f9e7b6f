// The conformance suite on real QEMU guests through libvirt, and what only a real hypervisor can show.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, refusalOf, theVm, until } from './expect.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';
import { conformance } from './suite.ts';

if (!hasLibvirt)
  console.warn('libvirt and QEMU are not installed: the conformance suite runs on simulated guests only');

describe.skipIf(!hasLibvirt)('QEMU through libvirt', () => {
  conformance(() => libvirtSubject(71));
});

describe.skipIf(!hasLibvirt)('QEMU through libvirt, beside what all drivers do', () => {
  let subject: LibvirtSubject;
  beforeAll(async () => {
    subject = await libvirtSubject(72);
  }, 300_000);
  afterAll(() => subject.close());

  it('refuses to add a vCPU to a guest with one where CPUs are emulated, and says what would help', async () => {
    const { driver } = subject;
    const id = vmId(randomUUID());
    const one = {
      id,
      name: 'one',
      description: '',
      image: subject.image,
      vcpus: vcpus(1),
      vcpusMax: vcpus(2),
      memory: mib(96),
      memoryMax: mib(96),
      start: true,
      disks: [],
      nics: []
    };
    await effectsOf(driver.create(one));
    if ((await driver.describe()).accelerator === 'emulated') {
      const refusal = await refusalOf(driver.setVcpus(id, vcpus(2), 'now'));
      expect(refusal).toMatchObject({ code: 'unsupported' });
      expect(JSON.stringify(refusal)).toMatch(/emulates CPUs.*at least 2.*applies at next boot/);
    }
    expect(await effectsOf(driver.setVcpus(id, vcpus(2), 'next-boot'))).toMatchObject([{ when: 'next-boot' }]);
    expect(await theVm(driver, id)).toMatchObject({ vcpus: 1, vcpusNext: 2 });
    await effectsOf(driver.power(id, 'power-off'));
    await effectsOf(driver.delete(id, true));
  });

  it('shows VMs that others made, odd names and missing devices included, and can end them', async () => {
    const { driver } = subject;
    const id = vmId(randomUUID());
    const name = `o'brien "x"; $(id) \\ 'y`;
    const xml = `<domain type='qemu'><name>${name.replaceAll('"', '&quot;')}</name><uuid>${id}</uuid><memory unit='MiB'>64</memory>
      <vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices><memballoon model='none'/></devices></domain>`;
    const dir = await mkdtemp(join(tmpdir(), 'smps-'));
    await writeFile(join(dir, 'odd.xml'), xml);
    await subject.virsh('define', join(dir, 'odd.xml'));
    await rm(dir, { recursive: true });
    const vm = (await driver.list()).find((each) => each.id === id);
    expect(vm).toMatchObject({ name, state: 'off', vcpus: 1, memory: 64, memoryMax: 64, disks: [], nics: [] });
    await effectsOf(driver.power(id, 'start'));
    expect(await refusalOf(driver.setMemory(id, mib(48), 'now'))).toMatchObject({ code: 'unsupported' });
    await effectsOf(driver.power(id, 'power-off'));
    await effectsOf(driver.delete(id, false));
    expect(await driver.get(id)).toBeNull();
  });

  it('shows within some polls what virsh changed only in the configuration on disk', async () => {
    const { driver } = subject;
    const id = vmId(randomUUID());
    await effectsOf(
      driver.create({
        id,
        name: 'drifting',
        description: '',
        image: subject.image,
        vcpus: vcpus(1),
        vcpusMax: vcpus(4),
        memory: mib(96),
        memoryMax: mib(96),
        start: false,
        disks: [],
        nics: []
      })
    );
    const { revision } = await theVm(driver, id);
    await subject.virsh('setvcpus', id, '3', '--config');
    const vm = await until(
      12_000,
      async () => (await driver.list()).find((each) => each.id === id),
      (each) => each?.vcpus === 3
    );
    expect(vm?.revision).not.toBe(revision);
    await effectsOf(driver.delete(id, true));
  });
});
