// A PVH guest moves between two real Xen hosts, through the agents' halves of a move as on any host: it is the guest it was, by its own
// words, and whatever ends on the way it runs on exactly one of the two.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Control } from '../../host-agent/drivers/control.ts';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { until } from '../conformance/expect.ts';
import { migrationLab } from '../support/migration-lab.ts';
import type { MigrationLab, Movable } from '../support/migration-lab.ts';
import { dom0Ground } from './dom0-ground.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

const run = promisify(execFile);
const GUEST = '5a1f0c1e-0000-4000-8000-0000000000aa' as VmId;
const NAME = 'mover';
/** ms; emulated and busy, 96 MiB take minutes. */
const BOOT = 150_000;
const SENT = 400_000;
/** QEMU's SVM crashes guests while they boot, and while they run: each time a new one is begun. */
const GUESTS = 6;

/** What the guest says every two seconds: it is this boot, for so many seconds. */
type Words = { readonly boot: string; readonly uptime: number };

describe('a PVH guest that moves between Xen hosts', () => {
  let dir = '';
  let source: XenHost;
  let target: XenHost;
  let lab: MigrationLab<Movable>;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'smps-xen-move-'));
    [source, target] = await Promise.all([startXenHost({ name: 'from' }), startXenHost({ name: 'to' })]);
    lab = await migrationLab(subject(source), subject(target));
    await writeFile(join(dir, 'guest.xml'), guest(source.images));
  });
  afterAll(async () => {
    await lab.close();
    await Promise.all([source.stop(), target.stop()]);
    await rm(dir, { recursive: true });
  });

  const virsh = async (host: XenHost, ...args: string[]): Promise<string> =>
    (await run('virsh', ['-q', '-c', host.uri, ...args])).stdout;
  const said = async (host: XenHost): Promise<readonly Words[]> =>
    [...(await host.guestConsole(NAME)).matchAll(/^WORDS ([0-9a-f-]{36}) ([\d.]+)\r?$/gm)].map(([, boot = '', up]) => ({
      boot,
      uptime: Number(up)
    }));
  /** As Xen has it: `-b----`; '' when it has none. */
  const flags = async (host: XenHost): Promise<string> =>
    / (\S{6}) +[\d.]+\s*$/m.exec(await host.ssh(`xl list ${NAME} 2>/dev/null || :`))?.[1] ?? '';
  const later = (host: XenHost, than: Words): Promise<unknown> =>
    until(
      BOOT,
      () => said(host),
      (all) => all.some(({ boot, uptime }) => boot === than.boot && uptime > than.uptime)
    );

  const crashed = async (): Promise<boolean> => {
    const logs = await Promise.all([source, target].map((host) => host.guestConsole(NAME)));
    return logs.some((log) => /Kernel panic|Oops|BUG:|general protection/.test(log));
  };
  /** What the guest of the test before said last, if it is well. */
  const alive = async (): Promise<Words | null> =>
    (await flags(source)) === '' || (await crashed()) ? null : ((await said(source)).at(-1) ?? null);
  const begin = async (): Promise<Words> => {
    for (const host of [source, target]) {
      for (const word of ['destroy', 'undefine']) await virsh(host, word, GUEST).catch(() => undefined);
      await host.ssh(`: >/var/log/xen/console/guest-${NAME}.log`);
    }
    await virsh(source, 'define', join(dir, 'guest.xml'));
    await virsh(source, 'autostart', GUEST);
    await virsh(source, 'start', GUEST);
    const first = await until(
      BOOT,
      async () => (await said(source))[0] ?? ((await flags(source)) === '' || (await crashed()) ? 'crashed' : null),
      (found) => found !== null
    );
    if (first === null || first === 'crashed') throw new Error('it has not booted');
    return first;
  };
  /** Does `work` with a guest that has just booted; with another one when QEMU has made that one crash, or hang at its boot. */
  const withGuest = async (work: (first: Words) => Promise<void>): Promise<void> => {
    for (let left = GUESTS - 1; ; left--) {
      const first = (await alive()) ?? (await begin().catch(() => null));
      if (first === null && left > 0) continue;
      if (first === null) throw new Error(`none of ${GUESTS} guests has booted`);
      try {
        await work(first);
        return;
      } catch (thrown) {
        if (left === 0 || !(await crashed())) throw thrown;
      }
    }
  };
  /** Begins to move it. @param onShare of what is sent, 0 to 1 */
  const move = async (
    onShare: (share: number, abort: AbortController) => void
  ): Promise<Outcome<readonly Effect[]> | Error> => {
    const vm = await lab.source.driver.get(GUEST);
    if (vm === null) throw new Error('it is not there');
    const abort = new AbortController();
    const progress: Control['progress'] = (_, share) => onShare(share ?? 0, abort);
    return lab
      .move(GUEST, await lab.permit(vm), { signal: abort.signal, progress })
      .catch((thrown: unknown) => thrown as Error);
  };

  it(
    'stays where it is when that is cancelled on the way, and goes on',
    async () => {
      await withGuest(async (first) => {
        const outcome = await move((share, abort) => {
          if (share > 0.1) abort.abort('Ada');
        });
        expect(outcome).toMatchObject({ status: 'refused', fault: { code: 'cancelled', detail: { by: 'Ada' } } });
        const [last = first] = (await said(source)).slice(-1);
        await later(source, last);
        expect(await virsh(source, 'domstate', GUEST)).toContain('running');
        expect(await flags(target)).toBe('');
        expect(await virsh(target, 'list', '--all', '--name')).not.toContain(NAME);
        expect(await lab.target.driver.get(GUEST)).toBeNull();
        expect(await lab.source.driver.get(GUEST)).toMatchObject({ autostart: true });
      });
    },
    2 * SENT
  );

  it(
    'goes on where it was when libvirt’s client dies with all of it sent, and both hosts keep it still',
    async () => {
      await withGuest(async (first) => {
        const at = { begun: false, pid: 0, over: false };
        const moving = move((share) => {
          if (share <= 0.1 || at.begun) return;
          at.begun = true;
          void moverPid(source).then((pid) => {
            process.kill(pid, 'SIGSTOP');
            at.pid = pid;
          });
        }).finally(() => (at.over = true));
        await until(
          SENT,
          async () => [await flags(source), await flags(target), await jobs(source, target)],
          ([here, there, held]) => at.over || (here === '---ss-' && there === '--p---' && held === 'waits')
        );
        const [last = first] = (await said(source)).slice(-1);
        expect(at).toMatchObject({ over: false, pid: expect.any(Number) as number });
        if (at.pid > 0) process.kill(at.pid, 'SIGKILL');
        const outcome = await moving;
        expect(outcome).toMatchObject({
          code: 'hypervisor',
          message: expect.stringContaining('it goes on here') as string
        });
        await later(source, last);
        expect(await virsh(source, 'domstate', GUEST)).toContain('running');
        expect(await virsh(source, 'domjobinfo', GUEST)).toMatch(/None/);
        expect(await flags(target)).toBe('');
      });
    },
    2 * SENT
  );

  it(
    'is there the guest it was, and nothing of it stays behind',
    async () => {
      await withGuest(async (first) => {
        const shares: number[] = [];
        const outcome = await move((share) => shares.push(share));
        expect(outcome).toMatchObject({
          status: 'done',
          value: [{ resource: 'existence', by: 'hypervisor', note: expect.stringContaining('stood still') as string }]
        });
        expect(shares.some((share) => share > 0 && share < 1)).toBe(true);
        const [last = first] = (await said(source)).slice(-1);
        expect(last.boot).toBe(first.boot);
        await later(target, last);
        expect(await flags(source)).toBe('');
        expect(await virsh(source, 'list', '--all', '--name')).not.toContain(NAME);
        expect(await virsh(target, 'dominfo', GUEST)).toMatch(/Persistent:\s+yes/);
        expect(await lab.target.driver.get(GUEST)).toMatchObject({
          name: NAME,
          state: 'running',
          kind: 'pvh',
          autostart: true
        });
        expect(await source.ssh('ls /etc/libvirt/libxl/autostart')).toBe('');
      });
    },
    2 * SENT
  );

  /** The source’s daemon has no more to send: its half of the move waits for how it ended. */
  const jobs = async (...hosts: XenHost[]): Promise<string> => {
    const infos = await Promise.all(hosts.map((host) => virsh(host, 'domjobinfo', GUEST).catch(() => '')));
    const sending = await source.ssh(
      'ss -Htn state established 2>/dev/null | grep -cE "127.0.0.1:([6-9]..|10..)( |$)" || :'
    );
    return infos.every((info) => /Unbounded/.test(info)) && sending.trim() === '0' ? 'waits' : 'sends';
  };
});

