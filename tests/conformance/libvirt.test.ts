// The conformance suite on real QEMU guests through libvirt, and what only a real hypervisor can show.
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change, NewVm } from '../../host-agent/drivers/driver.ts';
import { LibvirtHost } from '../../host-agent/drivers/libvirt/host.ts';
import { readImage } from '../../host-agent/drivers/libvirt/images.ts';
import { probeBoot } from '../../host-agent/drivers/libvirt/probe.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, refusalOf, theVm, until } from './expect.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';
import { conformance } from './suite.ts';

const run = promisify(execFile);

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

  const newVm = (name: string, more: Partial<NewVm> = {}): NewVm => ({
    id: vmId(randomUUID()),
    name,
    description: '',
    tags: [],
    protected: false,
    autostart: false,
    seed: null,
    image: subject.image,
    vcpus: vcpus(1),
    vcpusMax: vcpus(2),
    memory: mib(96),
    memoryMax: mib(96),
    start: false,
    disks: [],
    nics: [],
    ...more
  });

  it('refuses to add a vCPU to a guest with one where CPUs are emulated, and says what would help', async () => {
    const { driver } = subject;
    const one = newVm('one', { start: true });
    const { id } = one;
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
    const vm = newVm('drifting', { vcpusMax: vcpus(4) });
    const { id } = vm;
    await effectsOf(driver.create(vm));
    const { revision } = await theVm(driver, id);
    await subject.virsh('setvcpus', id, '3', '--config');
    const drifted = await until(
      12_000,
      async () => (await driver.list()).find((each) => each.id === id),
      (each) => each?.vcpus === 3
    );
    expect(drifted?.revision).not.toBe(revision);
    await effectsOf(driver.delete(id, true));
  });

  it('runs VMs whose names libvirt itself cannot carry, under those names', async () => {
    const { driver } = subject;
    for (const name of ['数'.repeat(128), '🖥️ a/b <c>', '.hidden/../x']) {
      const vm = newVm(name, { start: true });
      await effectsOf(driver.create(vm));
      expect(await theVm(driver, vm.id)).toMatchObject({ name, state: 'running' });
      expect(await refusalOf(driver.create(newVm(name)))).toMatchObject({ code: 'name-taken' });
      await effectsOf(driver.power(vm.id, 'power-off'));
      for (const next of ['plain', `${name.slice(0, 100)} again`, 'plain']) {
        expect(await effectsOf(driver.rename(vm.id, next))).toMatchObject([{ seen: next }]);
        expect((await theVm(driver, vm.id)).name).toBe(next);
      }
      await effectsOf(driver.delete(vm.id, true));
    }
  });

  it('makes VMs from disk images, each with a disk of its own, and says when no guest confirms a change', async () => {
    const { driver } = subject;
    await subject.addDiskImage('empty', 64);
    const vm = newVm('from-disk', {
      image: 'empty',
      start: true,
      vcpus: vcpus(2),
      vcpusMax: vcpus(2),
      memory: mib(128)
    });
    await effectsOf(driver.create({ ...vm, memoryMax: mib(128) }));
    const { disks, seen } = await theVm(driver, vm.id);
    expect(disks).toMatchObject([{ target: 'vda', pool: 'local', capacity: 64 * 1024 * 1024, seen: null }]);
    expect(seen).toBeNull();
    const [effect] = await effectsOf(driver.attachNic(vm.id, 'user'));
    expect(effect).toMatchObject({ seen: null, when: 'now' });
    expect(effect?.note).toMatch(/no guest agent/);
    // Nothing runs in it that would let go of a device: then its next boot has it too.
    const next = await subject.virsh('dumpxml', '--inactive', vm.id);
    const [nic] = (await theVm(driver, vm.id)).nics;
    expect(await refusalOf(driver.detachNic(vm.id, nic?.mac ?? ''))).toMatchObject({ code: 'in-use' });
    expect(await subject.virsh('dumpxml', '--inactive', vm.id)).toBe(next);
    const refusal = await refusalOf(driver.setVcpus(vm.id, vcpus(1), 'now'));
    if ((await driver.describe()).accelerator === 'emulated') {
      expect(JSON.stringify(refusal)).toMatch(/emulates CPUs.*no guest agent answers.*applies at next boot/);
    }
    await effectsOf(driver.power(vm.id, 'power-off'));
    await effectsOf(driver.delete(vm.id, true));
    expect((await driver.pools())[0]?.volumes).toEqual([]);
  });

  it('leaves alone what other tools keep in a domain’s metadata, and tells at once what they say in ours', async () => {
    const { driver } = subject;
    const { id } = newVm('shared');
    await effectsOf(driver.create({ ...newVm('shared', { tags: ['mine'] }), id }));
    const other = '<x a="1">kept &amp; safe</x>';
    await subject.virsh('metadata', id, '--uri', 'urn:other', '--key', 'o', '--set', other, '--config');
    await effectsOf(driver.setTags(id, ['a', 'b c']));
    await effectsOf(driver.setProtected(id, true));
    expect(await subject.virsh('metadata', id, '--uri', 'urn:other', '--config')).toContain('kept &amp; safe');
    const changes: Change[] = [];
    const watching = new AbortController();
    const change = (one: Change): number => changes.push(one);
    driver.watch(change, () => undefined, watching.signal);
    await driver.list();
    let said = 0;
    await until(
      10_000,
      async () => {
        // The listener may still be connecting: then it is said once more.
        await subject.virsh('desc', id, '--config', '--new-desc', `by somebody else, ${++said}`);
        return changes;
      },
      (all) => all.some(({ vm }) => vm === id)
    );
    const ours = ['--uri', 'urn:smps:vm:1', '--key', 'smps', '--set', '<vm tags="theirs,&lt;b>,数"/>'];
    await subject.virsh('metadata', id, ...ours, '--config');
    await until(
      5_000,
      async () => (await driver.list()).find((vm) => vm.id === id),
      (vm) => vm?.tags.join() === 'theirs,数' && !vm.protected && vm.description === `by somebody else, ${said}`
    );
    watching.abort();
    await effectsOf(driver.delete(id, true));
  });

  it('has libvirt start a VM as the host boots when that was said of it, and no other', async () => {
    const { driver } = subject;
    const [one, other] = [newVm('woken', { autostart: true }), newVm('asleep')];
    for (const vm of [one, other]) await effectsOf(driver.create(vm));
    await subject.bootAnew();
    await until(
      30_000,
      () => theVm(driver, one.id).catch(() => null),
      (vm) => vm?.state === 'running'
    );
    expect(await theVm(driver, other.id)).toMatchObject({ state: 'off', autostart: false });
    await effectsOf(driver.power(one.id, 'power-off'));
    for (const { id } of [one, other]) await effectsOf(driver.delete(id, true));
  });

  it('sees that others have a VM start with the host, and that they do not any more', async () => {
    const { driver } = subject;
    const { id } = newVm('theirs');
    await effectsOf(driver.create({ ...newVm('theirs'), id }));
    for (const [words, is] of [
      [[], true],
      [['--disable'], false]
    ] as const) {
      await subject.virsh('autostart', id, ...words);
      await until(
        5_000,
        async () => (await driver.list()).find((vm) => vm.id === id),
        (vm) => vm?.autostart === is
      );
    }
    await effectsOf(driver.delete(id, true));
  });

  it('tags a VM that has no lasting configuration for as long as it runs, and says so', async () => {
    const { driver } = subject;
    const vm = newVm('passing', { start: true, tags: ['first'] });
    await effectsOf(driver.create(vm));
    // Undefined while it runs, it is transient.
    await subject.virsh('undefine', vm.id);
    const [tagged] = await effectsOf(driver.setTags(vm.id, ['now']));
    expect(tagged).toMatchObject({
      asked: 'now',
      seen: 'now',
      note: expect.stringMatching(/until it stops/) as string
    });
    const [noted] = await effectsOf(driver.setNotes(vm.id, 'note'));
    expect(noted?.note).toMatch(/until it stops/);
    expect(await theVm(driver, vm.id)).toMatchObject({ tags: ['now'], description: 'note', disks: [], nics: [] });
    // What is gone once it stops cannot be started with the host.
    expect(await refusalOf(driver.setAutostart(vm.id, true))).toMatchObject({ code: 'unsupported' });
    await effectsOf(driver.power(vm.id, 'power-off'));
    expect(await driver.get(vm.id)).toBeNull();
  });

  it('ends a copy in the middle, and the program that makes it', async () => {
    const { driver } = subject;
    const vm = newVm('large');
    const dir = await mkdtemp(join(tmpdir(), 'smps-'));
    // So much that a fast disk takes a second.
    const block = randomBytes(64 * 1024 * 1024);
    for (let blocks = 0; blocks < 24; blocks++) await appendFile(join(dir, 'data'), block);
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(dir, 'data'), join(dir, 'data.qcow2')]);
    await subject.virsh('vol-create-as', 'local', 'large.qcow2', '1536M', '--format', 'qcow2');
    await subject.virsh('vol-upload', '--pool', 'local', '--vol', 'large.qcow2', '--file', join(dir, 'data.qcow2'));
    await rm(dir, { recursive: true });
    await effectsOf(driver.create(vm));
    await effectsOf(driver.attachDisk(vm.id, { pool: 'local', volume: 'large.qcow2', capacity: null }));
    const cancel = new AbortController();
    const to = { id: vmId(randomUUID()), name: 'half' };
    const copying = driver.clone(vm.id, to, { signal: cancel.signal, progress: () => undefined });
    while ((await copiers(to.id)).length === 0);
    cancel.abort('Ada');
    expect(await refusalOf(copying)).toMatchObject({ code: 'cancelled' });
    expect(await copiers(to.id)).toEqual([]);
    expect((await driver.pools())[0]?.volumes.map(({ name }) => name)).toEqual(['large.qcow2']);
    await effectsOf(driver.delete(vm.id, true));
  });

  it('sweeps what an interrupted creation left, and nothing that is used or of another', async () => {
    const { driver } = subject;
    const vm = newVm('whole', { disks: [{ pool: 'local', capacity: mib(4) }], seed: { userData: '', sshKeys: [] } });
    await effectsOf(driver.create(vm));
    const gone = vmId(randomUUID());
    const left = [`half-${gone.slice(0, 8)}-vda-ab12.qcow2`, `${gone}-seed.iso`];
    const others = [`half-${gone.slice(0, 8)}-notes.qcow2`, `${gone}.iso`];
    for (const name of [...left, ...others])
      await subject.virsh('vol-create-as', 'local', name, '1M', '--format', 'raw');
    expect(await driver.sweep(vm.id)).toEqual([]);
    expect([...(await driver.sweep(gone))].sort()).toEqual(left.sort());
    const names = (await driver.pools())[0]?.volumes.map(({ name }) => name) ?? [];
    expect(names).toEqual(expect.arrayContaining(others));
    expect(names).toHaveLength(others.length + 2);
    for (const name of others) await effectsOf(driver.deleteVolume('local', name));
    await effectsOf(driver.delete(vm.id, true));
    expect((await driver.pools())[0]?.volumes).toEqual([]);
  });

  it('proves by booting a guest how code runs, and leaves nothing of it', async () => {
    const host = new LibvirtHost({ uri: subject.uri, images: subject.images });
    const image = await readImage(subject.images, subject.image);
    expect(await probeBoot(host, 'qemu', image)).toBe(true);
    // No such machine: what cannot even be started does not work.
    expect(await probeBoot(host, 'no-such-type', image)).toBe(false);
    expect(await subject.virsh('list', '--all', '--name')).not.toContain('smps-probe');
    host.close();
  });
});

/** Programs that write a volume made for this VM. */
async function copiers(id: string): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,args=']);
  return stdout.split('\n').filter((line) => /qemu-img convert/.test(line) && line.includes(`-${id.slice(0, 8)}-`));
}
