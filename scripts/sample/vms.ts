// The sample VMs: made once, through the same sealed commands an operator's browser sends.
import { Fault } from '../../src/lib/model/fault.ts';
import type { Fleet, Host } from '../../src/lib/model/fleet.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import type { Reply } from '../../src/lib/protocol/schema.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { XEN_HOST } from './hosts.ts';

type SampleVm = {
  readonly name: string;
  /** Position in the list of hosts, counted round when there are fewer; or on the Xen host alone, if there is one. */
  readonly host: number | typeof XEN_HOST.id;
  /** Default: the first of kind `kernel`. */
  readonly image?: string;
  readonly description: string;
  readonly memory: number;
  readonly disks: readonly number[];
  readonly start: boolean;
};

const VMS: readonly SampleVm[] = [
  { name: 'web-1', host: 0, description: 'Shop front', memory: 128, disks: [64], start: true },
  { name: 'db-1', host: 0, description: 'Orders', memory: 128, disks: [64, 128], start: true },
  { name: 'web-2', host: 1, description: 'Shop front', memory: 128, disks: [64], start: true },
  { name: 'mail', host: 2, description: 'Mail', memory: 128, disks: [64], start: true },
  { name: 'lab-1', host: 3, description: 'For trying things out', memory: 128, disks: [64], start: false },
  {
    name: 'edge-pv',
    host: XEN_HOST.id,
    image: 'tiny-pv',
    description: 'Paravirtual',
    memory: 128,
    disks: [64],
    start: true
  },
  { name: 'edge-pvh', host: XEN_HOST.id, image: 'tiny', description: 'PVH', memory: 128, disks: [64], start: false }
];
/** What each may grow to while it runs. Two vCPUs at first: an emulated guest cannot be given a second one later. */
const VCPUS = { now: 2, max: 4 };
const MEMORY_MAX = 512;

/**
 * Makes those sample VMs that were never made, one after another: booting is work for a small machine.
 * @param hosts those that are online, in their order
 * @param made what was made before, as `name@host`
 * @returns the same with the new ones
 */
export async function makeVms(
  client: Client,
  hosts: readonly HostId[],
  made: readonly string[],
  say: (line: string) => void
): Promise<readonly string[]> {
  const all = [...made];
  const counted = hosts.filter((id) => id !== XEN_HOST.id);
  for (const vm of VMS) {
    const id = typeof vm.host === 'number' ? counted[vm.host % counted.length] : hosts.find((each) => each === vm.host);
    const host = id === undefined ? undefined : client.fleet.hosts.get(id);
    if (host === undefined || all.some((known) => known.startsWith(`${vm.name}@`))) continue;
    if (![...host.vms.values()].some((there) => there.name === vm.name)) {
      say(`${vm.start ? 'making and starting' : 'making'} ${vm.name} on ${host.id}`);
      const refused = refusal(await make(client, host, vm));
      if (refused !== null && host.id !== XEN_HOST.id) {
        throw new Fault('internal', { reason: `sample VM ${vm.name}: ${refused}` });
      }
      // The one that is asked for beside the others does not keep them from being used.
      if (refused !== null) {
        say(`${vm.name} could not be made on ${host.id}: ${refused}`);
        continue;
      }
    }
    all.push(`${vm.name}@${host.id}`);
  }
  return all;
}

function make(client: Client, host: Host, vm: SampleVm): Promise<Reply> {
  const named = host.images.find(({ name }) => name === vm.image);
  const image = named ?? host.images.find(({ kind }) => kind === 'kernel') ?? host.images[0];
  const pool = host.pools[0];
  const network = host.networks[0];
  if (image === undefined || pool === undefined) {
    throw new Fault('not-found', { kind: image === undefined ? 'image' : 'pool', id: `any on ${host.id}` });
  }
  return client.run(host.id, 'vm.create', {
    name: vm.name,
    description: vm.description,
    tags: null,
    protected: false,
    autostart: false,
    image: image.name,
    // A Xen guest is given a second one at any time.
    vcpus: vcpus(host.id === XEN_HOST.id ? 1 : VCPUS.now),
    vcpusMax: vcpus(VCPUS.max),
    memory: mib(vm.memory),
    memoryMax: mib(MEMORY_MAX),
    start: vm.start,
    disks: vm.disks.map((capacity) => ({ pool: pool.name, capacity: mib(capacity) })),
    nics: network === undefined ? [] : [{ network: network.name }],
    userData: null,
    sshKeys: []
  });
}

const refusal = (reply: Reply): string | null =>
  reply.status === 'done' ? null : (reply.fault?.message ?? reply.status);

/** Resolves once every one of `hosts` is online with its inventory. @throws Fault `timeout` naming those that are not */
export function online(client: Client, hosts: readonly HostId[], within: number): Promise<void> {
  const absent = (fleet: Fleet): HostId[] =>
    hosts.filter((id) => {
      const host = fleet.hosts.get(id);
      return host?.link !== 'online' || host.facts === null;
    });
  return new Promise((resolve, reject) => {
    const end = client.onFleet((fleet) => {
      if (absent(fleet).length > 0) return;
      finish();
      resolve();
    });
    const timer = setTimeout(() => {
      finish();
      const names = absent(client.fleet).map((id) => `${id} (${client.fleet.hosts.get(id)?.reason ?? 'no link'})`);
      reject(new Fault('timeout', { what: `linking to ${names.join(', ')}`, after: `${within / 1000} s` }));
    }, within);
    const finish = (): void => {
      end();
      clearTimeout(timer);
    };
    if (absent(client.fleet).length === 0) {
      finish();
      resolve();
    }
  });
}
