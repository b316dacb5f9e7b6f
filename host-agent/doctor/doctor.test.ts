import { spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { initState } from '../state.ts';
import { examine } from './doctor.ts';
import { CHECKS } from './finding.ts';
import type { Finding } from './finding.ts';
import { judgeNode } from './node-checks.ts';

let parent: string;
let state: string;
beforeEach(async () => {
  parent = await scratch();
  state = join(parent, 'n1');
});
afterEach(() => rm(parent, { recursive: true }));

const init = (kind: 'simulated' | 'libvirt', config: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
  initState(state, {
    id: hostId('n1'),
    name: 'n1',
    site: 'north',
    address: '127.0.0.1',
    port: 0,
    driver: { kind, config }
  });
const program = (...words: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../main.ts'), 'doctor', ...words], { encoding: 'utf8' });
/** A libvirt that knows nothing but itself. */
const VIRSH = `#!/bin/sh
case "$*" in
  *version*) echo 'Using library: libvirt 9.0.0'; echo 'Running hypervisor: QEMU 7.2.22' ;;
  *pool-list*) echo ' default   active   yes' ;;
  *pool-info*) printf 'Capacity:       1000\\nAvailable:      900\\n' ;;
  *net-list*) echo ' default   active   yes   yes' ;;
esac
`;

test('a simulated host needs no hypervisor', async () => {
  await init('simulated');
  const checks = (await examine(state, null)).map(({ check }) => check);
  expect(new Set(checks)).toEqual(new Set(['node', 'state', 'operators', 'clock', 'port', 'space']));
});

test('a libvirt host is looked into by all that its configuration names, in the order of the checks', async () => {
  const virsh = join(parent, 'virsh');
  await writeFile(virsh, VIRSH);
  await chmod(virsh, 0o755);
  const sockets = { directory: join(parent, 'none'), path: '/sockets' };
  await init('libvirt', {
    uri: 'qemu:///system',
    images: join(parent, 'images'),
    virsh,
    sockets,
    accelerator: 'emulated'
  });
  const found = await examine(state, null);
  const checks = found.map(({ check }) => check);
  expect(new Set(checks)).toEqual(new Set(CHECKS.filter((check) => check !== 'xen')));
  expect(checks).toEqual([...checks].sort((a, b) => CHECKS.indexOf(a) - CHECKS.indexOf(b)));
  const kinds = new Map(found.map(({ check, level }) => [check, level]));
  expect(Object.fromEntries(kinds)).toMatchObject({ libvirt: 'ok', kvm: 'ok', pools: 'ok', networks: 'ok' });
  expect(Object.fromEntries(kinds)).toMatchObject({ images: 'fail', migration: 'fail' });
});

test('the program says all of it, for programs too, and fails where something is to be mended', async () => {
  await init('simulated');
  const well = program('--state', state);
  expect(well.status).toBe(0);
  expect(well.stdout).toMatch(/^warn {2}operators +nobody is known/m);
  expect(well.stdout).toMatch(/, 0 to mend\n$/);
  const ill = program('--state', join(parent, 'none'), '--uri', `qemu:///system?socket=${parent}/none`, '--json');
  expect(ill.status).toBe(1);
  const { level, findings } = JSON.parse(ill.stdout) as { level: string; findings: readonly Finding[] };
  expect(level).toBe('fail');
  const failed = findings.filter((each) => each.level === 'fail');
  expect(failed.map(({ check }) => check)).toEqual(['state', 'libvirt']);
  expect(failed.every(({ advice }) => advice !== null)).toBe(true);
}, 30_000);

test('a Node that is too old is told from one that is not', () => {
  expect(judgeNode('24.0.0')).toMatchObject([{ level: 'ok' }]);
  expect(judgeNode('18.20.4')).toMatchObject([{ level: 'fail' }]);
});
