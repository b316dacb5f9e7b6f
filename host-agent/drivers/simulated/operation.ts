// What every change on a simulated host has in common: it can fail, takes its time, finds its VM (still) there, and is saved.
import { done, Fault, refused } from '../../../src/lib/model/fault.ts';
import type { Outcome } from '../../../src/lib/model/fault.ts';
import type { Capability, CapabilityName, Effect, ProgressStage, VmState } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { cancelledBy } from '../control.ts';
import type { Control } from '../control.ts';
import { realClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { capabilitiesOf, latencyOf } from './config.ts';
import type { Operation, SimulatedConfig } from './config.ts';
import type { Guest } from './guest.ts';
import type { SimulatedHost } from './host.ts';

export type Effects = Outcome<readonly Effect[]>;

/** Of something that takes long. */
const STEPS = 20;

/** Carried through a body to its end as the refusal it is. */
class Refusal extends Error {
  readonly outcome: Outcome<never>;
  constructor(outcome: Outcome<never>) {
    super('refused');
    this.outcome = outcome;
  }
}

/** Ends the operation as refused. */
export const refuse = (...of: Parameters<typeof refused>): never => {
  throw new Refusal(refused(...of));
};

export class Operations {
  readonly host: SimulatedHost;
  readonly config: SimulatedConfig;
  readonly clock: Clock;
  readonly #capabilities: readonly Capability[];

  constructor(host: SimulatedHost, config: SimulatedConfig) {
    this.host = host;
    this.config = config;
    this.clock = config.clock ?? realClock;
    this.#capabilities = capabilitiesOf(config);
  }

  /** Runs one change: `body` looks, waits with `takes`, looks again, changes, and answers with what came of it. */
  async run<Value>(operation: Operation, body: () => Promise<Value>): Promise<Outcome<Value>> {
    this.host.demandUp();
    this.fail(operation, 'before');
    try {
      const value = await body();
      this.host.demandUp();
      this.fail(operation, 'after');
      return done(value);
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown.outcome;
      throw thrown;
    } finally {
      await this.host.save();
    }
  }

  /** As `run`, of what makes room for a VM of another host: it is no change of a VM here. */
  async prepare<Value>(body: () => Promise<Value>): Promise<Outcome<Value>> {
    this.host.demandUp();
    try {
      return done(await body());
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown.outcome;
      throw thrown;
    } finally {
      await this.host.save();
    }
  }

  fail(operation: Operation, moment: 'before' | 'after'): void {
    const fault = this.config.faults?.(operation, moment) ?? null;
    if (fault !== null) throw fault;
  }

  latency(operation: Operation): number {
    return latencyOf(this.config, operation, this.host.random);
  }

  /** ms of a real host, as this one takes them. */
  scaled(ms: number): number {
    const { speed } = this.config;
    return speed === null ? 0 : ms / (speed ?? 1);
  }

  async takes(operation: Operation): Promise<void> {
    const ms = this.latency(operation);
    if (ms > 0) await this.clock.sleep(ms);
    this.host.demandUp();
  }

  /** As `takes`, telling how far it is, and given up as refused when that is wanted. @param left see `cancelledBy` */
  async takesUnder(
    operation: Operation,
    { signal, progress }: Control,
    stage: ProgressStage,
    left = ''
  ): Promise<void> {
    const ms = this.latency(operation);
    for (let step = 0; step < STEPS; step++) {
      progress(stage, step / STEPS);
      if (signal.aborted) refuse('cancelled', cancelledBy(signal, left));
      if (ms > 0) await this.clock.sleep(ms / STEPS);
      this.host.demandUp();
    }
    if (signal.aborted) refuse('cancelled', cancelledBy(signal, left));
  }

  guest(vm: VmId): Guest {
    return this.host.guests.get(vm) ?? refuse('not-found', { kind: 'VM', id: vm });
  }

  guestIn(vm: VmId, states: readonly VmState[]): Guest {
    const guest = this.guest(vm);
    if (!states.includes(guest.state)) refuse('wrong-state', { state: guest.state, needs: states.join(' or ') });
    return guest;
  }

  /** Refuses what this host cannot do to a running guest. */
  demandLive(name: CapabilityName, what: string): void {
    const { live, reason } = this.capability(name);
    if (live) return;
    const why = reason ?? 'this host cannot do that to a running guest';
    refuse('unsupported', { what, reason: why, instead: 'at the next boot, or while the VM is off' });
  }

  capability(name: CapabilityName): Capability {
    const capability = this.#capabilities.find((each) => each.name === name);
    if (capability === undefined) throw new Fault('internal', { reason: `no capability ${name}` });
    return capability;
  }

  /** The instant at which a running guest notices what was done to it just now. */
  noticesAt(guest: Guest): number {
    const booted = guest.live?.bootedAt ?? 0;
    return Math.max(this.clock.now() + this.latency('see'), booted);
  }

  /**
   * Waits until the guest has noticed (`from`), if it can: says what stands in the way otherwise, else null. A guest
   * still booting is not waited for.
   */
  async untilNoticed(vm: VmId, from: number): Promise<string | null> {
    const guest = this.guest(vm);
    if (guest.live === null) return null;
    if (guest.state === 'paused') return 'the guest is paused and notices when it goes on';
    if (this.clock.now() < guest.live.bootedAt) return 'the guest is still booting';
    const ms = from - this.clock.now();
    if (ms > 0) await this.clock.sleep(ms);
    this.host.tell(vm);
    return null;
  }

  /** An effect on a VM; `note` says why nobody has seen it, and null means that the guest has. */
  effect(resource: Effect['resource'], asked: string, live: boolean, note: string | null): Effect {
    const confirmed = live && note === null;
    return {
      resource,
      asked,
      seen: confirmed ? asked : null,
      by: confirmed ? 'simulated' : null,
      when: live ? 'now' : 'next-boot',
      note
    };
  }
}
