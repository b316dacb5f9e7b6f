// Times of handing a fleet to a plugin, in milliseconds: until the worker said that it has it, and how long the page did nothing else.
import { openFrame } from '#lib/sandbox/frame.ts';
import { CPU, WIDTH, textAt, textsOf } from '#lib/plugin/columns.ts';
import type { Columns, Texts } from '#lib/plugin/columns.ts';
import { changeOf } from '#lib/sandbox/fleet-change.ts';
import { loadOf, packed } from '#lib/sandbox/parcel.ts';
import type { Sandbox } from '#lib/sandbox/sandbox.ts';

/** Bytes by which the fleet of a round may be larger than the first. */
const SPARE = 4_096;

export type Times = { readonly there: number[]; readonly blocked: number[] };

/**
 * Through the sandbox as it is. Blocked is the page while it compares the fleet with the one before, while it packs and while it posts.
 * @param fleetOf a round: another one each time
 */
export async function handColumns(
  sandbox: Sandbox,
  fleetOf: (round: number) => Columns,
  rounds: number
): Promise<Times> {
  const times: Times = { there: [], blocked: [] };
  let blocked = 0;
  const restore = [MessagePort.prototype, Worker.prototype].map((of) => timed(of, (ms) => (blocked += ms)));
  let before = fleetOf(0);
  // As the courier gives it: of a fleet before.
  const memory = new ArrayBuffer(loadOf(before).bytes + SPARE);
  packed(loadOf(before), memory);
  // The first one warms up.
  await sandbox.show(before);
  for (let round = 1; round <= rounds; round++) {
    const now = fleetOf(round);
    const compared = performance.now();
    if (changeOf(before, now) === null) packed(loadOf(now), memory);
    blocked = performance.now() - compared;
    const began = performance.now();
    await sandbox.show(now);
    times.there.push(performance.now() - began);
    times.blocked.push(blocked);
    before = now;
  }
  for (const undo of restore) undo();
  return times;
}

type Posting = { postMessage: (...args: unknown[]) => void };

/** @param told milliseconds of each post @returns what makes it as it was */
function timed(of: object, told: (ms: number) => void): () => void {
  const posting = of as Posting;
  const { postMessage } = posting;
  posting.postMessage = function (...args: unknown[]) {
    const began = performance.now();
    postMessage.apply(this, args);
    told(performance.now() - began);
  };
  return () => (posting.postMessage = postMessage);
}

/** Of a host another name: none of it is taken over from the one before. */
export const whole = (columns: Columns): ((round: number) => Columns) => {
  const names = Array.from({ length: columns.hosts }, (_, host) => textAt(columns.hostName, host));
  return (round) => ({ ...columns, hostName: textsOf(names.with(0, `round-${round}`)) });
};

/** One host reports its load: another demand of each of its VMs. */
export const loads = (columns: Columns): ((round: number) => Columns) => {
  return (round) => {
    const demand = columns.demand.slice();
    const host = round % columns.hosts;
    for (let vm = 0; vm < columns.vms; vm++) if (columns.vmHost[vm] === host) demand[vm * WIDTH + CPU] = round;
    return { ...columns, at: columns.at + round, demand };
  };
};

/** VMs go to the end of the list one by one, as where one moved to the last host. */
export const moves = (columns: Columns): ((round: number) => Columns) => {
  const rowOf = <Kind extends Float64Array | Int32Array | Uint8Array>(rows: Kind, at: number, width: number): Kind => {
    const now = rows.slice() as Kind;
    now.copyWithin(at * width, (at + 1) * width);
    now.set(rows.subarray(at * width, (at + 1) * width), (columns.vms - 1) * width);
    return now;
  };
  const move = (texts: Texts, at: number): Texts => {
    const all = Array.from(texts.ends, (_, vm) => textAt(texts, vm));
    return textsOf([...all.toSpliced(at, 1), ...all.slice(at, at + 1)]);
  };
  let now = columns;
  return (round) => {
    const at = round * 7;
    now = {
      ...now,
      ...{ vmId: move(now.vmId, at), vmName: move(now.vmName, at), vmTag: rowOf(now.vmTag, at, 1) },
      ...{ vmFlags: rowOf(now.vmFlags, at, 1), vmHost: rowOf(now.vmHost, at, 1), vmMask: rowOf(now.vmMask, at, 1) },
      ...{ demand: rowOf(now.demand, at, WIDTH), moveMib: rowOf(now.moveMib, at, 1) }
    };
    now.vmHost[now.vms - 1] = now.hosts - 1;
    return now;
  };
};

/** The same as objects, as a text, into a worker that reads it. */
export async function handJson(columns: Columns, rounds: number): Promise<Times> {
  const worker = `onmessage = ({ ports: [port] }) => { port.onmessage = ({ data }) => port.postMessage(JSON.parse(data).vms.length); };`;
  const frame = await openFrame('/plugin-frame.html', worker, new AbortController().signal);
  const fleet = objectsOf(columns);
  const times: Times = { there: [], blocked: [] };
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    const there = new Promise((resolve) => (frame.port.onmessage = resolve));
    frame.port.postMessage(JSON.stringify(fleet));
    const blocked = performance.now() - began;
    await there;
    if (round === 0) continue;
    times.there.push(performance.now() - began);
    times.blocked.push(blocked);
  }
  frame.remove();
  return times;
}

function objectsOf(columns: Columns) {
  const row = (values: Float64Array, at: number): number[] => [...values.subarray(at * WIDTH, (at + 1) * WIDTH)];
  return {
    hosts: Array.from({ length: columns.hosts }, (_, host) => ({
      id: textAt(columns.hostId, host),
      name: textAt(columns.hostName, host),
      site: columns.siteName[columns.hostSite[host] ?? 0],
      capacity: row(columns.capacity, host),
      safety: row(columns.safety, host),
      base: row(columns.base, host)
    })),
    vms: Array.from({ length: columns.vms }, (_, vm) => ({
      id: textAt(columns.vmId, vm),
      name: textAt(columns.vmName, vm),
      host: columns.vmHost[vm],
      demand: row(columns.demand, vm),
      moveMib: columns.moveMib[vm],
      tags: [columns.tagName[columns.vmTag[vm] ?? 0]]
    }))
  };
}
