import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import { judgeKvm } from './kvm-checks.ts';
import type { KvmProbe } from './kvm-checks.ts';
import { judgeXen, probeXen, xlNames } from './xen-checks.ts';
import type { XenProbe } from './xen-checks.ts';

describe('KVM', () => {
  const NONE: KvmProbe = { wanted: 'auto', device: false, offered: false, boots: null };
  test.each<[KvmProbe, string]>([
    [{ ...NONE, device: true, offered: true, boots: true }, 'ok a guest booted by it'],
    [{ ...NONE, wanted: 'emulated' }, 'ok not wanted: agent.json says that guests are emulated'],
    [NONE, 'warn there is no /dev/kvm: guests are emulated, and slow'],
    [{ ...NONE, wanted: 'kvm' }, 'fail there is no /dev/kvm: agent.json demands it, so no VM will start'],
    [{ ...NONE, device: true }, 'warn libvirt does not offer KVM: guests are emulated, and slow'],
    [{ ...NONE, device: null }, 'warn libvirt does not offer KVM: guests are emulated, and slow'],
    [
      { ...NONE, device: true, offered: true, boots: false },
      'warn libvirt offers KVM, but a guest did not come up by it: guests are emulated, and slow'
    ]
  ])('%j', (probe, said) => {
    expect(judgeKvm(probe).map(({ level, says }) => `${level} ${says}`)).toEqual([said]);
  });
});

describe('Xen', () => {
  const INFO = `release                : 6.1.0-41-amd64
nr_cpus                : 2
total_memory           : 1023
free_memory            : 236
xen_scheduler          : credit2
xen_version            : 4.17.6-pre
xen_commandline        : placeholder dom0_mem=700M,max:700M console=com1
`;
  const XL = `Name                                        ID   Mem VCPUs\tState\tTime(s)
Domain-0                                     0   700     2     r-----      41.2
my guest                                     3   128     1     -b----       4.0
other                                        4   128     2     -b----       1.5
`;
  const answer = (out: string, status: number | null = 0, found = true) => ({ found, status, out, err: '', ms: 1 });
  const DOM0: XenProbe = {
    capabilities: 'control_d\n',
    daemons: ['oxenstored', 'xenconsoled'],
    info: answer(INFO),
    autoballoon: null,
    domains: { xl: ['other'], libvirt: ['other', 'off'] }
  };
  const ROOT = { uid: 0, name: 'root' };
  const judged = (more: Partial<XenProbe>, who = ROOT): readonly string[] =>
    judgeXen({ ...DOM0, ...more }, who).map(({ level, says }) => `${level} ${says}`);

  test('a dom0 that lacks nothing is described', () => {
    expect(judged({})).toEqual([
      'ok dom0 of Xen 4.17.6-pre, 2 CPUs, scheduler credit2, 236 of 1023 MiB free',
      'ok the memory of dom0 is its own: guests get what Xen has free'
    ]);
  });

  test.each<[string, Partial<XenProbe>, string]>([
    ['no Xen', { capabilities: null }, 'fail this kernel does not run under Xen, or /proc/xen is not mounted'],
    ['a guest', { capabilities: '' }, 'fail this is a guest of Xen, not its dom0'],
    ['no xenstored', { daemons: ['xenconsoled'] }, 'fail xenstored does not run: no guest can be started'],
    ['no xenconsoled', { daemons: ['xenstored'] }, 'warn xenconsoled does not run: guests have no serial console'],
    ['no xl', { info: answer('', null, false), domains: null }, 'warn this is a dom0, but there is no xl'],
    [
      'xl that fails',
      { info: { ...answer('', 1), err: 'xc: version mismatch' } },
      'fail xl info fails: xc: version mismatch'
    ],
    [
      'a dom0 that balloons',
      { info: answer(INFO.replace(/dom0_mem=\S+ /, '')) },
      'warn starting guests take memory from dom0, down to where it has too little to work'
    ],
    [
      'a dom0 that balloons because libvirt is told so',
      { autoballoon: true },
      'warn starting guests take memory from dom0, down to where it has too little to work'
    ],
    [
      'guests of xl',
      { domains: { xl: ['a', 'b'], libvirt: ['b'] } },
      'warn libvirt does not know a, made with xl: read-only here'
    ]
  ])('%s is told', (_, more, said) => {
    expect(judged(more)).toContain(said);
  });

  test('that xl answers root only is no fault of who may use libvirt alone', () => {
    expect(judged({ info: answer('', 1), domains: null }, { uid: 996, name: 'smps-agent' })).toEqual([
      'ok this is a dom0; as xl answers root only, VMs that xl made are not seen by this user'
    ]);
  });

  describe('is looked into', () => {
    let root: string;
    beforeEach(async () => {
      root = `${await scratch()}/`;
    });
    afterEach(() => rm(root, { recursive: true }));
    const put = async (path: string, content: string): Promise<void> => {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), content);
    };

    test('by what the kernel, its processes and libvirt’s settings say', async () => {
      await put('proc/xen/capabilities', 'control_d\n');
      await put('proc/17/comm', 'oxenstored\n');
      await put('proc/18/comm', 'cron\n');
      await put('etc/libvirt/libxl.conf', '# autoballoon = 1\nautoballoon = 0\n');
      const probe = await probeXen('virsh', ['-c', 'xen:///system'], root);
      expect(probe).toMatchObject({ capabilities: 'control_d\n', daemons: ['oxenstored'], autoballoon: false });
    });
    test('where it is not', async () => {
      expect(await probeXen('virsh', [], root)).toMatchObject({ capabilities: null, daemons: [], autoballoon: null });
    });
    test('and the names of guests are read as xl prints them, blanks and all', () => {
      expect(xlNames(XL)).toEqual(['my guest', 'other']);
    });
  });
});
