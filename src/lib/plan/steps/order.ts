// A plan becomes steps: which change when, so that no host ever holds more than it can, VMs under way counted on both of theirs.
// List scheduling (Graham 1966) over estimated durations; a cycle is broken by a detour over a third host.
import { HOST_MAINTENANCE, HOST_ONLINE, MEMORY, SHARE_CAP, SHARE_WIDTH, VCPUS, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Move, Share } from '../../plugin/scheduler.ts';
import type { Reason } from '../reason.ts';
import { isStart, Occupancy } from './occupancy.ts';
import type { Before } from './occupancy.ts';

/** Times in seconds from the beginning, estimated. `after`: steps by index that have to be done before. */
type Timed = { readonly begins: number; readonly ends: number; readonly after: readonly number[] };
export type Step = Timed &
  (
    | {
        readonly kind: 'move';
        readonly vm: number;
        readonly from: number;
        readonly to: number;
        /** MiB to be copied. */
        readonly mib: number;
        /** Only to make room: another step takes it on to where it is wanted. */
        readonly detour: boolean;
      }
    | { readonly kind: 'place'; readonly vm: number; readonly to: number }
    | {
        /** A start: of a VM that is off, with the size it has. */
        readonly kind: 'resize' | 'start';
        readonly vm: number;
        readonly on: number;
        readonly vcpus: number;
        readonly memory: number;
      }
    | {
        readonly kind: 'share';
        readonly vm: number;
        readonly on: number;
        readonly weight: number;
        /** Percent of one CPU; null: none. */
        readonly cap: number | null;
      }
  );

/** A change for which there is no order. */
export type Blocked = { readonly vm: number; readonly host: number; readonly reason: Reason };
export type Ordered = {
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
  readonly seconds: number;
};

export type OrderOptions = {
  /** Moves and placements a host takes part in at once, 1 and up. */
  readonly perHost: number;
  /** Moves between two sites at once, 1 and up. */
  readonly perLink: number;
  /** Seconds a move takes, estimated. */
  readonly moveSeconds: (mib: number, betweenSites: boolean) => number;
};

/** MiB/s of memory that comes across at 1 Gbit/s, what is written meanwhile copied again, and a pause at the end. */
const MIB_PER_SECOND = 110;
const AGAIN = 1.25;
const PAUSE = 2;
const BETWEEN_SITES = 10;
const PLACE_SECONDS = 5;
const SECONDS = { resize: 2, start: 5, share: 1 } as const;
/** One at a time for a host and its disks; several between sites would only share the line. */
export const DEFAULT_ORDER: OrderOptions = {
  perHost: 1,
  perLink: 2,
  moveSeconds: (mib, betweenSites) => PAUSE + (mib * AGAIN * (betweenSites ? BETWEEN_SITES : 1)) / MIB_PER_SECOND
};

/** What is to be done with a VM next, and then. */
type Job = {
  readonly vm: number;
  readonly to: number;
  readonly then: Job | null;
  readonly needed: number | null;
  readonly detour: boolean;
};
type Running = {
  readonly index: number;
  readonly ends: number;
  readonly vm: number;
  readonly from: number;
  readonly job: Job;
};

/**
 * @param moves VMs to hosts, each VM at most once; new VMs are placed, the others moved
 * @param before sizes of VMs that the plan resizes; those that shrink do so first,
 * those that grow when they are where they stay; where no VM comes, as soon as there is room
 * @param shares each VM at most once: of VMs that stay, caps that take something are the first steps; all others come last, when the
 * VM is where it stays
 */
export function order(
  columns: Columns,
  moves: readonly Move[],
  before: Before = new Map(),
  options = DEFAULT_ORDER,
  shares: readonly Share[] = []
): Ordered {
  return new Ordering(columns, moves, before, options, shares).run();
}

class Ordering {
  readonly #columns: Columns;
  readonly #options: OrderOptions;
  readonly #occupancy: Occupancy;
  readonly #at: Int32Array;
  readonly #steps: Step[] = [];
  readonly #blocked: Blocked[] = [];
  #jobs: Job[];
  #running: Running[] = [];
  #now = 0;
  readonly #busyHost: Int32Array;
  readonly #busyLink = new Map<number, number>();
  /** Steps that took something away from a host. */
  readonly #freed: readonly number[][];
  #grows: readonly { readonly vm: number; readonly to: number }[] = [];
  readonly #before: Before;
  /** Shares that are given when all else is done, each with the host where the VM is then. */
  readonly #lastShares: readonly { readonly share: Share; readonly to: number }[];