const subject = (host: XenHost): Movable => {
  const driver = libvirtDriver({ uri: host.uri, images: host.images }, dom0Ground(host));
  return { driver, close: () => driver.close() };
};

/** The virsh that moves the guest from this host, past the program that starts it. */
async function moverPid(host: XenHost): Promise<number> {
  for (const name of await readdir('/proc')) {
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (/(^|\/)virsh$/.test(words[0] ?? '') && words.includes('migrate') && words.includes(host.uri))
      return Number(name);
  }
  throw new Error('no virsh moves anything');
}

/** One that does nothing but say who it is: the less runs in it, the fewer crash. */
const guest = (images: string): string => `<domain type='xen'><name>${NAME}</name><uuid>${GUEST}</uuid>
  <memory unit='MiB'>96</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='xenpvh'>xenpvh</type><kernel>${images}/tiny/vmlinux</kernel>
    <initrd>${images}/tiny/initramfs</initrd>
    <cmdline>console=hvc0 quiet rdinit=/bin/sh panic=-1 mitigations=off cryptomgr.notests random.trust_cpu=on -- -c "mount -t proc p /proc; read id &lt;/proc/sys/kernel/random/boot_id; while sleep 2; do read up rest &lt;/proc/uptime; echo WORDS $id $up; done"</cmdline></os>
  <on_reboot>destroy</on_reboot><on_crash>destroy</on_crash><devices><console type='pty'/></devices></domain>`;
