// What only a real Xen guest can show: its own words on its console at each change, and what Xen's libvirt driver refuses.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import { effectsOf, refusalOf, theVm, until } from '../conformance/expect.ts';
import { Ground } from '../conformance/ground.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { deafKernel } from './deaf-kernel.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';
import { xenSubject } from './xen-subject.ts';
import type { XenSubject } from './xen-subject.ts';

describe.each(['pv'] as const)('a Xen guest: %s', (kind) => {
  const at = new Ground();
  let host: XenHost;
  let subject: XenSubject;
  let id: VmId;
  let cpus: number;
  beforeAll(async () => {
    host = await startXenHost({ name: `guests-${kind}` });
    subject = await xenSubject(host, kind);
    at.stand(subject);
    ({ cpus } = await at.driver.describe());
    id = await at.made(`words-${kind}`, { start: true, vcpusMax: vcpus(cpus + 1) });
    await at.reporting(id);
  });
  afterAll(async () => {
    await at.leave();
    await host.stop();
  });

  it('is of the kind its image asks for', async () => {
    expect(await theVm(at.driver, id)).toMatchObject({ kind, consoles: ['serial'] });
  });

  it('says itself that it has one vCPU more, and one less', async () => {
    await effectsOf(at.driver.setVcpus(id, vcpus(2), 'now'));
    await subject.words(id, (said) => said.vcpus === 2);
    await effectsOf(at.driver.setVcpus(id, vcpus(1), 'now'));
    await subject.words(id, (said) => said.vcpus === 1);
  });

  it('says itself that it has more memory, and less', async () => {
    const before = await subject.words(id, () => true);
    await effectsOf(at.driver.setMemory(id, mib(192), 'now'));
    const grown = await subject.words(id, ({ memory }) => memory >= before.memory + 48 * 1024);
    await effectsOf(at.driver.setMemory(id, mib(128), 'now'));
    await subject.words(id, ({ memory }) => memory <= grown.memory - 48 * 1024);
  });

  it('says itself that it has a disk and an interface more, and lost them', async () => {
    await effectsOf(at.driver.attachDisk(id, { pool: subject.pool, volume: null, capacity: mib(8) }));
    await subject.words(id, ({ disks }) => disks.includes('xvda'));
    await effectsOf(at.driver.attachNic(id, subject.network));
    await subject.words(id, ({ nics }) => nics.includes('eth0'));
    const { nics } = await theVm(at.driver, id);
    await effectsOf(at.driver.detachNic(id, nics[0]?.mac ?? ''));
    await effectsOf(at.driver.detachDisk(id, 'xvda', true));
    await subject.words(id, (said) => said.disks.length === 0 && said.nics.length === 0);
  });

  it('is refused more vCPUs than the host has CPUs while it runs, with the number, and gets them at its next boot', async () => {
    const refusal = await refusalOf(at.driver.setVcpus(id, vcpus(cpus + 1), 'now'));
    expect(refusal).toMatchObject({ code: 'unsupported' });
    expect(JSON.stringify(refusal)).toMatch(new RegExp(`not above the number of CPUs.*${cpus}.*next boot`));
    await effectsOf(at.driver.setVcpus(id, vcpus(cpus + 1), 'next-boot'));
    expect(await theVm(at.driver, id)).toMatchObject({ vcpus: 1, vcpusNext: cpus + 1 });
  });

  it('is refused a disk that Xen itself cannot serve while it runs', async () => {
    const volume = `${randomUUID()}.qcow2`;
    await subject.virsh('vol-create-as', subject.pool, volume, '8M', '--format', 'qcow2');
    const source = { pool: subject.pool, volume, capacity: null };
    const refusal = await refusalOf(at.driver.attachDisk(id, source));
    expect(refusal).toMatchObject({ code: 'unsupported', message: expect.stringContaining('raw') as string });
    await effectsOf(at.driver.deleteVolume(subject.pool, volume));
  });

  it('keeps its libvirt name when it is renamed; another VM can have the old name, not the new one', async () => {
    await effectsOf(at.driver.power(id, 'power-off'));
    const [effect] = await effectsOf(at.driver.rename(id, 'anders'));
    expect(effect).toMatchObject({ seen: 'anders', note: expect.stringContaining(`words-${kind}`) as string });
    const other = await at.made(`words-${kind}`);
    expect((await theVm(at.driver, other)).name).toBe(`words-${kind}`);
    expect(await refusalOf(at.driver.create(at.newVm('anders')))).toMatchObject({ code: 'name-taken' });
    await at.end(other);
    await at.end(id);
  });

  it('that takes no notice keeps libvirt from telling anything, which is said; nobody has to wait along, and it can be powered off', async () => {
    const deaf = vmId(randomUUID());
    await host.ssh('cat > /root/deaf', deafKernel());
    const xml = `<domain type='xen'><name>deaf</name><uuid>${deaf}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
      <os><type arch='x86_64' machine='xenpv'>xen</type><kernel>/root/deaf</kernel></os></domain>`;
    await host.ssh('cat > /root/deaf.xml && virsh -q define /root/deaf.xml && virsh -q start deaf', xml);
    const shutdown = new AbortController();
    const stages: string[] = [];
    const asked = at.driver.power(deaf, 'shutdown', {
      signal: shutdown.signal,
      progress: (stage) => stages.push(stage)
    });
    // What is looked at in the meantime comes, or says why it does not.
    const told = await until(
      40_000,
      () =>
        at.driver.list().then(
          () => null,
          (error: unknown) => Fault.from(error)
        ),
      (fault) => fault !== null
    );
    expect(told).toMatchObject({ code: 'busy', message: expect.stringContaining('shutting down deaf') as string });
    expect(stages).toEqual(['waiting-for-guest']);
    shutdown.abort('someone');
    expect(await refusalOf(asked)).toMatchObject({ code: 'cancelled' });
    await effectsOf(at.driver.power(deaf, 'power-off'));
    await effectsOf(at.driver.delete(deaf, true));
  });
});
