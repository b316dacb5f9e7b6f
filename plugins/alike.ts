// Hosts that are alike: as many CPUs and as much memory, as much of both given out. What is worked out of such loads is the same for
// all of them, and of thousands of hosts there are often a few dozen kinds.
import { CPU, MEMORY, VCPUS, WIDTH } from 'smps-vmm/plugin';
import type { FleetView } from 'smps-vmm/plugin';

export type Kind = {
  /** How many hosts. */
  count: number;
  /** CPUs and MiB there are: no overcommit. */
  readonly of: readonly [number, number];
  /** vCPUs and MiB given out. */
  readonly used: readonly [number, number];
};

export class AlikeHosts {
  /** Some may have no hosts any more. */
  readonly kinds: Kind[] = [];
  /** Index of the kind of each host; -1: offline or in maintenance. */
  readonly kindOf: Int32Array;
  readonly #fleet: FleetView;
  readonly #byName = new Map<string, number>();
  /** Names of the kinds, and numbers of those without hosts, to be used again. */
  readonly #names: string[] = [];
  readonly #unused: number[] = [];
  #revision: number;

  constructor(fleet: FleetView) {
    this.#fleet = fleet;
    this.kindOf = new Int32Array(fleet.hosts).fill(-1);
    this.#revision = fleet.revision;
    for (let host = 0; host < fleet.hosts; host++) this.#enter(host);
  }

  /** As the fleet is now. */
  refresh(): void {
    const { revision, hosts } = this.#fleet;
    if (revision === this.#revision) return;
    const changed = this.#fleet.changedSince(this.#revision) ?? Array.from({ length: hosts }, (_, host) => host);
    this.#revision = revision;
    for (const host of changed) {
      this.#leave(host);
      this.#enter(host);
    }
  }

  #enter(host: number): void {
    const fleet = this.#fleet;
    if (!fleet.isOnline(host) || fleet.inMaintenance(host)) return;
    const { capacity } = fleet.columns;
    const row = host * WIDTH;
    const of = [capacity[row + CPU]! / 1000, capacity[row + MEMORY]!] as const;
    const used = [fleet.used[row + VCPUS]!, fleet.used[row + MEMORY]!] as const;
    const name = `${of[0]} ${of[1]} ${used[0]} ${used[1]}`;
    let kind = this.#byName.get(name);
    if (kind === undefined) {
      kind = this.#unused.pop() ?? this.kinds.length;
      this.kinds[kind] = { count: 0, of, used };
      this.#names[kind] = name;
      this.#byName.set(name, kind);
    }
    this.kinds[kind]!.count += 1;
    this.kindOf[host] = kind;
  }

  #leave(host: number): void {
    const kind = this.kindOf[host]!;
    if (kind < 0) return;
    this.kindOf[host] = -1;
    this.kinds[kind]!.count -= 1;
    if (this.kinds[kind]!.count > 0) return;
    this.#byName.delete(this.#names[kind]!);
    this.#unused.push(kind);
  }
}
