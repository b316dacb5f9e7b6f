// Commands an earlier run of the agent began and did not end: whether they took effect nobody saw. They are never run
// again; the hypervisor is asked what is there now, and that is written down with the outcome `unknown`.
import { Fault } from '../src/lib/model/fault.ts';
import type { Effect, Vm } from '../src/lib/model/fleet.ts';
import type { Driver } from './drivers/driver.ts';
import type { Entry, Journal } from './journal.ts';
import { clip } from './summary.ts';
import type { Log } from './log.ts';

/** For all of them together: the agent answers operators even if the hypervisor does not answer it. */
const PATIENCE = 10_000;

/** Ends every unfinished entry. @throws Fault when the journal cannot be written */
export async function reconcile(journal: Journal, driver: Driver, log: Log): Promise<void> {
  const until = Date.now() + PATIENCE;
  for (const entry of journal.unfinished) {
    const found = await within(until - Date.now(), lookAt(driver, entry));
    const fault = new Fault('interrupted', { what: `“${entry.started.summary}”` });
    await journal.finish(entry.started.id, entry.number, { status: 'unknown', fault, effects: [found], code: null });
    log('warn', 'command-interrupted', { number: entry.number, op: entry.started.op, found: found.seen });
  }
}

async function lookAt(driver: Driver, { started }: Entry): Promise<Effect> {
  const base = { resource: 'existence', asked: clip(started.summary, 1024), when: 'now' } as const;
  const note = 'found after the agent was interrupted';
  if (started.vm === null) return { ...base, seen: null, by: null, note: 'not about a VM: look at the lists' };
  try {
    const vm = await driver.get(started.vm);
    return { ...base, seen: vm === null ? 'there is no such VM' : describe(vm), by: 'hypervisor', note };
  } catch (thrown) {
    return {
      ...base,
      seen: null,
      by: null,
      note: clip(`it could not be looked at: ${Fault.from(thrown).message}`, 1024)
    };
  }
}

function describe(vm: Vm): string {
  const disks = vm.disks.map((disk) => disk.target).join(' ') || 'none';
  const figures = `${vm.vcpus} vCPUs, ${vm.memory} MiB, disks ${disks}, ${vm.nics.length} interfaces`;
  return clip(`${vm.name} is ${vm.state} with ${figures}`, 1024);
}

async function within(ms: number, look: Promise<Effect>): Promise<Effect> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Effect>((resolve) => {
    timer = setTimeout(
      () => {
        const note = 'the hypervisor did not answer in time';
        resolve({ resource: 'existence', asked: '', seen: null, by: null, when: 'now', note });
      },
      Math.max(0, ms)
    );
  });
  try {
    return await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}
