// Which changes of the fleet are worth a notice, and which happened without a command: one fleet after the other in, both out.
import type { ShellMessages } from '#lib/messages/messages.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import { notices, type Notice } from './notices.ts';
import { sightings, type Sighting } from './sightings.ts';
import { Unsteady } from './unsteady.ts';

/** Numbered from 1 in this tab. */
export type Seen = Sighting & { readonly number: number };

export class Lookout {
  readonly #unsteady = new Unsteady();
  #last: Fleet = { hosts: new Map() };
  #seen = 0;

  /** @param now by this computer's clock */
  look(m: ShellMessages, fleet: Fleet, now: Millis): { readonly notices: Notice[]; readonly sightings: Seen[] } {
    const before = this.#last;
    this.#last = fleet;
    const unsteady = this.#unsteady.step(before, fleet, now);
    const quiet = (host: HostId): boolean => this.#unsteady.has(host);
    return {
      notices: notices(m, before, fleet, { unsteady, quiet }),
      sightings: sightings(before, fleet, now, quiet).map((each) => ({ ...each, number: ++this.#seen }))
    };
  }
}
