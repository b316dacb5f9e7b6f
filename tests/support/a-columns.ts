// A fleet as columns, of any size, without meaning: hosts of two sites, VMs of one size dealt out to them.
import { HOST_ONLINE, SHARE_WIDTH, VM_MOVABLE, VM_RUNNING, WIDTH, textsOf } from '../../src/lib/plugin/columns.ts';
import type { Columns } from '../../src/lib/plugin/columns.ts';

const CAPACITY = [64, 262_144, 4_194_304, 32_000, 500_000, 1_250_000];
const DEMAND = [1, 2_048, 20_480, 400, 800, 1_500];
const TAGS = ['db', 'web', 'mail', 'gold'];

export function columnsOf(hosts: number, vms: number): Columns {
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
  const rows = (count: number, row: readonly number[]): Float64Array =>
    Float64Array.from({ length: count * WIDTH }, (_, at) => row[at % WIDTH] ?? 0);
  return {
    at: 1_764_000_000_000,
    hosts,
    hostId: textsOf(names('h', hosts)),
    hostName: textsOf(names('host', hosts)),
    hostSite: Int32Array.from({ length: hosts }, (_, host) => host % 2),
    siteName: ['north', 'south'],
    hostFlags: new Uint8Array(hosts).fill(HOST_ONLINE),
    capacity: rows(hosts, CAPACITY),
    safety: rows(hosts, CAPACITY),
    base: new Float64Array(hosts * WIDTH),
    idleWatts: new Float64Array(hosts).fill(100),
    vms,
    vmId: textsOf(names('00000000-0000-4000-8000', vms)),
    vmName: textsOf(names('vm', vms)),
    vmFlags: new Uint8Array(vms).fill(VM_RUNNING | VM_MOVABLE),
    vmHost: Int32Array.from({ length: vms }, (_, vm) => vm % hosts),
    demand: rows(vms, DEMAND),
    share: new Int32Array(vms * SHARE_WIDTH),
    moveMib: new Float64Array(vms).fill(2_048),
    tagName: TAGS,
    vmTag: Int32Array.from({ length: vms }, (_, vm) => vm % TAGS.length),
    vmTagStart: Int32Array.from({ length: vms + 1 }, (_, vm) => vm),
    vmMask: new Int32Array(vms),
    masks: new Uint8Array(hosts).fill(1),
    rules: []
  };
}
