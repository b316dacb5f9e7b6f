// Hosts whose links come and go: told of once, then silence until they have stayed as they are for a while.
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';

/** That many changes of a link within this time (ms) are too many to tell of each. */
const CHANGES = 3;
const WITHIN = 60_000;

export class Unsteady {
  readonly #changes = new Map<HostId, readonly number[]>();
  readonly #quiet = new Set<HostId>();

  /** Takes one step of the fleet. @returns the hosts that have become unsteady by it */
  step(before: Fleet, after: Fleet, now: number): readonly Host[] {
    const fresh: Host[] = [];
    for (const host of after.hosts.values()) {
      const earlier = before.hosts.get(host.id);
      const flipped = earlier !== undefined && (earlier.link === 'online') !== (host.link === 'online');
      const known = this.#changes.get(host.id);
      if (!flipped && known === undefined) continue;
      const recent = [...(known ?? []), ...(flipped ? [now] : [])].filter((at) => at > now - WITHIN);
      if (recent.length === 0) {
        this.#changes.delete(host.id);
        this.#quiet.delete(host.id);
      } else {
        this.#changes.set(host.id, recent.slice(-CHANGES));
        if (recent.length < CHANGES || this.#quiet.has(host.id)) continue;
        this.#quiet.add(host.id);
        fresh.push(host);
      }
    }
    return fresh;
  }

  /** True for a host of which nothing more is told for now. */
  has(host: HostId): boolean {
    return this.#quiet.has(host);
  }
}
