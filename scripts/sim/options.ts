// What `npm run sim -- …` may be asked for. Anything else is a usage error that says what would have been right.
import { parseArgs } from 'node:util';
import { Fault } from '../../src/lib/model/fault.ts';

export const MAX_HOSTS = 2_000;
export const MAX_VMS = 100_000;
/** An inventory is one message of at most 4 MiB: about 1.2 KiB for each VM with its volume. */
export const MAX_ON_ONE = 3_000;

export type SimOptions = {
  /** 0: any free port. */
  readonly port: number;
  readonly hosts: number;
  readonly vms: number;
  readonly sites: number;
  readonly seed: number;
  /** Changes a second. */
  readonly churn: number;
  readonly flap: boolean;
  readonly hostileNames: boolean;
  /** VMs of one more host; null: there is none. */
  readonly oneHost: number | null;
  /** Milliseconds from one change to the next of a VM whose name is the instant of the change; null: there is none. */
  readonly mark: number | null;
  /** The hosts' clocks stand still, and with them all loads. */
  readonly still: boolean;
};

export const HELP = `npm run sim -- [options]     a simulated fleet behind a real gateway, with real sealed links

  --hosts N             1 to ${MAX_HOSTS} (default: 1000)
  --vms N               on all of them together, to ${MAX_VMS} (default: 20 for each host)
  --sites N             (default: one for each hundred hosts, at least two)
  --seed N              the same seed gives the same hosts and VMs, though not the same keys (default: 1)
  --churn N             changes a second, to 10000: states, sizes, descriptions, moves between hosts (default: 5).
                        Loads come beside that, every 2 s from every host that somebody watches
  --flap                one more host, whose links end every second
  --hostile-names       some hosts, sites and VMs have names meant to break what shows them
  --one-host N          one more host, with N VMs, to ${MAX_ON_ONE}
  --mark MS             one more VM whose name is the instant of its last change: what measures delays looks for it
  --still               the clocks of the hosts stand still, and with them every load: for pictures
  --port N              where the web app is served (default: 8490)
  --help                this

A line “admit KEY” on its standard input makes the operator with that public key known to every host, as admin, and is
answered by a line “smps: admitted KEY”.

Nothing is kept: keys, journals and VMs are new at every start, and every host says that it is simulated.
Ctrl-C stops everything.
`;

/** Null when help was asked for. @throws Fault `usage` */
export function parseSimOptions(args: readonly string[]): SimOptions | null {
  const { values } = parse(args);
  if (values.help === true) return null;
  const hosts = whole('--hosts', values.hosts, 1, MAX_HOSTS) ?? 1_000;
  return {
    port: whole('--port', values.port, 0, 65_535) ?? 8_490,
    hosts,
    vms: whole('--vms', values.vms, 0, MAX_VMS) ?? hosts * 20,
    sites: whole('--sites', values.sites, 1, hosts) ?? Math.min(hosts, Math.max(2, Math.round(hosts / 100))),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1) ?? 1,
    churn: whole('--churn', values.churn, 0, 10_000) ?? 5,
    flap: values.flap === true,
    hostileNames: values['hostile-names'] === true,
    oneHost: whole('--one-host', values['one-host'], 0, MAX_ON_ONE),
    mark: whole('--mark', values.mark, 20, 60_000),
    still: values.still === true
  };
}

function parse(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        port: text,
        hosts: text,
        vms: text,
        sites: text,
        seed: text,
        churn: text,
        flap: { type: 'boolean' },
        'hostile-names': { type: 'boolean' },
        'one-host': text,
        mark: text,
        still: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
      }
    });
  } catch (error) {
    // Node's own messages name the flag; the first sentence says it all.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new Fault('usage', { reason: `npm run sim: ${reason.replace(/\.$/, '')}` }, { cause: error });
  }
}

function whole(flag: string, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Fault('usage', {
      reason: `npm run sim: ${flag} takes a whole number from ${min} to ${max}, not “${text}”`
    });
  }
  return value;
}
