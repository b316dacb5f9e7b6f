// What `npm start -- …` may be asked for. Anything else is a usage error that says what would have been right.
import { parseArgs } from 'node:util';
import { Fault } from '../../src/lib/model/fault.ts';

export const DRIVERS = ['auto', 'libvirt', 'simulated'] as const;
export type DriverChoice = (typeof DRIVERS)[number];
export const MAX_HOSTS = 16;

export type Options = {
  /** Null: the one of last time, else 8480 or the next free. */
  readonly port: number | null;
  /** Null: as many as last time, else four. */
  readonly hosts: number | null;
  readonly driver: DriverChoice;
  /** A real Xen host beside the others. */
  readonly withXen: boolean;
  /** Null: the default place. */
  readonly state: string | null;
  readonly reset: boolean;
};

export const HELP = `npm start -- [options]     a small fleet on this machine: one gateway, hosts on two sites, sample VMs

  --port N              where the web app is served (default: 8480, or the next free one; remembered)
  --hosts N             how many hosts, 1 to ${MAX_HOSTS} (default: 4; remembered)
  --driver DRIVER       auto | libvirt | simulated (default auto: real guests under libvirt and QEMU where possible)
  --with-xen            one real Xen host more, x1 at south: emulated, with a PV and a PVH guest (Debian or Ubuntu, as root, 2 GB
                        of memory; its image takes about a minute to build, once)
  --state DIR           where everything is kept (default: /var/lib/smps-vmm as root, else ~/.local/state/smps-vmm)
  --reset               forget what is kept there first: VMs, keys, pairings
  --help                this

Ctrl-C stops everything that was started, guests included. The next start finds the VMs and pairings again.
`;

/** Null when help was asked for. @throws Fault `usage` */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parse(args);
  if (values.help === true) return null;
  return {
    port: whole('--port', values.port, 1, 65_535),
    hosts: whole('--hosts', values.hosts, 1, MAX_HOSTS),
    driver: driver(values.driver ?? 'auto'),
    withXen: values['with-xen'] === true,
    state: directory(values.state),
    reset: values.reset === true
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        hosts: { type: 'string' },
        driver: { type: 'string' },
        'with-xen': { type: 'boolean' },
        state: { type: 'string' },
        reset: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
      }
    });
  } catch (error) {
    // Node's own messages name the flag; the first sentence says it all.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new Fault('usage', { reason: `npm start: ${reason.replace(/\.$/, '')}` }, { cause: error });
  }
}

function whole(flag: string, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Fault('usage', {
      reason: `npm start: ${flag} takes a whole number from ${min} to ${max}, not “${text}”`
    });
  }
  return value;
}

function driver(text: string): DriverChoice {
  const found = DRIVERS.find((known) => known === text);
  if (found === undefined) {
    throw new Fault('usage', { reason: `npm start: --driver takes one of ${DRIVERS.join(', ')}, not “${text}”` });
  }
  return found;
}

function directory(text: string | undefined): string | null {
  if (text === '') throw new Fault('usage', { reason: 'npm start: --state takes a directory' });
  return text ?? null;
}
