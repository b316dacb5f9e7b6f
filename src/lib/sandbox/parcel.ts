// A fleet in one piece of memory: written in a fraction of the time that cloning it takes, and handed on without being copied again.
// The columns that are read from it lie in it.
import type { Columns, Rule } from '../plugin/columns.ts';

export type Parcel = {
  readonly memory: ArrayBuffer;
  /** Elements of each array that lies in `memory`, one behind the other: numbers of eight bytes first, then those of four and of one. */
  readonly eights: readonly number[];
  readonly fours: readonly number[];
  readonly ones: readonly number[];
  /** How many letters, which lie behind the numbers, a byte each; those of a text with others in it are themselves here. */
  readonly texts: readonly (number | string)[];
  readonly plain: Pick<Columns, 'at' | 'hosts' | 'vms' | 'siteName' | 'tagName'>;
};

/** What is to be written, still as it was. */
export type Load = {
  readonly eights: readonly Float64Array[];
  readonly fours: readonly Int32Array[];
  readonly ones: readonly Uint8Array[];
  readonly texts: readonly string[];
  readonly plain: Parcel['plain'];
  /** Bytes of memory it takes. */
  readonly bytes: number;
};

const KINDS: readonly Rule['kind'][] = ['apart', 'near', 'together', 'spread', 'needs'];

export function loadOf(columns: Columns): Load {
  const { at, hosts, vms, siteName, tagName } = columns;
  const { hostId, hostName, vmId, vmName } = columns;
  const rules = written(columns.rules);
  const load = {
    eights: [columns.capacity, columns.safety, columns.base, columns.idleWatts, columns.demand, columns.moveMib],
    fours: [
      ...[columns.hostSite, columns.vmHost, columns.vmTag, columns.vmTagStart, columns.vmMask, columns.share],
      ...[hostId.ends, hostName.ends, vmId.ends, vmName.ends],
      ...rules.fours
    ],
    ones: [columns.hostFlags, columns.vmFlags, columns.masks, rules.kinds],
    texts: [hostId.text, hostName.text, vmId.text, vmName.text, rules.names],
    plain: { at, hosts, vms, siteName, tagName }
  };
  const length = (all: readonly { readonly length: number }[]): number => all.reduce((sum, one) => sum + one.length, 0);
  const bytes = 8 * length(load.eights) + 4 * length(load.fours) + length(load.ones) + length(load.texts);
  return { ...load, bytes };
}

/** @param memory of `load.bytes` or more */
export function packed({ eights, fours, ones, texts, plain }: Load, memory: ArrayBuffer): Parcel {
  let at = 0;
  const write = (rows: Float64Array | Int32Array | Uint8Array): number => {
    const to = new (rows.constructor as typeof Uint8Array)(memory, at, rows.length);
    to.set(rows);
    at += to.byteLength;
    return rows.length;
  };
  const encoder = new TextEncoder();
  const writeText = (text: string): number | string => {
    // Exactly as many bytes as there are letters: nothing else fits.
    const to = new Uint8Array(memory, at, text.length);
    if (encoder.encodeInto(text, to).read < text.length) return text;
    at += text.length;
    return text.length;
  };
  return {
    ...{ eights: eights.map(write), fours: fours.map(write), ones: ones.map(write), texts: texts.map(writeText) },
    ...{ plain, memory }
  };
}

export function unpacked({ memory, eights, fours, ones, texts, plain }: Parcel): Columns {
  let at = 0;
  const read = <Rows extends Float64Array | Int32Array | Uint8Array>(
    kind: new (memory: ArrayBuffer, at: number, length: number) => Rows,
    length: number
  ): Rows => {
    const rows = new kind(memory, at, length);
    at += rows.byteLength;
    return rows;
  };
  const [capacity, safety, base, idleWatts, demand, moveMib] = eights.map((length) => read(Float64Array, length));
  const [hostSite, vmHost, vmTag, vmTagStart, vmMask, share, hostIds, hostNames, vmIds, vmNames, ...ofRules] =
    fours.map((length) => read(Int32Array, length));
  const [hostFlags, vmFlags, masks, kinds] = ones.map((length) => read(Uint8Array, length));
  const decoder = new TextDecoder();
  const [hostId, hostName, vmId, vmName, names] = texts.map((text) =>
    typeof text === 'string' ? text : decoder.decode(read(Uint8Array, text))
  );
  return {
    ...plain,
    ...{ hostSite: hostSite!, hostFlags: hostFlags!, capacity: capacity!, safety: safety!, base: base! },
    ...{ idleWatts: idleWatts!, vmFlags: vmFlags!, vmHost: vmHost!, demand: demand!, moveMib: moveMib! },
    ...{ vmTag: vmTag!, vmTagStart: vmTagStart!, vmMask: vmMask!, masks: masks!, share: share! },
    hostId: { text: hostId!, ends: hostIds! },
    hostName: { text: hostName!, ends: hostNames! },
    vmId: { text: vmId!, ends: vmIds! },
    vmName: { text: vmName!, ends: vmNames! },
    rules: rulesIn(kinds!, names!, ofRules)
  };
}

type WrittenRules = { readonly kinds: Uint8Array; readonly names: string; readonly fours: readonly Int32Array[] };

/** One after another, of each: where its name ends, its VMs, those it needs; the least number of sites; then all VMs. */
function written(rules: readonly Rule[]): WrittenRules {
  const count = rules.length;
  const [kinds, least] = [new Uint8Array(count), new Int32Array(count)];
  const [nameEnds, vmEnds, ofEnds] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  let [names, vms, needed] = ['', 0, 0];
  for (const [at, rule] of rules.entries()) {
    kinds[at] = KINDS.indexOf(rule.kind);
    names += rule.name;
    nameEnds[at] = names.length;
    vmEnds[at] = vms += rule.vms.length;
    ofEnds[at] = needed += rule.kind === 'needs' ? rule.of.length : 0;
    least[at] = rule.kind === 'spread' ? rule.least : 0;
  }
  const [all, of] = [new Int32Array(vms), new Int32Array(needed)];
  for (const [at, rule] of rules.entries()) {
    all.set(rule.vms, startOf(vmEnds, at));
    if (rule.kind === 'needs') of.set(rule.of, startOf(ofEnds, at));
  }
  return { kinds, names, fours: [nameEnds, vmEnds, ofEnds, least, all, of] };
}

function rulesIn(kinds: Uint8Array, names: string, fours: readonly Int32Array[]): Rule[] {
  const [nameEnds, vmEnds, ofEnds, least, all, of] = fours;
  return Array.from(kinds, (number, at): Rule => {
    const kind = KINDS[number]!;
    const name = names.slice(startOf(nameEnds!, at), nameEnds![at]);
    const vms = all!.subarray(startOf(vmEnds!, at), vmEnds![at]);
    if (kind === 'spread') return { kind, name, vms, least: least![at]! };
    if (kind === 'needs') return { kind, name, vms, of: of!.subarray(startOf(ofEnds!, at), ofEnds![at]) };
    return { kind, name, vms };
  });
}

const startOf = (ends: Int32Array, at: number): number => (at === 0 ? 0 : ends[at - 1]!);
