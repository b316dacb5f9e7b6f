// One simulated host as the fleet's one process holds it: an agent's whole core with a key, operators and journal of its own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../../host-agent/certificate.ts';
import { openCore } from '../../host-agent/core.ts';
import type { Core } from '../../host-agent/core.ts';
import type { Clock } from '../../host-agent/drivers/simulated/clock.ts';
import { simulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import type { SimulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import { LoadHistory } from '../../host-agent/load/history.ts';
import { silent } from '../../host-agent/log.ts';
import type { AgentLink, LinkPolicy } from '../../host-agent/serve/link.ts';
import { files } from '../../host-agent/state.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import type { OperatorKey } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { CryptoProvider, KeyPair } from '../../src/lib/seal/provider.ts';
import { printTicket } from '../../src/lib/seal/ticket.ts';
import type { PlannedHost } from './plan.ts';

/** The simulated hypervisor tells of every change itself: looking for others' is for show. */
const LOOK_EVERY = 30_000;
/** Bytes of load history of all hosts, which share one process here, and the most that one has: as much as a real one. */
const HISTORIES = 160_000_000;
const HISTORY = 14 * 2 ** 20;
/** MiB of its pool: more than anyone will ask for. */
const STORAGE = 2 ** 30;

export class SimHost {
  readonly plan: PlannedHost;
  readonly driver: SimulatedDriver;
  readonly policy: LinkPolicy;
  readonly #core: Core;
  readonly #identity: KeyPair;
  readonly #links: Set<AgentLink>;

  private constructor(
    plan: PlannedHost,
    parts: { core: Core; driver: SimulatedDriver; identity: KeyPair; links: Set<AgentLink>; provider: CryptoProvider }
  ) {
    const { core, driver, identity, links, provider } = parts;
    this.plan = plan;
    this.driver = driver;
    this.#core = core;
    this.#identity = identity;
    this.#links = links;
    this.policy = {
      host: plan.id,
      identity,
      provider,
      suites: provider.kem === null ? [1] : [2, 1],
      knows: (operator) => core.operators.get(operator) !== null,
      codeFor: async (id) => (await core.codes.find(Buffer.from(id).toString('hex')))?.code ?? null,
      onPairingFailed: (id) => void core.codes.failed(id),
      arrivals: core.arrivals,
      onXml: (link, xml) => {
        links.add(link);
        core.receiver.onXml(link, xml);
      },
      onClosed: (link) => {
        links.delete(link);
        core.receiver.onClosed(link);
      }
    };
  }

  /** @param certificate of all hosts @param clock of its hypervisor @param directory where its operators, codes and journal are; made here @param hosts in all */
  static async open(
    plan: PlannedHost,
    directory: string,
    provider: CryptoProvider,
    certificate: Certificate,
    clock: Clock,
    hosts: number
  ): Promise<SimHost> {
    const at = files(join(directory, plan.id));
    mkdirSync(at.codes, { recursive: true, mode: 0o700 });
    writeFileSync(at.operators, '{"version":1,"operators":[]}\n', { mode: 0o600 });
    const identity = await provider.generateKeyPair(false);
    const driver = simulatedDriver({ ...plan, storage: STORAGE, clock });
    const links = new Set<AgentLink>();
    const { id, name, site } = plan;
    const core = await openCore({
      directory: join(directory, id),
      config: { id, name, site, address: '127.0.0.1', port: 0, driver: { kind: 'simulated', config: {} } },
      hostKey: identity.publicKey,
      tls: certificate,
      pin: certificate.pin,
      provider,
      driver,
      links: () => links,
      log: silent,
      lookEvery: LOOK_EVERY,
      loads: new LoadHistory(null, Math.min(HISTORY, HISTORIES / hosts))
    });
    return new SimHost(plan, { core, driver, identity, links, provider });
  }

  /** Other hosts' VMs can come from now on. */
  reachedAt(url: string, pin: string): void {
    this.#core.arrivals.reachedAt(url, pin);
  }

  /** A fresh ticket for one admin, good for ten minutes. */
  async ticket(): Promise<string> {
    const { code } = await this.#core.codes.create('admin');
    return printTicket({ host: this.plan.id, hostKey: this.#identity.publicKey, code });
  }

  /** Knows this operator from now on, as if it had paired. */
  async admit(operator: OperatorKey): Promise<void> {
    await this.#core.operators.enrol(operator, 'admitted', 'admin', millis(Date.now()));
  }

  /** Ends every link, as a broken network would. */
  cut(): void {
    for (const link of [...this.#links])
      link.close(new Fault('link-ended', { what: 'the link', by: 'the simulation' }));
  }

  async close(): Promise<void> {
    await this.#core.stop(0);
  }
}
