// Whether this is the dom0 of a Xen host, with the services its guests need, and who gives them memory.
import { readFile, readdir } from 'node:fs/promises';
import { ask, complaint } from './ask.ts';
import type { Answer } from './ask.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Looker } from './target.ts';

export type XenProbe = {
  /** /proc/xen/capabilities; null: the kernel does not run under Xen, or xenfs is not mounted. */
  readonly capabilities: string | null;
  /** Of Xen’s daemons, those that run. */
  readonly daemons: readonly string[];
  /** To `xl info`, which only root may ask. */
  readonly info: Answer;
  /** `autoballoon` of /etc/libvirt/libxl.conf; null: it is not set, or the file cannot be read. */
  readonly autoballoon: boolean | null;
  /** Names `xl list` and `virsh list --all` have; null where xl cannot be asked. */
  readonly domains: { readonly xl: readonly string[]; readonly libvirt: readonly string[] } | null;
};

const DAEMONS = ['xenstored', 'oxenstored', 'xenconsoled'];

/** @param virsh words before the command @param root for tests */
export async function probeXen(program: string, virsh: readonly string[], root = '/'): Promise<XenProbe> {
  const text = (path: string): Promise<string | null> => readFile(`${root}${path}`, 'utf8').catch(() => null);
  const capabilities = await text('proc/xen/capabilities');
  const info = await ask('xl', ['info']);
  const set = /^\s*autoballoon\s*=\s*([01])\s*$/m.exec((await text('etc/libvirt/libxl.conf')) ?? '')?.[1];
  const autoballoon = set === undefined ? null : set === '1';
  const xl = info.status === 0 ? await ask('xl', ['list']) : null;
  const known = xl?.status === 0 ? await ask(program, [...virsh, 'list', '--all', '--name']) : null;
  const domains = xl !== null && known?.status === 0 ? { xl: xlNames(xl.out), libvirt: lines(known.out) } : null;
  return { capabilities, daemons: await daemons(root), info, autoballoon, domains };
}

const lines = (text: string): readonly string[] => text.split('\n').flatMap((line) => line.trim() || []);
/** Of what `xl list` prints: the header, dom0, and what is renamed while it restarts are no guests. */
export const xlNames = (text: string): readonly string[] =>
  lines(text)
    .slice(1)
    .flatMap((line) => /^(\S.*?)\s+\d+\s+\d+\s+\d+\s+\S+\s+[\d.]+$/.exec(line)?.[1] ?? [])
    .filter((name) => name !== 'Domain-0' && name !== '(null)');

async function daemons(root: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of await readdir(`${root}proc`).catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const comm = await readFile(`${root}proc/${name}/comm`, 'utf8').catch(() => '');
    if (DAEMONS.includes(comm.trim())) found.add(comm.trim());
  }
  return [...found].sort();
}

export function judgeXen(probe: XenProbe, looker: Looker): readonly Finding[] {
  const { capabilities, daemons: running } = probe;
  if (capabilities === null) {
    const advice =
      'boot the Xen entry of the boot menu (apt install xen-system-amd64); under Xen: mount -t xenfs xenfs /proc/xen';
    return [fail('xen', 'this kernel does not run under Xen, or /proc/xen is not mounted', advice)];
  }
  if (!/\bcontrol_d\b/.test(capabilities)) {
    const advice = 'run the agent in the dom0, or beside the host with a URI like xen+ssh://root@DOM0/system';
    return [fail('xen', 'this is a guest of Xen, not its dom0', advice)];
  }
  const found: Finding[] = [];
  if (!running.some((name) => name.endsWith('xenstored'))) {
    found.push(
      fail(
        'xen',
        'xenstored does not run: no guest can be started',
        'systemctl start xen (Debian), elsewhere xenstored'
      )
    );
  }
  if (!running.includes('xenconsoled')) {
    found.push(
      warn(
        'xen',
        'xenconsoled does not run: guests have no serial console',
        'systemctl start xen (Debian), elsewhere xenconsoled'
      )
    );
  }
  return [...found, ...judgeInfo(probe, looker), ...judgeMemory(probe), ...judgeForeign(probe)];
}

const field = (info: Answer, name: string): string | null =>
  new RegExp(`^${name}\\s*: (.{0,2000})$`, 'm').exec(info.out)?.[1]?.trim() ?? null;

function judgeInfo({ info }: XenProbe, looker: Looker): readonly Finding[] {
  if (!info.found) {
    return [
      warn(
        'xen',
        'this is a dom0, but there is no xl',
        'apt install xen-utils; VMs that xl made are not seen without it'
      )
    ];
  }
  if (info.status !== 0 && looker.uid !== 0) {
    // Nothing to mend: least privilege has this price.
    return [ok('xen', 'this is a dom0; as xl answers root only, VMs that xl made are not seen by this user')];
  }
  if (info.status !== 0) {
    return [
      fail(
        'xen',
        `xl info fails: ${complaint(info)}`,
        'see whether the versions of Xen and xen-utils agree: xl dmesg, dpkg -l "xen-*"'
      )
    ];
  }
  const value = (name: string): string => field(info, name) ?? '?';
  return [
    ok(
      'xen',
      `dom0 of Xen ${value('xen_version')}, ${value('nr_cpus')} CPUs, scheduler ${value('xen_scheduler')}, ${value('free_memory')} of ${value('total_memory')} MiB free`
    )
  ];
}

/** As libvirt decides it (libxlGetAutoballoonConf): its own setting, else whether dom0 was given a fixed memory. */
const FIXED = /(^| )dom0_mem=((|min:|max:)[0-9]+[bBkKmMgG]?,?)+($| )/;

function judgeMemory({ info, autoballoon }: XenProbe): readonly Finding[] {
  const line = info.status === 0 ? field(info, 'xen_commandline') : null;
  if (autoballoon === null && line === null) return [];
  const balloons = autoballoon ?? !FIXED.test(line ?? '');
  if (!balloons) return [ok('xen', 'the memory of dom0 is its own: guests get what Xen has free')];
  const advice =
    'give dom0 a fixed memory: dom0_mem=2G,max:2G in GRUB_CMDLINE_XEN of /etc/default/grub, update-grub, and reboot; autoballoon = 0 in /etc/libvirt/libxl.conf';
  return [warn('xen', 'starting guests take memory from dom0, down to where it has too little to work', advice)];
}

function judgeForeign({ domains }: XenProbe): readonly Finding[] {
  if (domains === null) return [];
  const foreign = domains.xl.filter((name) => !domains.libvirt.includes(name));
  if (foreign.length === 0) return [];
  const names = foreign.slice(0, 8).join(', ') + (foreign.length > 8 ? ', …' : '');
  const advice =
    'to adopt one: virsh domxml-from-native --format xen-xl FILE.cfg > vm.xml, shut it down, virsh define vm.xml';
  return [warn('xen', `libvirt does not know ${names}, made with xl: read-only here`, advice)];
}
