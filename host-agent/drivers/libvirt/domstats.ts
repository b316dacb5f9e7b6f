// Parses `virsh domstats --raw`: figures per domain, keyed by name. Keys: libvirt's virConnectGetAllDomainStats.
import type { VmState } from '../../../src/lib/model/fleet.ts';
import { UUID } from '../../../src/lib/model/ids.ts';

export type Figures = ReadonlyMap<string, string>;

/** The groups that both the list and the loads need; `--nowait`: a guest that hangs must not hang the list. */
export const DOMSTATS = 'domstats --raw --nowait --state --cpu-total --balloon --vcpu --block --interface';
/** What of it is told of one VM; the rest is in its XML, and each group is a question to its QEMU. */
export const VMSTATS = 'domstats --raw --nowait --state --balloon --block';

/** What of it the daemon knows without asking QEMU. */
export const STATESTATS = 'domstats --raw --nowait --state';

/** What of it says how far a change of memory has come. */
export const MEMSTATS = 'domstats --raw --nowait --state --balloon';

/** The ids of domains whose memory libvirt keeps in a file; domstats' own reason of it is forgotten with the daemon. */
export const SAVED_LIST = 'list --all --with-managed-save --uuid';
export const idsIn = (text: string): ReadonlySet<string> =>
  new Set(text.split('\n').flatMap((line) => (UUID.test(line.trim()) ? line.trim() : [])));

/** The ids of domains that start with their host. */
export const AUTOSTART_LIST = 'list --all --autostart --uuid';

const SAVED = 'saved';
/** The figures of a domain that is among them. */
export const withSaved = (figures: Figures | null): Figures => new Map([...(figures ?? []), [SAVED, '1']]);
export const isSaved = (figures: Figures | null): boolean => figures?.has(SAVED) === true;

export function parseDomstats(text: string): ReadonlyMap<string, Figures> {
  const domains = new Map<string, Map<string, string>>();
  let figures: Map<string, string> | null = null;
  for (const line of text.split('\n')) {
    const head = /^Domain: '(.*)'$/.exec(line);
    if (head?.[1] !== undefined) {
      figures = new Map();
      domains.set(head[1], figures);
      continue;
    }
    const at = line.indexOf('=');
    if (figures !== null && line.startsWith('  ') && at > 2) figures.set(line.slice(2, at), line.slice(at + 1));
  }
  return domains;
}

/** A whole figure, or null when it is not there. */
export function figure(figures: Figures | null, key: string): number | null {
  const text = figures?.get(key);
  return text !== undefined && /^\d{1,18}$/.test(text) ? Number(text) : null;
}

/** Values of `block.N.NAME` or `net.N.NAME` in order. */
export function column(figures: Figures | null, group: 'block' | 'net', name: string): (string | null)[] {
  const count = Math.min(figure(figures, `${group}.count`) ?? 0, 256);
  return Array.from({ length: count }, (_, index) => figures?.get(`${group}.${index}.${name}`) ?? null);
}

/** virDomainState and its reasons (libvirt-domain.h). @param saved its memory is kept in a file */
export function stateOf(state: number | null, reason: number | null, saved = false): VmState {
  switch (state) {
    case 1: // running
    case 2: // blocked: Xen's word for a guest that waits for events
      return 'running';
    case 3: // paused
      return reason === 2 ? 'moving' : reason === 11 ? 'starting' : 'paused';
    case 4: // in shutdown
      return 'stopping';
    case 5: // shut off
      if (saved) return 'saved';
      return reason === 3 ? 'crashed' : 'off';
    case 6:
      return 'crashed';
    case 7: // suspended by its own power management
      return 'paused';
    default:
      return 'unknown';
  }
}
