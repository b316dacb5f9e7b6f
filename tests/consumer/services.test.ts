// The package’s units run by a real systemd, as docs/OPERATING.md has them installed: an agent on this machine’s libvirt, a gateway
// beside it, and an operator who comes in through both.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hypervisorMissing } from '../../scripts/setup/hypervisor.mjs';
import { until } from '../conformance/expect.ts';
import { Booted, bootedMissing } from './booted.ts';
import { dependenciesOf, Installed } from './installed.ts';

const MODULES = '/usr/local/lib/node_modules';
const PACKAGE = `${MODULES}/smps-vmm`;
const STATE = '/var/lib/smps-agent';
const [AGENT, GATEWAY] = ['smps-agent.service', 'smps-gateway.service'];
const SETTLED = 60_000;

const missing = bootedMissing() ?? hypervisorMissing();
if (missing !== null) console.log(`no systemd of our own: ${missing}`);

/** Debian’s libvirt-daemon-system has one; of what that brings, the tests need nothing else. */
const LIBVIRTD = `[Service]
ExecStart=/usr/sbin/libvirtd
`;
/** Whoever is in the group may use it, as with Debian’s own polkit rule. */
const LIBVIRTD_CONF = ['unix_sock_group = "libvirt"', 'unix_sock_rw_perms = "0770"', 'auth_unix_rw = "none"'];

