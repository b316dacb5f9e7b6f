// Which hosts the sample has: half of them at the site north, half at south, on the driver that this machine allows.
import { hostId } from '../../src/lib/model/ids.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { aptInstall, canInstall } from '../setup/apt.mjs';
import { HYPERVISOR_PACKAGES, hypervisorMissing, remedy } from '../setup/hypervisor.mjs';
import { Fault } from '../../src/lib/model/fault.ts';
import type { DriverChoice } from './options.ts';
import { freePort } from './ports.ts';
import { shortName } from './state.ts';
import type { HostRecord } from './state.ts';

export const DEFAULT_HOSTS = 4;
/** Below the ports that systems hand out by themselves. Each state begins elsewhere: several starts at once do not meet. */
const AGENT_PORTS = { first: 20_000, ranges: 600, each: 20 };
const firstPort = (state: string): number =>
  AGENT_PORTS.first + AGENT_PORTS.each * (Number.parseInt(shortName(state), 16) % AGENT_PORTS.ranges);

/** `n1, n2, …` at north, then `s1, …` at south; the odd one is at north. */
export function hostNames(count: number): readonly { readonly id: HostId; readonly site: string }[] {
  const north = Math.ceil(count / 2);
  return Array.from({ length: count }, (_, index) =>
    index < north
      ? { id: hostId(`n${index + 1}`), site: 'north' }
      : { id: hostId(`s${index - north + 1}`), site: 'south' }
  );
}

/** The one more of `--with-xen`: never among the counted ones. */
export const XEN_HOST = { id: hostId('x1'), site: 'south' } as const;

/** The hosts to run for the state directory `state`, each as it is known or new, on a port nothing listens on. */
export async function planHosts(
  state: string,
  known: readonly HostRecord[],
  count: number,
  driver: HostRecord['driver'],
  withXen = false
): Promise<readonly HostRecord[]> {
  const taken = new Set(known.map(({ port }) => port));
  const hosts: HostRecord[] = [];
  for (const { id, site } of [...hostNames(count), ...(withXen ? [XEN_HOST] : [])]) {
    const old = known.find((host) => host.id === id);
    if (old !== undefined) taken.delete(old.port);
    const port = await freePort(old?.port ?? firstPort(state), taken);
    taken.add(port);
    hosts.push({ id, name: id, site, driver: old?.driver ?? (id === XEN_HOST.id ? 'libvirt' : driver), port });
  }
  return hosts;
}

/**
 * The driver for this start. With `auto` real guests are preferred: installed for where that may be done, and else
 * simulated hosts with one sentence that says why and what to do.
 * @param known what the hosts of this state directory have been so far, null for a new one
 * @throws Fault `unsupported` when libvirt was asked for and cannot be, `usage` when the state is of the other kind
 */
export async function chooseDriver(
  choice: DriverChoice,
  known: HostRecord['driver'] | null,
  say: (line: string) => void
): Promise<HostRecord['driver']> {
  if (known !== null && choice !== 'auto' && choice !== known) {
    throw new Fault('usage', {
      reason: `npm start: the hosts kept there are ${known}; use another --state, or --reset to forget them`
    });
  }
  if (known === 'simulated' && choice === 'auto') {
    const first = hypervisorMissing() === null ? '' : `${remedy()}, and `;
    say(`hosts are simulated, as they were made; for real ones ${first}begin anew with: npm start -- --reset`);
  }
  const wanted = known ?? choice;
  if (wanted === 'simulated') return 'simulated';
  if (hypervisorMissing() !== null && canInstall()) {
    await aptInstall(HYPERVISOR_PACKAGES, 'real guests need libvirt and QEMU (23 MB)').catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
    });
  }
  const reason = hypervisorMissing();
  if (reason === null) return 'libvirt';
  if (wanted === 'libvirt') {
    throw new Fault('unsupported', { what: 'real guests here', reason, instead: `${remedy()}; or --driver simulated` });
  }
  say(`hosts are simulated, because ${reason}; for real ones ${remedy()}`);
  return 'simulated';
}
