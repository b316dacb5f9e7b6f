// The VMs that are on their way over the map, and the arrows that show it: from the place they had to the place they have.
import type { Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { boxOf, type Box, type MapLayout } from './boxes.ts';
import type { Arrow } from './draw-overlay.ts';
import { fitText } from './fit-text.ts';
import { NO_TRACE, follow, type Move, type Planned } from './moves.ts';

const TRAVEL_MS = 700;
/** More at once would hide the map; the others are simply there. */
const MOST = 50;

type Travel = { readonly move: Move; readonly from: Box; readonly began: number };

export class Travels {
  #under = $state.raw<readonly Travel[]>([]);
  #now = $state(0);
  #trace = NO_TRACE;
  #layout: MapLayout | null = null;

  get under(): boolean {
    return this.#under.length > 0;
  }

  /** Called with every fleet and its layout. @returns the moves that were seen to end */
  follow(hosts: readonly Host[], layout: MapLayout): readonly Move[] {
    const now = performance.now();
    const { trace, moves } = follow(this.#trace, hosts, now);
    const before = this.#layout;
    [this.#trace, this.#layout] = [trace, layout];
    const begun = moves.slice(0, MOST).flatMap((move) => {
      const from = (before && placeOf(before, move.from, move.vm)) ?? placeOf(layout, move.from, move.vm);
      return from === null ? [] : [{ move, from, began: now }];
    });
    if (begun.length > 0) {
      this.#now = now;
      this.#under = [...this.#under, ...begun];
    }
    return moves;
  }

  /** What asks for the next frame is asked again after it. */
  #tick(): number {
    return this.#now;
  }

  /** Moves all on by one animation frame, after `rest` ms. @returns what calls that off */
  nextFrame(rest: number): () => void {
    this.#tick();
    let [timer, frame] = [0, 0];
    const move = (now: number): void => {
      this.#under = this.#under.filter(({ began }) => now - began < TRAVEL_MS);
      this.#now = now;
    };
    const begin = (): void => {
      frame = requestAnimationFrame(move);
    };
    if (rest === 0) begin();
    else timer = window.setTimeout(begin, rest);
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }

  /** @param waiting VMs that say they are moving, and where to. @param toCome moves that a plan that runs will begin; they come last */
  arrows(hosts: readonly Host[], layout: MapLayout, waiting: readonly Move[], toCome: readonly Planned[]): Arrow[] {
    const travels = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    const nameOf = ({ vm, from, to }: Move): string => {
      const holder = hosts.find(({ id, vms }) => (id === to || id === from) && vms.has(vm));
      return fitText(holder?.vms.get(vm)?.name ?? '', 160);
    };
    const arrow = (move: Move, from: Box | null, part: number | null, quiet = false): Arrow[] => {
      const to = placeOf(layout, move.to, move.vm);
      if (from === null || to === null) return [];
      const { percent } = move;
      const label = quiet ? '' : percent === null ? nameOf(move) : `${nameOf(move)} · ${percent}\u00a0%`;
      return [{ from, to, label, far: percent === null ? null : percent / 100, part, travels, quiet }];
    };
    return [
      ...waiting.flatMap((move) => arrow(move, placeOf(layout, move.from, move.vm), null)),
      ...this.#under.flatMap(({ move, from, began }) =>
        arrow(move, from, Math.min(1, Math.max(0, (this.#now - began) / TRAVEL_MS)))
      ),
      ...toCome.slice(0, MOST).flatMap((planned) => {
        const move = { ...planned, percent: null };
        return arrow(move, placeOf(layout, move.from, move.vm), null, true);
      })
    ];
  }
}

/** Of the VM on that host; of the host while it has no such VM. */
const placeOf = (layout: MapLayout, host: HostId, vm: VmId): Box | null =>
  boxOf(layout, { kind: 'vm', host, vm }) ?? boxOf(layout, { kind: 'host', host });
