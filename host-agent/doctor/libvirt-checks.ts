// Whether libvirt answers under its URI, and if not, why; and how long it takes.
import { stat } from 'node:fs/promises';
import { isLocal } from '../drivers/libvirt/uri.ts';
import { connection } from '../drivers/libvirt/virsh.ts';
import { ask, complaint } from './ask.ts';
import type { Answer } from './ask.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Looker } from './target.ts';

export type LibvirtProbe = {
  readonly uri: string;
  readonly program: string;
  /** To `virsh version`. */
  readonly version: Answer;
  /** Milliseconds of `virsh list --all`, each; empty where libvirt does not answer. */
  readonly queries: readonly number[];
  /** Whether the hypervisor is Xen and this its dom0; null where it is another machine. */
  readonly dom0: boolean | null;
};

const QUERIES = 3;
/** Milliseconds. A change asks several times; the screen is a second behind what others do from here on. */
const SLOW = 1_000;

/** @param root for tests */
export async function probeLibvirt(uri: string, program = 'virsh', root = '/'): Promise<LibvirtProbe> {
  const version = await ask(program, [...connection(uri), 'version'], 30_000);
  const queries: number[] = [];
  while (version.status === 0 && queries.length < QUERIES) {
    queries.push((await ask(program, [...connection(uri), 'list', '--all'], 30_000)).ms);
  }
  const xen = await stat(`${root}proc/xen/capabilities`).catch(() => null);
  return { uri, program, version, queries, dom0: isLocal(uri) ? xen !== null : null };
}

export const answers = ({ version }: LibvirtProbe): boolean => version.status === 0;

export function judgeLibvirt(probe: LibvirtProbe, looker: Looker): readonly Finding[] {
  const { uri, program, version } = probe;
  if (!version.found) {
    const advice = 'apt install libvirt-clients, or name the program as “virsh” in the driver’s part of agent.json';
    return [fail('libvirt', `there is no program ${program}`, advice)];
  }
  if (version.status !== 0) {
    const reason = complaint(version);
    return [fail('libvirt', `${uri} does not answer: ${reason}`, remedy(probe, reason, looker))];
  }
  const line = (name: string): string => new RegExp(`^${name}: (.{1,80})$`, 'm').exec(version.out)?.[1] ?? 'unknown';
  return [
    ok('libvirt', `${uri} answers: ${line('Using library')}, ${line('Running hypervisor')}`),
    ...judgeQueries(probe.queries)
  ];
}

function judgeQueries(queries: readonly number[]): readonly Finding[] {
  const middle = [...queries].sort((a, b) => a - b)[Math.floor(queries.length / 2)];
  if (middle === undefined) return [];
  const says = `a query takes ${middle} ms`;
  return middle < SLOW
    ? [ok('query', says)]
    : [warn('query', says, 'look for what loads this machine or the way to the hypervisor (top, ping)')];
}

/** What each of libvirt’s own reasons calls for. */
function remedy({ uri, dom0 }: LibvirtProbe, reason: string, { name }: Looker): string {
  const xen = uri.startsWith('xen');
  if (
    /no polkit agent|access denied by policy|authentication (failed|unavailable|required)|Permission denied$/i.test(
      reason
    )
  ) {
    return uri.includes('+ssh')
      ? `let ${name} in there by a key of its own, without a passphrase that nobody types (ssh-copy-id)`
      : `usermod -aG libvirt ${name}, then start the agent anew; without such a group, a polkit rule that allows org.libvirt.unix.manage to ${name}`;
  }
  if (/libxenlight state driver is not active/.test(reason)) {
    return dom0 === false
      ? 'this machine does not run under Xen: boot its Xen entry, or drive it as qemu:///system'
      : 'libvirtd looked for Xen before Xen’s daemons ran: systemctl start xen (Debian), then systemctl restart libvirtd';
  }
  if (/no connection driver available/.test(reason)) {
    return `apt install libvirt-daemon-driver-${xen ? 'xen' : 'qemu'}, then systemctl restart libvirtd`;
  }
  if (/No such file or directory|Connection refused/.test(reason)) {
    return /:\/\/[^/?]/.test(uri)
      ? 'start libvirtd there, and let it listen for this transport'
      : 'systemctl enable --now libvirtd (where libvirt is split into daemons: virtqemud, virtxend)';
  }
  if (/Host key verification failed/.test(reason)) return `run ssh once as ${name} to that host, and accept its key`;
  return `look at what virsh -c ${uri} version says, and at the log of libvirtd (journalctl -u libvirtd)`;
}