describe.runIf(missing === null)('under systemd', () => {
  let installed: Installed;
  let machine: Booted;
  beforeAll(async () => {
    installed = await Installed.pack();
    const { root } = installed;
    const modules = join(root, '..');
    const programs = ['smps', 'smps-agent', 'smps-gateway'];
    machine = await Booted.boot(
      {
        '/etc/sysusers.d/smps-agent.conf': readFileSync(
          join(root, 'host-agent/systemd/smps-agent.sysusers.conf'),
          'utf8'
        ),
        [`/etc/systemd/system/${AGENT}`]: readFileSync(join(root, 'host-agent/systemd', AGENT), 'utf8'),
        [`/etc/systemd/system/${GATEWAY}`]: readFileSync(join(root, 'gateway/systemd', GATEWAY), 'utf8'),
        '/etc/systemd/system/libvirtd.service': LIBVIRTD,
        '/etc/sysusers.d/libvirt-qemu.conf': 'u libvirt-qemu - "QEMU"\n',
        '/etc/libvirt/libvirtd.conf': `${LIBVIRTD_CONF.join('\n')}\n`,
        ...Object.fromEntries(
          programs.map((name) => [`/usr/local/bin/${name}`, [null, `${PACKAGE}/bin/${name}.mjs`]] as const)
        )
      },
      {
        [PACKAGE]: root,
        '/usr/local/bin/node': process.execPath,
        ...Object.fromEntries([...dependenciesOf(root)].map((name) => [`${MODULES}/${name}`, join(modules, name)]))
      }
    );
  });
  afterAll(async () => {
    await machine.end();
    await installed.remove();
  });

  const becomes = (unit: string, name: string, wanted: RegExp): Promise<string> =>
    until(
      SETTLED,
      () => machine.property(unit, name),
      (value) => wanted.test(value)
    );
  const log = (unit: string): Promise<string> => machine.ran('journalctl', '--output=cat', '--unit', unit);
  const logged = (unit: string, words: RegExp): Promise<string> =>
    until(
      SETTLED,
      () => log(unit),
      (said) => words.test(said)
    );
  const asAgent = (...words: readonly string[]): Promise<string> =>
    machine.ran('runuser', '-u', 'smps-agent', '--', 'smps-agent', ...words);
  /** What the kernel says of a service’s process. */
  const status = async (unit: string): Promise<(name: string) => string> => {
    const pid = await machine.property(unit, 'MainPID');
    const text = await machine.ran('cat', `/proc/${pid}/status`);
    return (name) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '';
  };

  test('the user of the agent is made, in the group of libvirt', async () => {
    expect(await machine.ran('id', '-Gn', 'smps-agent')).toMatch(/^smps-agent libvirt$/m);
  });

  test('the agent is not started where it has no state', async () => {
    await machine.ran('systemctl', 'start', 'libvirtd', AGENT);
    expect(await machine.property(AGENT, 'ConditionResult')).toBe('no');
    expect(await machine.property(AGENT, 'ActiveState')).toBe('inactive');
  });

  test('the agent listens and knows its hypervisor, with no right but its group’s', async () => {
    await machine.ran('install', '-d', '-o', 'smps-agent', '-g', 'smps-agent', '-m', '700', STATE);
    const where = ['--state', STATE, '--id', 'alpha', '--name', 'Alpha', '--site', 'north', '--address', '127.0.0.1'];
    await asAgent(
      'init',
      ...where,
      '--driver',
      'libvirt',
      '--uri',
      'qemu:///system',
      '--images',
      '/var/lib/smps-images'
    );
    await machine.ran('systemctl', 'start', AGENT);
    await logged(AGENT, /"listening"/);
    const of = await status(AGENT);
    const [user] = (await machine.ran('id', '-u', 'smps-agent')).trim().split('\n');
    expect(['Uid', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp'].map(of)).toEqual([
      user,
      '0'.repeat(16),
      '0'.repeat(16),
      '1',
      '2'
    ]);
    const { findings } = JSON.parse(
      (await machine.run('runuser', '-u', 'smps-agent', '--', 'smps-agent', 'doctor', '--json', '--state', STATE)).out
    ) as {
      findings: readonly { check: string; level: string; says: string }[];
    };
    expect(findings.find(({ check }) => check === 'libvirt')).toMatchObject({
      level: 'ok',
      says: expect.stringMatching(/^qemu:\/\/\/system answers/) as string
    });
  });

  test('an operator comes in through the gateway, which reads its key from systemd and may nothing but bind its port', async () => {
    const [pin] = (await asAgent('pin', '--state', STATE)).trim().split('\n');
    const table = { hosts: { alpha: { url: 'https://127.0.0.1:7440', pin } } };
    machine.write('/etc/smps-gateway/hosts.json', JSON.stringify(table));
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const out = ['-keyout', '/etc/smps-gateway/key.pem', '-out', '/etc/smps-gateway/cert.pem'];
    await machine.ran('openssl', 'req', '-x509', ...key, ...out, ...subject);
    await machine.ran('systemctl', 'start', GATEWAY);
    await logged(GATEWAY, /"listening","port":443/);
    const of = await status(GATEWAY);
    expect(['CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp'].map(of)).toEqual([
      '0000000000000400',
      '0000000000000400',
      '1',
      '2'
    ]);
    expect(Number(of('Uid'))).toBeGreaterThanOrEqual(61_184);

    const ticket = (await asAgent('pair', '--state', STATE)).trim();
    const smps = (...words: readonly string[]): Promise<string> =>
      machine.ran('env', 'NODE_EXTRA_CA_CERTS=/etc/smps-gateway/cert.pem', 'SMPS_HOME=/root/smps', 'smps', ...words);
    await smps('pair', '--gateway', 'https://localhost', ticket);
    const { hosts } = JSON.parse(await smps('ls', '--json', '--wait', '60')) as { hosts: readonly object[] };
    expect(hosts).toEqual([expect.objectContaining({ id: 'alpha', hypervisor: 'qemu' })]);
  });

  test('the gateway reads its table again when it is asked to, and goes on', async () => {
    const pid = await machine.property(GATEWAY, 'MainPID');
    machine.write('/etc/smps-gateway/hosts.json', '{ "hosts": {} }');
    await machine.ran('systemctl', 'reload', GATEWAY);
    await logged(GATEWAY, /table/);
    expect(await machine.property(GATEWAY, 'MainPID')).toBe(pid);
  });

  test('an agent that was killed is there again; one that is stopped ends in order', async () => {
    const pid = await machine.property(AGENT, 'MainPID');
    await machine.ran('kill', '-KILL', pid);
    await becomes(AGENT, 'NRestarts', /^1$/);
    await becomes(AGENT, 'ActiveState', /^active$/);
    expect(await machine.property(AGENT, 'MainPID')).not.toBe(pid);
    await machine.ran('systemctl', 'stop', AGENT);
    expect(await machine.property(AGENT, 'Result')).toBe('success');
    expect(await machine.property(AGENT, 'ExecMainStatus')).toBe('0');
  });

  test('a mistake in its configuration ends it for good, with what is wrong', async () => {
    await machine.ran('sed', '-i', 's/libvirt/lobvirt/', `${STATE}/agent.json`);
    await machine.ran('systemctl', 'start', AGENT);
    await becomes(AGENT, 'ActiveState', /^failed$/);
    expect(await machine.property(AGENT, 'ExecMainStatus')).toBe('2');
    expect(await machine.property(AGENT, 'NRestarts')).toBe('0');
    expect(await log(AGENT)).toContain('agent.json');
  });
});
