// Which changes of the fleet are worth a notice, and which happened without a command: one fleet after the other in, both out.
import type { Fleet } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import { notices, type Notice, type Telling } from './notices.ts';
import { sightings, type Sighting } from './sightings.ts';
import { Unsteady } from './unsteady.ts';

/** Numbered from 1 in this tab. */
export type Seen = Sighting & { readonly number: number };

/** What is told within this time (ms) of what was told before, is told as one: a gateway's links end one after the other. */
const AS_ONE = 6_000;

export class Lookout {
  readonly #unsteady = new Unsteady();
  readonly #told = new Map<Telling, { readonly hosts: readonly HostId[]; readonly at: Millis }>();
  #last: Fleet = { hosts: new Map() };
  #seen = 0;

  /** @param now by this computer's clock */
  look(fleet: Fleet, now: Millis): { readonly notices: Notice[]; readonly sightings: Seen[] } {
    const before = this.#last;
    this.#last = fleet;
    const unsteady = this.#unsteady.step(before, fleet, now);
    const quiet = (host: HostId): boolean => this.#unsteady.has(host);
    const told = (telling: Telling): readonly HostId[] => {
      const earlier = this.#told.get(telling);
      return earlier === undefined || now - earlier.at > AS_ONE ? [] : earlier.hosts;
    };
    const found = notices(before, fleet, { unsteady, quiet, told });
    for (const { of } of found) if (of !== null) this.#told.set(of.telling, { hosts: of.hosts, at: now });
    return {
      notices: found,
      sightings: sightings(before, fleet, now, quiet).map((each) => ({ ...each, number: ++this.#seen }))
    };
  }
}
