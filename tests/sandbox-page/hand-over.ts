// Times of handing a fleet to a plugin, in milliseconds: until the worker said that it has it, and how long the page did nothing else.
import { openFrame } from '#lib/sandbox/frame.ts';
import { WIDTH, textAt } from '#lib/plugin/columns.ts';
import type { Columns } from '#lib/plugin/columns.ts';
import type { Sandbox } from '#lib/sandbox/sandbox.ts';

export type Times = { readonly there: number[]; readonly blocked: number[] };

/** Through the sandbox as it is. A fleet is another one each time: nothing can be kept. */
export async function handColumns(sandbox: Sandbox, columns: Columns, rounds: number): Promise<Times> {
  const times: Times = { there: [], blocked: [] };
  const { postMessage } = MessagePort.prototype as { postMessage: (...args: unknown[]) => void };
  let blocked = 0;
  MessagePort.prototype.postMessage = function (...args: unknown[]) {
    const began = performance.now();
    postMessage.apply(this, args);
    blocked += performance.now() - began;
  };
  for (let round = 0; round <= rounds; round++) {
    blocked = 0;
    const began = performance.now();
    await sandbox.show({ ...columns, at: columns.at + round });
    // The first one warms up.
    if (round === 0) continue;
    times.there.push(performance.now() - began);
    times.blocked.push(blocked);
  }
  MessagePort.prototype.postMessage = postMessage as typeof MessagePort.prototype.postMessage;
  return times;
}

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
