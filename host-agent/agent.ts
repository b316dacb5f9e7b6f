// The agent, put together: state, driver, journal, receiving line, links. Runs as a program (main.ts) or inside another.
import { hostId } from '../src/lib/model/ids.ts';
import type { HostId } from '../src/lib/model/ids.ts';
import type { HostFacts, Role } from '../src/lib/model/fleet.ts';
import type { Suite } from '../src/lib/seal/handshake.ts';
import { printTicket } from '../src/lib/seal/ticket.ts';
import { Changes } from './changes.ts';
import { Codes } from './codes.ts';
import { nodeProvider } from './crypto.ts';
import type { Driver, HypervisorFacts } from './drivers/driver.ts';
import { Inventory } from './inventory.ts';
import { Journal } from './journal.ts';
import { silent } from './log.ts';
import type { Log } from './log.ts';
import { openDriver } from './open-driver.ts';
import { Operators } from './operators.ts';
import { Receiver } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { serve } from './serve.ts';
import type { ServeLimits } from './serve.ts';
import { files, hostKey, lockState, readState } from './state.ts';
import { VERSION } from './version.ts';

export type AgentOptions = {
  /** A directory made by `initState`. */
  readonly state: string;
  /** Instead of the configured one; 0: any free port. */
  readonly port?: number;
  /** Instead of the configured one. Closed with the agent. */
  readonly driver?: Driver;
  readonly suites?: readonly Suite[];
  readonly limits?: Partial<ServeLimits>;
  /** Default: silent. */
  readonly log?: Log;
};

export type Agent = {
  readonly id: HostId;
  readonly port: number;
  /** For the gateway's host table. */
  readonly pin: string;
  readonly driver: Driver;
  /** A fresh pairing ticket: a secret, good for ten minutes and one use. */
  ticket(role: Role): Promise<string>;
  /** Refuses new commands, lets running ones end for a moment, tells the links, writes all down. */
  close(): Promise<void>;
};

/** How long commands may go on once the agent is told to stop; what is not done by then is `unknown` at the next start. */
const LAST_COMMANDS = 3_000;
/** The administrator's command line may revoke an operator at any time. */
const REVOKED_CHECK = 1_000;

/**
 * Starts the agent of a state directory. Returns when it can be reached.
 * @throws Fault `already-running`, `corrupt-state`, `port-in-use`, `usage`, and what the driver cannot start without
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const log = options.log ?? silent;
  // Undone last to first, whether the start fails or the agent is closed.
  const undo: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const state = await readState(options.state);
    const { config, directory } = state;
    undo.push(await lockState(directory));
    const at = files(directory);
    const provider = nodeProvider();
    const identity = await hostKey(state, provider);
    const operators = new Operators(at.operators, config.id, log);
    const codes = new Codes(at.codes, provider, log);
    const driver = options.driver ?? (await openDriver(state));
    undo.push(() => driver.close());
    const journal = await Journal.open(at.journal, config.id, log);
    undo.push(() => journal.close());
    await reconcile(journal, driver, log);

    const facts = (hypervisor: HypervisorFacts): HostFacts => ({
      ...hypervisor,
      id: hostId(config.id),
      name: config.name,
      site: config.site,
      agentVersion: VERSION
    });
    const inventory = new Inventory({ driver, facts, log });
    undo.push(() => {
      inventory.close();
    });
    const shared = { host: config.id, hostKey: identity.publicKey, operators, codes, now: Date.now, log };
    const changes = new Changes({ ...shared, driver, journal, inventory });
    const receiver = new Receiver({ ...shared, journal, inventory, changes });

    const server = await serve({
      host: config.id,
      identity,
      provider,
      suites: options.suites ?? (provider.kem === null ? [1] : [2, 1]),
      tls: state.tls,
      address: config.address,
      port: options.port ?? config.port,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      knows: (operator) => operators.get(operator) !== null,
      codeFor: async (id) => (await codes.find(Buffer.from(id).toString('hex')))?.code ?? null,
      onPairingFailed: (id) => {
        codes.failed(id).catch((thrown: unknown) => {
          log('error', 'pairing-try-not-counted', { reason: String(thrown) });
        });
      },
      onXml: (link, xml) => {
        receiver.onXml(link, xml);
      },
      onClosed: (link) => {
        receiver.onClosed(link);
      }
    });
    undo.push(() => server.close());
    const revoked = setInterval(() => {
      receiver.closeUnknown();
    }, REVOKED_CHECK).unref();
    undo.push(async () => {
      clearInterval(revoked);
      receiver.stop();
      await changes.drained(LAST_COMMANDS);
    });
    log('info', 'listening', { port: server.port, driver: config.driver.kind });
    return {
      id: config.id,
      port: server.port,
      pin: state.pin,
      driver,
      ticket: async (role) => {
        const { code } = await codes.create(role);
        return printTicket({ host: config.id, hostKey: identity.publicKey, code });
      },
      close
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
