// Figures of domains where libvirt has no domstats (its Xen driver): from the queries it has there, in domstats' own keys.
// Two are more than those: `vcpu.online`, how many vCPUs the guest has brought online as the hypervisor counts, and its instant.
// vcpuinfo calls offline also a vCPU that only waits for a CPU of the host: while one is called so, the number is absent. dominfo's
// “CPU(s)” is what libvirt has asked for, dommemstat's “available” the maximum: neither is used.
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { DomainXml } from './domain-xml.ts';
import type { Figures } from './domstats.ts';
import { quote } from './virsh.ts';

/** virsh's words for virDomainState and, where they matter, for its reasons (libvirt-domain.h). */
const STATES: Readonly<Record<string, { readonly code: number; readonly reasons?: Readonly<Record<string, number>> }>> =
  {
    running: { code: 1 },
    idle: { code: 2 },
    paused: { code: 3, reasons: { migrating: 2, 'starting up': 11 } },
    'in shutdown': { code: 4 },
    'shut off': { code: 5, reasons: { crashed: 3 } },
    crashed: { code: 6 },
    pmsuspended: { code: 7 }
  };

/** What is asked of a domain at each look: state, memory, vCPUs online. Of one that does not run, or is `quiet`, the first alone. */
export const looksAt = (id: VmId, active: boolean): readonly string[] => [
  `domstate --reason ${id}`,
  ...(active ? [`dommemstat ${id}`, `vcpuinfo ${id}`] : [])
];

/** @param answers to `looksAt`; null when the first is none. @param at ms since the epoch */
export function parseLook([state = '', memory = '', vcpus = '']: readonly string[], at: number): Figures | null {
  const [, word = '', reason = ''] = /^([a-z ]+?)(?: \(([a-z ]+)\))?\s*$/.exec(state.trim()) ?? [];
  if (word === '') return null;
  // A domain that is on no CPU at this instant has “no state”: it runs.
  const known = STATES[word] ?? (word === 'no state' ? STATES.idle : undefined);
  const figures = new Map<string, string>();
  if (known === undefined) return figures;
  figures.set('state.state', String(known.code));
  const code = known.reasons?.[reason];
  if (code !== undefined) figures.set('state.reason', String(code));
  const given = /^actual (\d{1,15})$/m.exec(memory)?.[1];
  if (given !== undefined) figures.set('balloon.current', given);
  const states = [...vcpus.matchAll(/^State:\s+(\S+)$/gm)].map(([, each]) => each);
  // Of a domain that has just ended there are none of these words.
  if (states.length > 0 && states.every((each) => each === 'running' || each === 'blocked')) {
    figures.set('vcpu.online', String(states.length));
    figures.set('vcpu.online-at', String(at));
  }
  return figures;
}

/** What of a running domain counts up: its CPU time, its disks, and those NICs that the host has a device for. */
export const countersOf = (id: VmId, live: Pick<DomainXml, 'disks' | 'nics'> | null): readonly string[] => [
  cpuTimeOf(id),
  ...(live?.disks ?? []).filter(isCounted).map(({ target }) => `domblkstat ${id} ${quote(target)}`),
  // One that was attached while it ran has no device in libvirt's eyes, and no counters.
  ...(live?.nics ?? []).flatMap(({ device }) => (device === null ? [] : `domifstat ${id} ${quote(device)}`))
];

export const cpuTimeOf = (id: VmId): string => `cpu-stats --total ${id}`;

const isCounted = ({ device }: { readonly device: string }): boolean => device === 'disk';

/**
 * @param answers to `countersOf` of the same domain. A disk or NIC that gave no answer is not among those counted; with no
 * answer from any of its NICs a domain has no `net.*`.
 */
export function parseCounters(answers: readonly string[]): Figures {
  const figures = new Map<string, string>();
  const cpu = parseCpuTime(answers[0] ?? '');
  if (cpu !== null) figures.set('cpu.time', String(cpu));
  let [blocks, nets] = [0, 0];
  for (const answer of answers.slice(1)) {
    const field = (name: string): string | undefined => new RegExp(`^\\S+ ${name} (\\d{1,18})$`, 'm').exec(answer)?.[1];
    const put = (key: string, value: string | undefined): void => {
      if (value !== undefined) figures.set(key, value);
    };
    const [read, received] = [field('rd_bytes'), field('rx_bytes')];
    if (read !== undefined) {
      put(`block.${blocks}.rd.bytes`, read);
      put(`block.${blocks++}.wr.bytes`, field('wr_bytes'));
    }
    if (received !== undefined) {
      put(`net.${nets}.rx.bytes`, received);
      put(`net.${nets++}.tx.bytes`, field('tx_bytes'));
    }
  }
  if (blocks > 0) figures.set('block.count', String(blocks));
  if (nets > 0) figures.set('net.count', String(nets));
  return figures;
}

/** Nanoseconds, of what `cpu-stats --total` prints; null when it is no answer. */
export function parseCpuTime(text: string): number | null {
  const [, seconds, fraction = ''] = /^\s*cpu_time\s+(\d{1,9})\.(\d{1,9}) seconds$/m.exec(text) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1e9 + Number(fraction.padEnd(9, '0'));
}
