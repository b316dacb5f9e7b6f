import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { vmId } from '../../../src/lib/model/ids.ts';
import { UNATTENDED } from '../control.ts';
import type { Domain } from './domains.ts';
import { LibvirtHost } from './host.ts';
import { settle } from './refusal.ts';
import { save } from './save.ts';
import { directoryOf, SavedTimes } from './saved-times.ts';

let config: string;
beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'smps-saved-'));
  vi.stubEnv('XDG_CONFIG_HOME', config);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(config, { recursive: true });
});

const id = vmId('6c2e1b7a-0d43-4a0b-9d6e-0f6f3a1c5b01');
const running: Domain = {
  id,
  name: 'large',
  state: 'running',
  autostart: false,
  // Of 8 EiB it has touched 4.
  figures: new Map([
    ['balloon.current', String(2 ** 53)],
    ['balloon.rss', String(2 ** 52)]
  ]),
  live: null,
  inactive: null,
  texts: ['', '']
};

test('a VM with more memory in use than its host has disk is refused before anything is asked of libvirt', async () => {
  // No virsh is there to be asked.
  const host = new LibvirtHost({ uri: 'qemu:///session', images: config, virsh: join(config, 'no-virsh') });
  const outcome = await settle(() => save(host, running, UNATTENDED));
  host.close();
  expect(outcome).toMatchObject({
    status: 'refused',
    fault: { code: 'no-space', detail: { need: `${2 ** 42} MiB`, free: expect.stringMatching(/^\d+ MiB$/) as string } }
  });
});

test.each([
  ['xen:///system', '/var/lib/libvirt/libxl/save'],
  ['qemu:///system', '/var/lib/libvirt/qemu/save'],
  ['xen+tcp://192.0.2.1/system', null],
  ['qemu+unix:///session?socket=/run/x/libvirt-sock', null]
])('libvirt at %s keeps memory in %s', (uri, directory) => {
  expect(directoryOf(uri)).toBe(directory);
});

test('since when a VM is saved its file tells, else what was seen, and of one that is not saved nothing', async () => {
  const times = new SavedTimes('qemu:///session');
  const [named, gone] = [
    { id, name: 'kept', state: 'saved' },
    { id: vmId('6c2e1b7a-0d43-4a0b-9d6e-0f6f3a1c5b02'), name: 'gone', state: 'saved' }
  ] as const;
  expect(times.directory).toBe(join(config, 'libvirt/qemu/save'));
  await mkdir(times.directory ?? '', { recursive: true });
  const file = join(times.directory ?? '', 'kept.save');
  await writeFile(file, 'memory');
  await utimes(file, 1_700_000_000, 1_700_000_000);
  await times.look([named, gone]);
  expect([times.of(named), times.of(gone)]).toEqual([1_700_000_000_000, null]);
  expect([await times.isKept(named), await times.isKept(gone)]).toEqual([true, false]);
  expect(await new SavedTimes('xen+tcp://192.0.2.1/system').isKept(named)).toBeNull();
  times.note(gone.id);
  await times.look([named, gone]);
  expect(Math.abs((times.of(gone) ?? 0) - Date.now())).toBeLessThan(60_000);
  await times.look([{ ...named, state: 'running' }]);
  expect(times.of({ ...named, state: 'running' })).toBeNull();
});
