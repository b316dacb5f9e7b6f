// Fleets as columns for tests: only what a test names is not plain.
import {
  HOST_ONLINE,
  SHARE_WIDTH,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WIDTH,
  textsOf
} from '../../src/lib/plugin/columns.ts';
import type { Columns, Rule } from '../../src/lib/plugin/columns.ts';

/** Amounts in the order of the columns; what is left out is 0, of a host boundless. */
export type Amounts = readonly number[];
export type SomeHost = {
  readonly room?: Amounts;
  readonly safe?: Amounts;
  readonly site?: number;
  readonly flags?: number;
};
export type SomeVm = {
  readonly on: number;
  readonly needs?: Amounts;
  readonly mib?: number;
  readonly flags?: number;
  readonly may?: readonly number[];
  /** Weight, cap, least cap, CPU wanted; left out: zeros. */
  readonly share?: readonly number[];
};

const BOUNDLESS = 1e9;

/** Hosts are named `h0`, `h1`, …; VMs `v0`, …; sites `s0`, …. `may`: the hosts a VM may be on. */
export function someColumns(hosts: readonly SomeHost[], vms: readonly SomeVm[], rules: readonly Rule[] = []): Columns {
  const rows = <Item>(items: readonly Item[], amounts: (item: Item) => Amounts, otherwise: number): Float64Array =>
    Float64Array.from(items.flatMap((item) => Array.from({ length: WIDTH }, (_, r) => amounts(item)[r] ?? otherwise)));
  const capacity = rows(hosts, ({ room }) => room ?? [], BOUNDLESS);
  const sites = hosts.reduce((most, { site }) => Math.max(most, (site ?? 0) + 1), 0);
  const masks = [
    hosts.map(() => 1),
    ...vms.map(({ may }) => hosts.map((_, host) => (may === undefined || may.includes(host) ? 1 : 0)))
  ];
  return {
    at: 0,
    hosts: hosts.length,
    hostId: textsOf(hosts.map((_, host) => `h${host}`)),
    hostName: textsOf(hosts.map((_, host) => `h${host}`)),
    hostSite: Int32Array.from(hosts, ({ site }) => site ?? 0),
    siteName: Array.from({ length: sites }, (_, site) => `s${site}`),
    hostFlags: Uint8Array.from(hosts, ({ flags }) => flags ?? HOST_ONLINE),
    capacity,
    safety: rows(hosts, ({ safe, room }) => safe ?? room ?? [], BOUNDLESS),
    base: new Float64Array(hosts.length * WIDTH),
    idleWatts: new Float64Array(hosts.length).fill(100),
    vms: vms.length,
    vmId: textsOf(vms.map((_, vm) => `id-${vm}`)),
    vmName: textsOf(vms.map((_, vm) => `v${vm}`)),
    vmFlags: Uint8Array.from(vms, ({ on, flags }) => flags ?? (on < 0 ? VM_NEW | VM_MOVABLE : VM_RUNNING | VM_MOVABLE)),
    vmHost: Int32Array.from(vms, ({ on }) => on),
    demand: rows(vms, ({ needs }) => needs ?? [], 0),
    share: Int32Array.from(vms.flatMap(({ share }) => Array.from({ length: SHARE_WIDTH }, (_, i) => share?.[i] ?? 0))),
    moveMib: Float64Array.from(vms, ({ mib, needs }) => mib ?? needs?.[1] ?? 0),
    tagName: [],
    vmTag: new Int32Array(0),
    vmTagStart: new Int32Array(vms.length + 1),
    vmMask: Int32Array.from(vms, ({ may }, vm) => (may === undefined ? 0 : vm + 1)),
    masks: Uint8Array.from(masks.flat()),
    rules
  };
}
