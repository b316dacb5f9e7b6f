// The agent, put together: state, driver, core, links. Runs as a program (main.ts) or inside another.
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { Fault } from '../src/lib/model/fault.ts';
import type { HostId } from '../src/lib/model/ids.ts';
import type { Role } from '../src/lib/model/fleet.ts';
import type { Suite } from '../src/lib/seal/handshake.ts';
import { printTicket } from '../src/lib/seal/ticket.ts';
import { openCore } from './core.ts';
import { nodeProvider } from './crypto.ts';
import type { Driver } from './drivers/driver.ts';
import { silent } from './log.ts';
import type { Log } from './log.ts';
import { openDriver } from './open-driver.ts';
import { serve } from './serve/serve.ts';
import type { AgentLink, AgentServer, ServeLimits } from './serve/serve.ts';
import { hostKey, lockState, readState } from './state.ts';
import type { AgentConfig } from './state.ts';

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
  const undo = new Undo();
  try {
    const state = await readState(options.state);
    const { config, directory, pin, tls } = state;
    undo.add(await lockState(directory));
    const provider = nodeProvider();
    const identity = await hostKey(state, provider);
    const driver = options.driver ?? (await openDriver(state));
    undo.add(() => driver.close());
    let server: AgentServer | null = null;
    const links = (): Iterable<AgentLink> => server?.links() ?? [];
    const shared = { provider, driver, links, log };
    const { operators, codes, receiver, arrivals, consoles, stop } = await openCore({
      directory,
      config,
      hostKey: identity.publicKey,
      tls,
      pin,
      ...shared
    });
    undo.add(() => stop(0));
    const running = (server = await serve({
      host: config.id,
      identity,
      provider,
      suites: options.suites ?? (provider.kem === null ? [1] : [2, 1]),
      tls,
      arrivals,
      address: config.address,
      port: options.port ?? config.port,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      knows: (operator) => operators.get(operator) !== null,
      codeFor: async (id) => (await codes.find(Buffer.from(id).toString('hex')))?.code ?? null,
      onPairingFailed: (id) => {
        codes.failed(id).catch((thrown: unknown) => {
          log('error', 'pairing-try-not-counted', { reason: Fault.from(thrown).message });
        });
      },
      onXml: (link, xml) => {
        receiver.onXml(link, xml);
      },
      onClosed: (link) => {
        receiver.onClosed(link);
      }
    }));
    const { port } = running;
    arrivals.reachedAt(`https://${reachable(config)}:${port}`, pin);
    undo.add(() => running.close());
    const revoked = setInterval(() => {
      receiver.closeUnknown();
      consoles.closeForbidden();
    }, REVOKED_CHECK).unref();
    undo.add(async () => {
      clearInterval(revoked);
      // While the links stand: whoever waits for one of the last commands still gets the answer.
      await stop(LAST_COMMANDS);
    });
    log('info', 'listening', { port, driver: config.driver.kind });
    const ticket = async (role: Role): Promise<string> => {
      const { code } = await codes.create(role);
      return printTicket({ host: config.id, hostKey: identity.publicKey, code });
    };
    return { id: config.id, port, pin, driver, ticket, close: () => undo.all() };
  } catch (thrown) {
    await undo.all().catch(() => undefined); // What broke first is what matters.
    throw thrown;
  }
}

/** Where other hosts find this one: as configured, else where it listens, else (everywhere) by the machine's name. */
function reachable({ advertise, address }: AgentConfig): string {
  const name = advertise ?? (['0.0.0.0', '::'].includes(address) ? hostname() : address);
  return isIP(name) === 6 ? `[${name}]` : name;
}

/** What was done, to be undone last to first, once. */
class Undo {
  readonly #steps: (() => Promise<void>)[] = [];
  #done: Promise<void> | null = null;

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Every step is taken, even when an earlier one throws; then that is thrown. */
  all(): Promise<void> {
    this.#done ??= (async () => {
      const broken: unknown[] = [];
      for (const step of this.#steps.reverse()) {
        try {
          await step();
        } catch (thrown) {
          broken.push(thrown);
        }
      }
      if (broken.length > 0) throw Fault.from(broken[0]);
    })();
    return this.#done;
  }
}
