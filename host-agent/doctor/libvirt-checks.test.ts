import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import { judgeLibvirt, probeLibvirt } from './libvirt-checks.ts';
import type { LibvirtProbe } from './libvirt-checks.ts';

const WHO = { uid: 996, name: 'smps-agent' };
let directory: string;
beforeEach(async () => {
  directory = await scratch();
});
afterEach(() => rm(directory, { recursive: true }));

/** A virsh that says what libvirt 9.0 said. */
async function virsh(script: string): Promise<string> {
  const program = join(directory, 'virsh');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  return program;
}
const says = (reason: string): string =>
  `echo 'error: failed to connect to the hypervisor' >&2; echo "error: ${reason}" >&2; exit 1`;

test('one that answers says what it is, and how long a query takes', async () => {
  const program = await virsh("echo 'Using library: libvirt 9.0.0'; echo 'Running hypervisor: Xen 4.17.0'");
  const found = judgeLibvirt(await probeLibvirt('xen:///system', program), WHO);
  expect(found.map(({ level, says }) => `${level} ${says}`)).toEqual([
    'ok xen:///system answers: libvirt 9.0.0, Xen 4.17.0',
    expect.stringMatching(/^ok a query takes \d+ ms$/) as string
  ]);
});

test('a slow one is said to be slow, by the middle of its times', () => {
  const version = { found: true, status: 0, out: '', err: '', ms: 1 };
  const probe: LibvirtProbe = {
    uri: 'xen:///system',
    program: 'virsh',
    version,
    queries: [9000, 1500, 20],
    dom0: true
  };
  expect(judgeLibvirt(probe, WHO)[1]).toMatchObject({ check: 'query', level: 'warn', says: 'a query takes 1500 ms' });
});

test('a program that is not there is to be installed', async () => {
  const [only, ...more] = judgeLibvirt(await probeLibvirt('qemu:///system', join(directory, 'none')), WHO);
  expect(only).toMatchObject({ level: 'fail', advice: expect.stringContaining('libvirt-clients') as string });
  expect(more).toEqual([]);
});

describe('of one that does not answer, the reason is said, and what to do', () => {
  const CASES: readonly [uri: string, reason: string, advice: string][] = [
    [
      'qemu:///system',
      "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
      'enable --now libvirtd'
    ],
    [
      'qemu:///system',
      "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
      'usermod -aG libvirt smps-agent'
    ],
    [
      'qemu:///system',
      "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
      'usermod -aG libvirt smps-agent'
    ],
    ['xen:///system', 'no connection driver available for xen:///system', 'libvirt-daemon-driver-xen'],
    ['xen:///system', 'internal error: libxenlight state driver is not active', 'does not run under Xen'],
    ['xen+tcp://10.0.0.9/system', 'internal error: libxenlight state driver is not active', 'restart libvirtd'],
    ['qemu:///system', 'no connection driver available for qemu:///system', 'libvirt-daemon-driver-qemu'],
    [
      'xen+tcp://10.0.0.9/system',
      "unable to connect to server at '10.0.0.9:16509': Connection refused",
      'start libvirtd there'
    ],
    ['xen+ssh://root@h/system', 'Cannot recv data: Host key verification failed.', 'accept its key'],
    [
      'xen+ssh://root@h/system',
      'Cannot recv data: root@h: Permission denied (publickey,password).: authentication failed',
      'ssh-copy-id'
    ],
    ['qemu:///system', 'something nobody has heard of', 'journalctl -u libvirtd']
  ];
  test.each(CASES)('%s: %s', async (uri, reason, advice) => {
    const program = await virsh(says(reason));
    const [only] = judgeLibvirt(await probeLibvirt(uri, program, `${directory}/`), WHO);
    expect(only).toMatchObject({ check: 'libvirt', level: 'fail', says: `${uri} does not answer: ${reason}` });
    expect(only?.advice).toContain(advice);
  });
});
