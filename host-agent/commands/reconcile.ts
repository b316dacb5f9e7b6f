// Commands an earlier run of the agent began and did not end: whether they took effect nobody saw. They are never run
// again; the hypervisor is asked what is there now, and that is written down with the outcome `unknown`. What a creation left
// that did not get as far as a VM (volumes under its id) is removed.
import { Fault } from '../../src/lib/model/fault.ts';
import type { Effect, Vm } from '../../src/lib/model/fleet.ts';
import type { Driver } from '../drivers/driver.ts';
import { makesVm } from './execute.ts';
import type { Entry, Journal } from '../journal/journal.ts';
import type { Departure, Departures } from '../migration/departures.ts';
import { clip } from '../journal/summary.ts';
import type { Log } from '../log.ts';

/** For all of them together: the agent answers operators even if the hypervisor does not answer it. */
const PATIENCE = 10_000;

/** A move that an earlier run began, and whose end this one finds out. */
export type UnderWay = { readonly entry: Entry; readonly departure: Departure };

/** Moves whose end nobody saw; what is written down of others is removed. @throws Fault `corrupt-state` */
export async function departuresOf(journal: Journal, departures: Departures): Promise<readonly UnderWay[]> {
  const written = await departures.recover();
  const found: UnderWay[] = [];
  for (const entry of await journal.unfinished()) {
    const departure = written.get(entry.started.id);
    if (departure !== undefined) found.push({ entry, departure });
  }
  for (const [command] of written) {
    if (!found.some(({ entry }) => entry.started.id === command)) await departures.forget(command);
  }
  return found;
}

/** Ends every unfinished entry but those under way. @throws Fault when the journal cannot be written */
export async function reconcile(
  journal: Journal,
  driver: Driver,
  log: Log,
  underWay: ReadonlySet<number> = new Set()
): Promise<void> {
  const until = Date.now() + PATIENCE;
  for (const entry of await journal.unfinished()) {
    if (underWay.has(entry.number)) continue;
    const found = await within(
      until - Date.now(),
      lookAt(driver, entry),
      nobody(entry, 'the hypervisor did not answer in time')
    );
    const fault = new Fault('interrupted', { what: `“${entry.started.summary}”` });
    // A move is written down before it begins.
    const status = entry.started.op === 'vm.migrate' ? 'failed' : 'unknown';
    await journal.finish(entry.started.id, entry.number, { status, fault, effects: [found], code: null });
    log('warn', 'command-interrupted', { number: entry.number, op: entry.started.op, found: found.seen });
  }
}

const nobody = ({ started }: Entry, note: string): Effect => ({
  resource: 'existence',
  asked: clip(started.summary, 1024),
  seen: null,
  by: null,
  when: 'now',
  note: clip(note, 1024)
});

async function lookAt(driver: Driver, entry: Entry): Promise<Effect> {
  const { vm: id } = entry.started;
  if (id === null) return nobody(entry, 'it is about no VM: the lists show what is there');
  try {
    const vm = await driver.get(id);
    const swept = vm === null && makesVm(entry.started.op) ? await driver.sweep(id) : [];
    const seen = vm === null ? 'there is no such VM' : describe(vm);
    const removed = swept.length === 0 ? '' : `; removed what it had left: ${swept.join(', ')}`;
    return { ...nobody(entry, `found after the agent was interrupted${removed}`), seen, by: 'hypervisor' };
  } catch (thrown) {
    return nobody(entry, `it could not be looked at: ${Fault.from(thrown).message}`);
  }
}

function describe(vm: Vm): string {
  const disks = vm.disks.map((disk) => disk.target).join(' ') || 'none';
  const figures = `${vm.vcpus} vCPUs, ${vm.memory} MiB, disks ${disks}, ${vm.nics.length} interfaces`;
  return clip(`${vm.name} is ${vm.state} with ${figures}`, 1024);
}

async function within(ms: number, look: Promise<Effect>, otherwise: Effect): Promise<Effect> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Effect>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), otherwise);
  });
  try {
    return await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}
