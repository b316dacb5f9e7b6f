// A fleet as columns: what a scheduler is handed, cloned into its sandbox in a few milliseconds where objects take a
// quarter of a second. Hosts and VMs are indices, 0 and up; amounts are whole numbers, so that sums are exact.

/** Resources, in the order of the columns, each with its unit. */
export const RESOURCES = ['vcpus', 'memory', 'disk', 'cpu', 'diskIo', 'net'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Virtual CPUs given out. A host's capacity is its CPUs times the overcommit. */
export const VCPUS = 0;
/** Memory given out, MiB. Stays occupied at home while a VM moves. */
export const MEMORY = 1;
/** Disk space, MiB. Stays occupied at home while a VM moves. */
export const DISK = 2;
/** Measured processor load, thousandths of a CPU. */
export const CPU = 3;
/** Measured disk traffic, read and written, KiB/s. */
export const DISK_IO = 4;
/** Measured network traffic, both ways, KiB/s. */
export const NET = 5;
/** How many: the width of a row of `demand`, `capacity` and the like. */
export const WIDTH = RESOURCES.length;
/** How many of them, the first ones, never go over the capacity: vcpus, memory, disk. */
export const HARD = 3;

/** Bits of `hostFlags`. */
export const HOST_ONLINE = 1;
/** Nothing may come here; what runs here may be asked to leave. */
export const HOST_MAINTENANCE = 2;
/** Of the simulated driver. */
export const HOST_SIMULATED = 4;

/** The share of its CPUs that a running VM gets can be changed. */
export const HOST_SHARES = 8;

/** A row of `share`: what a VM gets of the CPUs of its host. Against other VMs, 1 to 65,535; 0: not known. */
export const SHARE_WEIGHT = 0;
/** The most it gets, percent of one CPU; 0: no cap. */
export const SHARE_CAP = 1;
/** The least cap that a plan may give it, where its tags say that it yields; 0: no plan changes its share. */
export const SHARE_LEAST = 2;
/** What it is expected to use where it has no cap, thousandths of a CPU. */
export const SHARE_WANTED = 3;
/** How many: the width of a row of `share`. */
export const SHARE_WIDTH = 4;

/** Bits of `vmFlags`. */
export const VM_RUNNING = 1;
/** May be moved: it runs on a host that can be reached, nothing pins it, and the operator's scope includes it. */
export const VM_MOVABLE = 2;
/** Not there yet: to be placed. Its `vmHost` is -1. */
export const VM_NEW = 4;

/** Many short texts as one, which is cloned in one piece: text `i` ends before `ends[i]`. */
export type Texts = { readonly text: string; readonly ends: Int32Array };

/**
 * What has to hold between VMs. `apart`: no two on one host. `spread`: on at least `least` sites. `near`: all at one site.
 * `together`: all on one host. `needs`: where (at which site) one of `vms` is, one of `of` is too.
 */
export type Rule =
  | { readonly kind: 'apart' | 'near' | 'together'; readonly name: string; readonly vms: Int32Array }
  | { readonly kind: 'spread'; readonly name: string; readonly vms: Int32Array; readonly least: number }
  | { readonly kind: 'needs'; readonly name: string; readonly vms: Int32Array; readonly of: Int32Array };

/** Columns are row after row: `demand[vm * WIDTH + MEMORY]`. Nothing in it is ever changed. */
export type Columns = {
  /** Milliseconds since 1970. */
  readonly at: number;

  readonly hosts: number;
  readonly hostId: Texts;
  readonly hostName: Texts;
  /** Index of a site, for each host. */
  readonly hostSite: Int32Array;
  readonly siteName: readonly string[];
  readonly hostFlags: Uint8Array;
  /** `hosts x WIDTH`: hard for vcpus, memory and disk; nominal for the measured ones. */
  readonly capacity: Float64Array;
  /** `hosts x WIDTH`: load above costs. */
  readonly safety: Float64Array;
  /** `hosts x WIDTH`: in use, but not by a VM in these columns. */
  readonly base: Float64Array;
  /** Watts a host takes more while any VM runs on it than when off; length `hosts`. */
  readonly idleWatts: Float64Array;

  readonly vms: number;
  readonly vmId: Texts;
  readonly vmName: Texts;
  readonly vmFlags: Uint8Array;
  /** Index of the host a VM is on; -1 for a new one. */
  readonly vmHost: Int32Array;
  /** `vms x WIDTH`: a VM that is off demands disk only; of measured ones, what is to be expected (average and peak). */
  readonly demand: Float64Array;
  /** `vms x SHARE_WIDTH`: what it gets of its host's CPUs; a VM that is off or new has zeros. */
  readonly share: Int32Array;
  /** MiB a move of the VM copies: memory in use, and disks that are not shared. */
  readonly moveMib: Float64Array;

  /** Tags of VM `v`: `tagName[vmTag[i]]` for `i` from `vmTagStart[v]` to before `vmTagStart[v + 1]`. */
  readonly tagName: readonly string[];
  readonly vmTag: Int32Array;
  readonly vmTagStart: Int32Array;

  /** Row of `masks` that says where a VM may be: hypervisor, networks, and tags that pin or exclude. */
  readonly vmMask: Int32Array;
  /** `rows x hosts`: 1 where it may be. */
  readonly masks: Uint8Array;

  readonly rules: readonly Rule[];
};

/** @param index of the text */
export function textAt({ text, ends }: Texts, index: number): string {
  return text.slice(index === 0 ? 0 : ends[index - 1]!, ends[index]);
}

export function textsOf(texts: readonly string[]): Texts {
  const ends = new Int32Array(texts.length);
  let end = 0;
  for (const [index, text] of texts.entries()) ends[index] = end += text.length;
  return { text: texts.join(''), ends };
}
