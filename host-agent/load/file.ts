// The load history over a restart: one line of JSON that says what follows, then the rings as they are in memory (little-endian
// floats). Nothing depends on it: a file that is not exactly this is left aside, and the history starts anew.
import { readFile } from 'node:fs/promises';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { writeDurably } from '../files/durable.ts';
import { Fields } from '../files/fields.ts';
import { FINEST, LoadHistory, roomFor, STEPS } from './history.ts';
import { LoadRing, ringBytes } from './ring.ts';

const LINE_END = 0x0a;
const MAX_HEAD = 2 ** 20;

/** @throws the system's errors */
export async function writeLoads(path: string, history: LoadHistory): Promise<void> {
  const vms = [...history.vms];
  const head = {
    version: 1,
    newest: history.host.newest,
    step: history.step,
    vms: vms.map(([id, ring]) => ({ id, newest: ring.newest }))
  };
  const rings = [history.host, ...vms.map(([, ring]) => ring)];
  await writeDurably(path, [
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...rings.map(({ values }) => new Uint8Array(values.buffer))
  ]);
}

/** Null when there is no such file. @throws Fault `corrupt-state` */
export async function readLoads(path: string, now: number): Promise<LoadHistory | null> {
  let content: Buffer<ArrayBuffer>;
  try {
    content = await readFile(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
  const end = content.subarray(0, MAX_HEAD).indexOf(LINE_END);
  const fields = Fields.parse(path, content.toString('utf8', 0, Math.max(0, end)));
  fields.whole('version', 1, 1);
  // What is said to be of the future was written by a clock that was wrong.
  const newest = (from: Fields, step: number): number => from.whole('newest', -1, Math.floor(now / step) + 1);
  const hostNewest = newest(fields, FINEST);
  const step = fields.whole('step', FINEST, 900_000);
  if (!(STEPS as readonly number[]).includes(step)) throw fields.corrupt('“step” is no step of a ring');
  const listed = fields.list('vms', (vm) => ({ id: vmId(vm.text('id')), newest: newest(vm, step) }));
  fields.end();
  let from = end + 1;
  const wanted = ringBytes(FINEST) + listed.length * ringBytes(step);
  if (listed.length > roomFor(step) || content.length - from !== wanted)
    throw fields.corrupt('it has the wrong length');
  const take = (of: number, last: number): LoadRing => {
    const length = ringBytes(of);
    const bytes = new Uint8Array(content.subarray(from, from + length));
    from += length;
    const values = new Float32Array(bytes.buffer);
    return new LoadRing(of, { values, newest: last });
  };
  const host = take(FINEST, hostNewest);
  const vms = new Map<VmId, LoadRing>(listed.map(({ id, newest: last }) => [id, take(step, last)]));
  return new LoadHistory({ host, step, vms });
}
