// What a scheduler is: pure functions over a fleet. Data in, data out; time, randomness and the deadline come in the intent.
import type { FleetView } from './fleet-view.ts';
import type { Manifest } from './manifest.ts';
import type { Weights } from './weights.ts';

/** The version of this interface, `api` of a manifest. */
export const API = 1;

/** True: the VM may be there. A text: it may not, and why, for the operator to read. */
export type Verdict = true | string;

/** What the operator wants, and what a scheduler may know beside the fleet. */
export type Intent = {
  /**
   * `place`: only the VMs in `place` get a host. `rebalance`: any movable VM may move as well. `evacuate`: what is on the hosts
   * of `leave` has to go; others move only to make room.
   */
  readonly kind: 'place' | 'rebalance' | 'evacuate';
  /** New VMs, by index, in the order in which they were asked for. */
  readonly place: readonly number[];
  /** Hosts to be emptied, by index. */
  readonly leave: readonly number[];
  /** What things cost (`Weights`); the same for all schedulers, so that their plans can be compared. */
  readonly weights: Weights;
  /** The scheduler's own settings: checked against the manifest, defaults filled in. */
  readonly config: Readonly<Record<string, number | string | boolean>>;
  /** Milliseconds there are for all of it. */
  readonly budget: number;
  /** Milliseconds since the beginning; never falls. The only clock a scheduler should ask. */
  elapsed(): number;
  /** 0 up to, not including, 1; the same numbers for the same seed. */
  random(): number;
  /** Makes independent streams of random numbers. */
  readonly seed: number;
};

/** A VM goes to a host. */
export type Move = { readonly vm: number; readonly host: number };

/**
 * A VM gets another share of the CPUs of the host where it is in the end. `weight` 1 to 65,535 against the other VMs there;
 * `cap` in percent of one CPU, from `SHARE_LEAST` to 100 for each of its vCPUs; null: no cap.
 */
export type Share = { readonly vm: number; readonly weight: number; readonly cap: number | null };

/** The moves wanted, all together; VMs not named stay. Later proposals replace earlier ones. */
export type Proposal = {
  readonly moves: readonly Move[];
  /** Shares that change, each VM at most once; left out: none. */
  readonly shares?: readonly Share[];
  /** One line for the operator. */
  readonly note?: string;
};

/**
 * Any of the three functions may be left out. They must be pure: same arguments, same answer. They are called often, from a
 * worker without network, storage or page; whatever they answer is checked before anything is done with it.
 */
export type Scheduler = {
  readonly manifest: Manifest;
  /**
   * True: `filter` and `score` look at the VM and at this one host only, and not at time, randomness or other hosts. What they
   * answered is then kept until the host changes, which makes placing thousands of VMs on thousands of hosts fast.
   */
  readonly local?: boolean;
  /** Whether the VM may be on the host, beyond the rules that always hold. Called for hosts that keep those. */
  filter?(vm: number, host: number, fleet: FleetView, intent: Intent): Verdict;
  /** 0 (worst) to 100 (best), for hosts that passed `filter`. */
  score?(vm: number, host: number, fleet: FleetView, intent: Intent): number;
  /**
   * A whole plan; a generator may yield ever better ones until the budget is used up. Left out: new VMs, and those that have to
   * leave, are placed one after another by `score`.
   */
  propose?(fleet: FleetView, intent: Intent): Proposal | Iterable<Proposal>;
};