  constructor(
    columns: Columns,
    moves: readonly Move[],
    before: Before,
    options: OrderOptions,
    shares: readonly Share[]
  ) {
    this.#columns = columns;
    this.#options = options;
    this.#before = before;
    this.#occupancy = new Occupancy(columns, before);
    this.#at = columns.vmHost.slice();
    this.#busyHost = new Int32Array(columns.hosts);
    this.#freed = Array.from({ length: columns.hosts }, () => []);
    const target = new Map(moves.map(({ vm, host }) => [vm, host]));
    this.#jobs = [...target]
      .filter(([vm, host]) => columns.vmHost[vm] !== host)
      .map(([vm, to]) => ({ vm, to, then: null, needed: null, detour: false }));
    // What frees most comes first: others wait for it.
    this.#jobs.sort((one, other) => this.#memory(other.vm) - this.#memory(one.vm) || one.vm - other.vm);
    const settled = shares.map((share) => ({ share, to: target.get(share.vm) ?? columns.vmHost[share.vm]! }));
    const isFirst = ({ share, to }: (typeof settled)[number]): boolean =>
      columns.vmHost[share.vm] === to && this.#takes(share);
    for (const { share, to } of settled.filter(isFirst)) this.#addShare(share, to, []);
    this.#lastShares = settled.filter((one) => !isFirst(one));
    for (const [vm, was] of before) this.#planResize(vm, was, target.get(vm) ?? columns.vmHost[vm]!);
    const comes = new Set(moves.filter(({ vm, host }) => columns.vmHost[vm] !== host).map(({ host }) => host));
    this.#grows = this.#grows.filter(({ vm, to }) => comes.has(to) || this.#whyNotGrown(vm, to) !== null);
  }

