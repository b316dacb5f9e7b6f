// What keeps a round of the rebalance loop from looking for a plan: a fleet that is in motion is not judged. One fleet after the
// other in.
import { inMaintenance, type Fleet } from '../../model/fleet.ts';
import type { Hindrance } from './decide.ts';

const MOVES = ['vm.migrate', 'migration.prepare'];

export class Watch {
  #links = '';
  #closed = '';
  #linksAt = -Infinity;
  #closedAt = -Infinity;

  /** @param calm ms that links, and maintenance, must have stayed as they are */
  look({ hosts }: Fleet, at: number, calm: number): Hindrance | null {
    const all = [...hosts.values()];
    const links = all.map(({ id, link, trouble }) => `${id} ${link} ${trouble ?? ''}`).join('\n');
    const closed = all.flatMap((host) => (inMaintenance(host) ? host.id : [])).join('\n');
    if (links !== this.#links) [this.#links, this.#linksAt] = [links, at];
    if (closed !== this.#closed) [this.#closed, this.#closedAt] = [closed, at];
    const moving = all.some(
      ({ vms, activity }) =>
        [...vms.values()].some(({ state }) => state === 'moving') ||
        activity.some(({ op, status }) => status === 'running' && MOVES.includes(op))
    );
    if (moving) return 'in-motion';
    if (all.some(({ link }) => link === 'connecting') || at - this.#linksAt < calm) return 'unsteady';
    return at - this.#closedAt < calm ? 'maintenance' : null;
  }
}
