// The doctor at a real libvirt: what it says of one that is well, of one without pools and networks, and of one that has gone.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../host-agent/doctor/doctor.ts';
import type { Finding } from '../../host-agent/doctor/finding.ts';
import { initState } from '../../host-agent/state.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';

describe.runIf(hasLibvirt)('the doctor', () => {
  let subject: LibvirtSubject;
  let parent: string;
  let state: string;
  beforeAll(async () => {
    subject = await libvirtSubject(98);
    parent = await mkdtemp(join(tmpdir(), 'smps-doctor-'));
    state = join(parent, 'state');
    await initState(state, {
      id: hostId('doctor'),
      name: 'Doctor',
      site: 'north',
      address: '127.0.0.1',
      port: 0,
      driver: { kind: 'libvirt', config: { uri: subject.uri, images: subject.images, sockets: subject.sockets } }
    });
  });
  afterAll(async () => {
    await subject.close();
    await rm(parent, { recursive: true });
  });

  const of = async (check: Finding['check']): Promise<readonly Finding[]> =>
    (await examine(state, null)).filter((finding) => finding.check === check);

  test('finds a host that is well to be so, and what its guests run on', async () => {
    const found = await examine(state, null);
    expect(found.filter(({ level }) => level === 'fail')).toEqual([]);
    const says = (check: Finding['check']): string => found.find((finding) => finding.check === check)?.says ?? '';
    expect(says('libvirt')).toMatch(/answers: libvirt \d+\.\d+\.\d+, QEMU \d+/);
    expect(says('images')).toBe(`1 in ${subject.images}`);
    expect(found.some(({ check }) => check === 'kvm')).toBe(true);
    expect(found.some(({ check, says }) => check === 'space' && says.includes(`pool ${subject.pool}`))).toBe(true);
  }, 60_000);

  test('names a pool that is not active', async () => {
    await subject.virsh('pool-destroy', subject.pool);
    const [found] = await of('pools');
    await subject.virsh('pool-start', subject.pool);
    expect(found).toMatchObject({ level: 'warn', says: expect.stringContaining(subject.pool) as string });
  }, 60_000);

  test('says what to do about a libvirt that has gone', async () => {
    const gone = subject.uri.replace(/socket=.*/, `socket=${parent}/none`);
    const [found] = (await examine(state, gone)).filter(({ check }) => check === 'libvirt');
    expect(found).toMatchObject({ level: 'fail', advice: expect.stringContaining('libvirtd') as string });
    expect(found?.says).toContain('No such file or directory');
  }, 60_000);
});
