// The doctor in the domain 0 of a real Xen host: of one that is well, and of one where guests were made with xl and a daemon is gone.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../host-agent/doctor/finding.ts';
import { Dom0Agent } from './dom0-agent.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

describe('the doctor in domain 0', () => {
  let host: XenHost;
  let agent: Dom0Agent;
  beforeAll(async () => {
    host = await startXenHost({ name: 'doctor', progress: (line) => console.log(line) });
    agent = await Dom0Agent.install(host, 'x');
  });
  afterAll(() => host.stop());

  const examined = async (): Promise<readonly Finding[]> => {
    const { findings } = JSON.parse(await agent.run('doctor', '--json')) as {
      findings: readonly Finding[];
    };
    return findings;
  };
  const of = (findings: readonly Finding[], check: Finding['check']): readonly string[] =>
    findings.filter((finding) => finding.check === check).map(({ level, says }) => `${level} ${says}`);

  it('knows its host by what Xen, libvirt and the file system say', async () => {
    const found = await examined();
    expect(found.filter(({ level }) => level === 'fail')).toEqual([]);
    expect(of(found, 'libvirt')).toEqual([
      expect.stringMatching(/^ok xen:\/\/\/system answers: libvirt [\d.]+, Xen 4\./)
    ]);
    expect(of(found, 'xen')).toEqual([
      expect.stringMatching(/^ok dom0 of Xen 4\.[\d.]+\S*, \d+ CPUs, scheduler credit, \d+ of \d+ MiB free$/),
      'ok the memory of dom0 is its own: guests get what Xen has free'
    ]);
    expect(of(found, 'pools')).toEqual(['ok local']);
    expect(of(found, 'networks')).toEqual(['ok bridged']);
    expect(of(found, 'images')).toEqual([`ok 2 in ${host.images}`]);
    expect(of(found, 'kvm')).toEqual([]);
  });

  it('tells of guests of xl, and of a daemon that is gone', async () => {
    const config = `name="byhand"\ntype="pv"\nmemory=128\nkernel="${host.images}/tiny/vmlinux"\nramdisk="${host.images}/tiny/initramfs"\n`;
    await host.ssh('cat > /root/byhand.cfg && xl create -q -p /root/byhand.cfg && kill "$(pidof xenconsoled)"', config);
    const xen = of(await examined(), 'xen');
    expect(xen).toContain('warn libvirt does not know byhand, made with xl: read-only here');
    expect(xen).toContain('warn xenconsoled does not run: guests have no serial console');
  });
});