  run(): Ordered {
    for (;;) {
      this.#startAll();
      if (this.#running.length > 0) this.#endNext();
      else if (this.#jobs.length === 0 || !this.#detour()) break;
    }
    for (const { vm, to } of this.#jobs) {
      this.#blocked.push({ vm, host: to, reason: this.#why(vm, to) ?? { kind: 'circle' } });
    }
    this.#grow();
    for (const { share, to } of this.#lastShares) this.#shareLast(share, to);
    const seconds = this.#steps.reduce((last, { ends }) => Math.max(last, ends), 0);
    return { steps: this.#steps, blocked: this.#blocked, seconds };
  }

  #planResize(vm: number, was: { readonly vcpus: number; readonly memory: number }, to: number): void {
    const { demand, vmHost } = this.#columns;
    const smaller = demand[vm * WIDTH + VCPUS]! <= was.vcpus && demand[vm * WIDTH + MEMORY]! <= was.memory;
    if (!smaller) {
      this.#grows = [...this.#grows, { vm, to }];
      return;
    }
    const home = vmHost[vm]!;
    this.#occupancy.resize(vm, home);
    this.#freed[home]!.push(this.#addResize(vm, home, []));
  }

  #addResize(vm: number, on: number, after: readonly number[]): number {
    const { demand } = this.#columns;
    const begins = this.#endOf(after);
    const [vcpus, memory] = [demand[vm * WIDTH + VCPUS]!, demand[vm * WIDTH + MEMORY]!];
    const kind = isStart(this.#before.get(vm)!) ? 'start' : 'resize';
    return this.#steps.push({ kind, vm, on, vcpus, memory, begins, ends: begins + SECONDS[kind], after }) - 1;
  }

  /** Whether a VM can use less than before. */
  #takes({ vm, cap }: Share): boolean {
    const was = this.#columns.share[vm * SHARE_WIDTH + SHARE_CAP]! || Infinity;
    return (cap ?? Infinity) < was;
  }

  #addShare({ vm, weight, cap }: Share, on: number, after: readonly number[]): void {
    const begins = this.#endOf(after);
    this.#steps.push({ kind: 'share', vm, on, weight, cap, begins, ends: begins + SECONDS.share, after });
  }

  #shareLast(share: Share, to: number): void {
    const { vm } = share;
    if (this.#at[vm] !== to) {
      this.#blocked.push({ vm, host: to, reason: { kind: 'not-there-yet' } });
      return;
    }
    const own = this.#steps.flatMap((step, index) => (step.vm === vm ? [index] : []));
    // What leaves the host, and what is taken from others there, leaves room for more.
    const freed = this.#steps.flatMap((step, index) =>
      step.kind === 'share' && step.on === to && this.#takes(step) ? [index] : []
    );
    this.#addShare(share, to, [...new Set([...own, ...this.#freed[to]!, ...freed])]);
  }

  #endOf(after: readonly number[]): number {
    return after.reduce((last, step) => Math.max(last, this.#steps[step]!.ends), 0);
  }

  /** Those that grow, one after another, when all moves are done. */
  #grow(): void {
    for (const { vm, to } of this.#grows) {
      const reason = this.#whyNotGrown(vm, to);
      if (reason !== null) this.#blocked.push({ vm, host: to, reason });
    }
  }

  /** Grows it. @returns why it cannot; null when it has grown */
  #whyNotGrown(vm: number, to: number): Reason | null {
    if (this.#at[vm] !== to) return { kind: 'not-there-yet' };
    const reason = this.#occupancy.whyNoRoom(vm, to);
    if (reason !== null) return reason;
    this.#occupancy.resize(vm, to);
    const own = this.#steps.flatMap((step, index) => (step.kind === 'move' && step.vm === vm ? [index] : []));
    this.#addResize(vm, to, [...new Set([...own, ...this.#freed[to]!])]);
    return null;
  }

  #startAll(): void {
    const left: Job[] = [];
    for (const job of this.#jobs) if (!this.#tryStart(job)) left.push(job);
    this.#jobs = left;
  }

  #tryStart(job: Job): boolean {
    const { vm, to } = job;
    const from = this.#at[vm]!;
    const { perHost, perLink, moveSeconds } = this.#options;
    const link = from < 0 ? null : this.#link(from, to);
    if (this.#busyHost[to]! >= perHost || (from >= 0 && this.#busyHost[from]! >= perHost)) return false;
    if (link !== null && (this.#busyLink.get(link) ?? 0) >= perLink) return false;
    if (this.#why(vm, to) !== null) return false;
    this.#occupancy.arrive(vm, to);
    this.#busyHost[to]!++;
    const after = [...new Set([...(job.needed === null ? [] : [job.needed]), ...this.#freed[to]!])];
    const begins = this.#now;
    let index: number;
    if (from < 0) {
      index = this.#steps.push({ kind: 'place', vm, to, begins, ends: begins + PLACE_SECONDS, after }) - 1;
    } else {
      this.#busyHost[from]!++;
      if (link !== null) this.#busyLink.set(link, (this.#busyLink.get(link) ?? 0) + 1);
      const mib = this.#columns.moveMib[vm]!;
      const ends = begins + moveSeconds(mib, link !== null);
      index = this.#steps.push({ kind: 'move', vm, from, to, mib, detour: job.detour, begins, ends, after }) - 1;
    }
    this.#running.push({ index, ends: this.#steps[index]!.ends, vm, from, job });
    return true;
  }

  #endNext(): void {
    const next = this.#running.reduce((first, one) => (one.ends < first.ends ? one : first));
    this.#running = this.#running.filter((one) => one !== next);
    const { vm, from, job, index } = next;
    this.#now = next.ends;
    this.#at[vm] = job.to;
    this.#busyHost[job.to]!--;
    if (from >= 0) {
      this.#busyHost[from]!--;
      const link = this.#link(from, job.to);
      if (link !== null) this.#busyLink.set(link, this.#busyLink.get(link)! - 1);
      this.#occupancy.leave(vm, from);
      this.#freed[from]!.push(index);
    }
    if (job.then !== null) this.#jobs.push({ ...job.then, needed: index });
  }

  /** Sends the cheapest VM that can wait elsewhere out of the way. @returns false when none can */
  #detour(): boolean {
    const { moveMib } = this.#columns;
    const candidates = this.#jobs
      .filter(({ vm, detour }) => this.#at[vm]! >= 0 && !detour && this.#columns.vmHost[vm] === this.#at[vm])
      .sort((one, other) => moveMib[one.vm]! - moveMib[other.vm]!);
    for (const job of candidates) {
      const via = this.#waitingRoom(job.vm, job.to);
      if (via === null) continue;
      this.#jobs = this.#jobs.filter((other) => other !== job);
      this.#jobs.unshift({ vm: job.vm, to: via, then: job, needed: null, detour: true });
      return true;
    }
    return false;
  }

  /** A host with room, of the same site where there is one. */
  #waitingRoom(vm: number, to: number): number | null {
    const { hosts, hostSite } = this.#columns;
    const from = this.#at[vm]!;
    let found: number | null = null;
    for (let host = 0; host < hosts; host++) {
      if (host === from || host === to || this.#why(vm, host) !== null) continue;
      if (hostSite[host] === hostSite[from]) return host;
      found ??= host;
    }
    return found;
  }

  #why(vm: number, host: number): Reason | null {
    const { hostFlags, masks, vmMask, hosts } = this.#columns;
    if (((hostFlags[host] ?? 0) & (HOST_ONLINE | HOST_MAINTENANCE)) !== HOST_ONLINE) return { kind: 'host-closed' };
    if (masks[vmMask[vm]! * hosts + host] !== 1) return { kind: 'unsuited' };
    return this.#occupancy.whyFull(vm, host);
  }

  #link(from: number, to: number): number | null {
    const { hostSite, siteName } = this.#columns;
    const [one, other] = [hostSite[from]!, hostSite[to]!];
    return one === other ? null : Math.min(one, other) * siteName.length + Math.max(one, other);
  }

  #memory(vm: number): number {
    return this.#columns.demand[vm * WIDTH + MEMORY]!;
  }
}
