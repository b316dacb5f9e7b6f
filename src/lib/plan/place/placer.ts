// Online placement: one VM after another onto a fleet that changes meanwhile, by filter and score. What a local scheduler said of a
// host is kept for VMs of the same kind until the host changes; any other is asked about a sample of a large fleet.
import { Fault } from '../../model/fault.ts';
import { VCPUS, WIDTH } from '../../plugin/columns.ts';
import type { FleetView } from '../../plugin/fleet-view.ts';
import { fits, hasRoom } from '../../plugin/rules.ts';
import type { Intent, Scheduler, Verdict } from '../../plugin/scheduler.ts';
import { BestHost } from './best-host.ts';

/** Kinds of VMs whose scores are kept at once: 5,000 hosts take 60 kB each. */
const KINDS = 1_024;
/** Replaying the branch of one host takes as long as scoring so many hosts anew. */
const REPLAYED = 4;

type Kind = { readonly hosts: BestHost; /** How many changes it has taken in. */ seen: number };

export class Placer {
  readonly fleet: FleetView;
  readonly #scheduler: Scheduler;
  readonly #intent: Intent;
  readonly #kinds = new Map<string, Kind>();
  readonly #keys: (string | undefined)[];
  /** Hosts that changed, in order; a host may be there many times. */
  #changes: number[] = [];
  /** The host that is looked at next. */
  #next = 0;
  /** Changes that are no longer in the list. */
  #forgotten = 0;

  /** @param fleet is changed by placing */
  constructor(scheduler: Scheduler, fleet: FleetView, intent: Intent) {
    this.fleet = fleet;
    this.#scheduler = scheduler;
    this.#intent = intent;
    this.#keys = new Array<string | undefined>(fleet.vms);
  }

  /** Puts a VM on the best host for it. @returns the host; -1 when there is none, and nothing changed */
  place(vm: number): number {
    const host = this.best(vm);
    if (host >= 0) this.assign(vm, host);
    return host;
  }

  /** @throws Fault `plugin-failed` when the scheduler answers what is no score */
  best(vm: number): number {
    return this.#scheduler.local === true ? this.#bestKept(vm) : this.#bestOfMany(vm);
  }

  /** A VM comes, moves, or goes (-1). */
  assign(vm: number, host: number): void {
    const from = this.fleet.placedOn[vm]!;
    this.fleet.assign(vm, host);
    this.#keys[vm] = undefined;
    if (from >= 0) this.#changes.push(from);
    if (host >= 0) this.#changes.push(host);
    // What all kinds would rather sum up anew is not kept.
    if (this.#changes.length > 4 * this.fleet.hosts + KINDS) {
      this.#forgotten += this.#changes.length;
      this.#changes = [];
    }
  }

  /** Of as many hosts as are enough, each time beginning behind those of the last time. */
  #bestOfMany(vm: number): number {
    const { hosts } = this.fleet;
    const enough = enoughOf(hosts);
    let best = -1;
    let most = -1;
    let seen = 0;
    for (let step = 0; step < hosts && seen < enough; step++) {
      const host = this.#next;
      this.#next = host + 1 < hosts ? host + 1 : 0;
      if (!fits(this.fleet, vm, host) || this.#filter(vm, host) !== true) continue;
      seen += 1;
      const score = this.#score(vm, host);
      if (score > most || (score === most && host < best)) {
        best = host;
        most = score;
      }
    }
    return best;
  }

  #bestKept(vm: number): number {
    const { hosts } = this.#kindOf(vm);
    const { fleet } = this;
    return hosts.best((host) => fleet.rules.brokenBy(vm, host, fleet.placedOn[vm]!) < 0);
  }

  /** Scores of the VM's kind, as they are now. */
  #kindOf(vm: number): Kind {
    const key = (this.#keys[vm] ??= keyOf(this.fleet, vm));
    const { hosts } = this.fleet;
    const now = this.#forgotten + this.#changes.length;
    const score = (host: number): number => this.#scoreOrNot(vm, host);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = { hosts: new BestHost(hosts), seen: -1 };
      if (this.#kinds.size >= KINDS) this.#kinds.delete(this.#kinds.keys().next().value!);
      this.#kinds.set(key, kind);
    }
    if (kind.seen < this.#forgotten || now - kind.seen > hosts / REPLAYED) kind.hosts.fill(score, hosts);
    else
      for (let at = kind.seen - this.#forgotten; at < this.#changes.length; at++) {
        const host = this.#changes[at]!;
        kind.hosts.set(host, score(host));
      }
    kind.seen = now;
    return kind;
  }

  #scoreOrNot(vm: number, host: number): number {
    return hasRoom(this.fleet, vm, host) && this.#filter(vm, host) === true ? this.#score(vm, host) : -1;
  }

  #filter(vm: number, host: number): Verdict {
    const scheduler = this.#scheduler;
    if (scheduler.filter === undefined) return true;
    // What it says comes from outside, whatever its type says.
    const said: unknown = scheduler.filter(vm, host, this.fleet, this.#intent);
    if (said === true) return true;
    if (typeof said === 'string' && said !== '') return said;
    throw this.#failed(`answered neither true nor a reason from filter (${shown(said)})`);
  }

  #score(vm: number, host: number): number {
    const scheduler = this.#scheduler;
    if (scheduler.score === undefined) return 50;
    const said: unknown = scheduler.score(vm, host, this.fleet, this.#intent);
    if (typeof said === 'number' && said >= 0 && said <= 100) return said;
    throw this.#failed(`gave a score that is not from 0 to 100 (${shown(said)})`);
  }

  #failed(reason: string): Fault {
    return new Fault('plugin-failed', { plugin: this.#scheduler.manifest.id, reason });
  }
}

/**
 * How many hosts that can have a VM are scored by a scheduler that is not local: all up to a hundred, then ever smaller a share, as
 * kube-scheduler does by default (percentageOfNodesToScore: 50 % less one for each 125 nodes, 5 % at least).
 */
function enoughOf(hosts: number): number {
  const share = Math.max(0.05, 0.5 - hosts / 12_500);
  return hosts <= 100 ? hosts : Math.max(100, Math.ceil(hosts * share));
}

/** VMs of one kind are the same to a local scheduler: in demand, tags, home and where they may be. */
function keyOf({ columns, placedOn }: FleetView, vm: number): string {
  const { demand, vmTag, vmTagStart, vmMask, vmFlags, vmHost, moveMib } = columns;
  const row = vm * WIDTH + VCPUS;
  return [
    vmMask[vm],
    vmFlags[vm],
    vmHost[vm],
    placedOn[vm],
    moveMib[vm],
    ...demand.subarray(row, row + WIDTH),
    ...vmTag.subarray(vmTagStart[vm], vmTagStart[vm + 1])
  ].join(' ');
}

const shown = (said: unknown): string =>
  typeof said === 'number' || typeof said === 'string' ? String(said).slice(0, 40) : typeof said;
