// Where disks and networks of new VMs come from: libvirt's pools and networks, and whether they outlast a reboot.
import { connection } from '../drivers/libvirt/virsh.ts';
import { ask } from './ask.ts';
import type { Answer } from './ask.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

export type Resource = { readonly name: string; readonly active: boolean; readonly autostart: boolean };
/** Null where libvirt did not say. */
export type ResourceProbe = readonly Resource[] | null;

export const probePools = async (uri: string, program = 'virsh'): Promise<ResourceProbe> =>
  resourcesIn(await ask(program, [...connection(uri), 'pool-list', '--all']));
export const probeNetworks = async (uri: string, program = 'virsh'): Promise<ResourceProbe> =>
  resourcesIn(await ask(program, [...connection(uri), 'net-list', '--all']));

/** Lines like “ default   inactive   no          yes”; names have no blanks in libvirt. */
function resourcesIn({ status, out }: Answer): ResourceProbe {
  if (status !== 0) return null;
  return out.split('\n').flatMap((line) => {
    const [, name, state, autostart] = /^\s*(\S+)\s+(active|inactive)\s+(yes|no)\b/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, active: state === 'active', autostart: autostart === 'yes' }];
  });
}

type Kind = {
  readonly check: 'pools' | 'networks';
  readonly noun: string;
  readonly prefix: string;
  readonly without: string;
  readonly make: string;
};
const POOLS: Kind = {
  check: 'pools',
  noun: 'storage pool',
  prefix: 'pool',
  without: 'a VM can be given no disk',
  make: 'virsh pool-define-as default dir --target /var/lib/libvirt/images, then pool-build, pool-start and pool-autostart default'
};
const NETWORKS: Kind = {
  check: 'networks',
  noun: 'network',
  prefix: 'net',
  without: 'a VM can be given no network interface',
  make: 'define one over a bridge of this machine (docs/OPERATING.md, “A bridge for the guests”), then virsh net-start and net-autostart'
};

/** @param demanded pools that agent.json has the agent make */
export const judgePools = (probe: ResourceProbe, demanded: readonly string[] = []): readonly Finding[] =>
  judge(POOLS, probe, demanded);
export const judgeNetworks = (probe: ResourceProbe): readonly Finding[] => judge(NETWORKS, probe, []);

function judge(kind: Kind, probe: ResourceProbe, demanded: readonly string[]): readonly Finding[] {
  const { check, noun, prefix } = kind;
  if (probe === null) {
    const driver = check === 'pools' ? 'storage' : 'network';
    return [
      fail(
        check,
        `libvirt cannot list its ${noun}s`,
        `look for its ${driver} driver: apt install libvirt-daemon-system, journalctl -u libvirtd`
      )
    ];
  }
  const quoted = (some: readonly Resource[]): string => some.map(({ name }) => name).join(', ');
  const active = probe.filter((each) => each.active);
  const idle = probe.filter((each) => !each.active);
  const forgotten = active.filter((each) => !each.autostart && !demanded.includes(each.name));
  const found: Finding[] = [];
  const without = active.length === 0 && demanded.length === 0;
  if (idle.length > 0) {
    const says = `not active: ${quoted(idle)}${without ? `; ${kind.without}` : ''}`;
    found.push(warn(check, says, `virsh ${prefix}-start NAME, or ${prefix}-undefine what is not wanted`));
  } else if (without) found.push(warn(check, `there is no ${noun}: ${kind.without}`, kind.make));
  if (forgotten.length > 0) {
    found.push(warn(check, `gone after a reboot: ${quoted(forgotten)}`, `virsh ${prefix}-autostart NAME`));
  }
  return found.length > 0
    ? found
    : [ok(check, active.length > 0 ? quoted(active) : `the agent makes ${demanded.join(', ')}`)];
}
