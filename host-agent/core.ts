// The agent but for its links: operators, codes, journal, inventory and the receiving line over one state directory.
import type { HostFacts } from '../src/lib/model/fleet.ts';
import type { CryptoProvider, PublicPoint } from '../src/lib/seal/provider.ts';
import { Changes } from './changes.ts';
import { Codes } from './codes.ts';
import type { Driver, HypervisorFacts } from './drivers/driver.ts';
import { Inventory } from './inventory.ts';
import { Journal } from './journal.ts';
import type { Log } from './log.ts';
import { Operators } from './operators.ts';
import { Receiver } from './receive.ts';
import type { Link } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { files } from './state.ts';
import type { State } from './state.ts';
import { VERSION } from './version.ts';

export type CoreOptions = Pick<State, 'directory' | 'config'> & {
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
  readonly loadEvery?: number;
};

export type Core = {
  readonly operators: Operators;
  readonly codes: Codes;
  readonly journal: Journal;
  readonly changes: Changes;
  readonly receiver: Receiver;
  /** Refuses what is new, gives what runs at most `ms`, and writes all down. The driver is the caller's to close. */
  readonly stop: (ms: number) => Promise<void>;
};

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
  const journal = await Journal.open(at.journal, config.id, log, now);
  try {
    await reconcile(journal, driver, log);
  } catch (thrown) {
    await journal.close();
    throw thrown;
  }
  const facts = (hypervisor: HypervisorFacts): HostFacts => ({
    ...hypervisor,
    id: config.id,
    name: config.name,
    site: config.site,
    agentVersion: VERSION
  });
  const { lookEvery = 1200, loadEvery = 2000 } = o;
  const inventory = new Inventory({ driver, facts, log, lookEvery, loadEvery });
  void inventory.warm();
  const shared = { host: config.id, hostKey, operators, codes, journal, inventory, now, log };
  const changes = new Changes({ ...shared, driver });
  const receiver = new Receiver({ ...shared, changes, links: o.links });
  let stopped: Promise<void> | null = null;
  const stop = async (ms: number): Promise<void> => {
    receiver.stop();
    await changes.stop(ms);
    inventory.close();
    await journal.close();
  };
  return { operators, codes, journal, changes, receiver, stop: (ms) => (stopped ??= stop(ms)) };
}
