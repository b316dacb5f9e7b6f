// The agent but for its links: operators, codes, journal, inventory and the receiving line over one state directory.
import { Fault } from '../src/lib/model/fault.ts';
import type { HostFacts } from '../src/lib/model/fleet.ts';
import type { CryptoProvider, PublicPoint } from '../src/lib/seal/provider.ts';
import { Changes } from './commands/changes.ts';
import { Codes } from './access/codes.ts';
import { Consoles } from './console/consoles.ts';
import type { Driver, HypervisorFacts } from './drivers/driver.ts';
import { Inventory } from './inventory/inventory.ts';
import { activityOf, Journal } from './journal/journal.ts';
import { readLoads, writeLoads } from './load/file.ts';
import { FINEST, LoadHistory } from './load/history.ts';
import { LoadReader } from './load/reader.ts';
import type { Log } from './log.ts';
import { Maintenance } from './maintenance.ts';
import { Operators } from './access/operators.ts';
import { Receiver } from './commands/receive.ts';
import type { Link } from './commands/receive.ts';
import { departuresOf, reconcile } from './commands/reconcile.ts';
import type { UnderWay } from './commands/reconcile.ts';
import { ArrivalRecord } from './migration/arrival-record.ts';
import { Arrivals } from './migration/arrivals.ts';
import { Departures } from './migration/departures.ts';
import { files } from './state.ts';
import type { State } from './state.ts';
import { VERSION } from './version.ts';

export type CoreOptions = Pick<State, 'directory' | 'config' | 'tls' | 'pin'> & {
  readonly hostKey: PublicPoint;
  readonly provider: CryptoProvider;
  readonly driver: Driver;
  /** Every established link. */
  readonly links: () => Iterable<Link>;
  readonly log: Log;
  /** ms since the epoch; default: the machine's clock. */
  readonly now?: () => number;
  /** See InventoryOptions. */
  readonly lookEvery?: number;
  /** ms from one reading of the loads to the next while somebody watches. */
  readonly loadEvery?: number;
  /** Default: the one kept in the state directory. One that is given is not kept. */
  readonly loads?: LoadHistory;
};

export type Core = {
  readonly operators: Operators;
  readonly codes: Codes;
  readonly journal: Journal;
  readonly changes: Changes;
  readonly receiver: Receiver;
  readonly arrivals: Arrivals;
  readonly consoles: Consoles;
  /** Refuses what is new, gives what runs at most `ms`, and writes all down. The driver is the caller's to close. */
  readonly stop: (ms: number) => Promise<void>;
};

/** The load history is written down this often (ms), and at the end. */
const WRITE_LOADS = 600_000;

/**
 * Opens the state directory and settles what an earlier run left unfinished.
 * @throws Fault `corrupt-state`
 */
export async function openCore(o: CoreOptions): Promise<Core> {
  const { config, hostKey, driver, log } = o;
  const now = o.now ?? Date.now;
  const at = files(o.directory);
  const operators = new Operators(at.operators, config.id, log);
  const codes = new Codes(at.codes, o.provider, log, now);
  const maintenance = await Maintenance.open(at.maintenance);
  const journal = await Journal.open(at.journal, config.id, log, now);
  const { migration, unmoved } = driver;
  const record = new ArrivalRecord(journal, now);
  const arrivals = new Arrivals({ directory: at.arrivals, migration, unmoved, now, log, record });
  const departures = new Departures({ directory: at.departures, migration, unmoved, log, tls: o.tls });
  let underWay: readonly UnderWay[];
  try {
    const arriving = await arrivals.recover();
    underWay = await departuresOf(journal, departures);
    const left = new Set(underWay.map(({ entry }) => entry.number));
    for (const { number, started } of await journal.unfinished()) if (arriving.has(started.id)) left.add(number);
    await reconcile(journal, driver, log, left);
  } catch (thrown) {
    await journal.close();
    throw thrown;
  }
  const facts = (hypervisor: HypervisorFacts): HostFacts => ({
    ...hypervisor,
    id: config.id,
    name: config.name,
    site: config.site,
    agentVersion: VERSION,
    pin: o.pin,
    maintenance: maintenance.state
  });
  const { lookEvery = 1200, loadEvery = 2000 } = o;
  const { loads, write } = o.loads
    ? { loads: o.loads, write: () => Promise.resolve() }
    : await keptLoads(at.loads, now(), log);
  const writes = setInterval(() => void write(), WRITE_LOADS).unref();
  const onWatched = (watched: boolean): void => reader.watched(watched);
  const inventory = new Inventory({ driver, facts, log, lookEvery, onWatched });
  record.tell = (entry) => inventory.post({ head: journal.head, activities: [activityOf(entry)] });
  const reader = new LoadReader({
    driver,
    log,
    watchedEvery: loadEvery,
    idleEvery: FINEST,
    calm: () => inventory.calm(),
    onStats: (stats) => {
      loads.add(stats);
      loads.sweep(now(), (vm) => inventory.seen(vm) !== null);
      inventory.post({ load: stats.host, vmLoads: stats.vms });
    }
  });
  void inventory.warm();
  const shared = { host: config.id, hostKey, operators, codes, journal, inventory, now, log };
  const changes = new Changes({ ...shared, driver, arrivals, departures, maintenance });
  changes.resume(underWay);
  const consoles = new Consoles({ ...shared, driver });
  const receiver = new Receiver({ ...shared, changes, loads, consoles, links: o.links });
  let stopped: Promise<void> | null = null;
  const stop = async (ms: number): Promise<void> => {
    receiver.stop();
    consoles.close();
    await changes.stop(ms);
    arrivals.close();
    departures.close();
    inventory.close();
    reader.close();
    clearInterval(writes);
    await write();
    await journal.close();
  };
  return { operators, codes, journal, changes, receiver, arrivals, consoles, stop: (ms) => (stopped ??= stop(ms)) };
}

/** The history as it was written down, or a new one, and what writes it down. Neither throws: nothing depends on it. */
async function keptLoads(
  path: string,
  now: number,
  log: Log
): Promise<{ loads: LoadHistory; write: () => Promise<void> }> {
  const complain = (event: string) => (thrown: unknown) => {
    log('warn', event, { reason: Fault.from(thrown).message });
    return null;
  };
  const loads = (await readLoads(path, now).catch(complain('load-history-lost'))) ?? new LoadHistory();
  const write = async (): Promise<void> => {
    await writeLoads(path, loads).catch(complain('load-history-not-written'));
  };
  return { loads, write };
}
