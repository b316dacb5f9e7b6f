// The state of the map: what is given to it, where it is seen from, what is pointed at, walked to and selected; and what
// is to be drawn of all that. Layout and marks are kept as long as what they depend on stays the same.
import { mapBy } from '#lib/app/immutable-map.ts';
import type { Host } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import type { ShellMessages } from '#lib/messages/messages.ts';
import { boxOf, hitTest, sameItem, type Grain, type Item } from './boxes.ts';
import { drawMap, type Scene } from './draw.ts';
import { drawArrows, drawOutlines, labelSize, type Arrow, type Outline } from './draw-overlay.ts';
import type { Metric } from './figures.ts';
import { isStacked, layoutMap } from './layout.ts';
import { MapZoom } from './map-zoom.ts';
import { markFleet, type Marks, type Matches } from './marks.ts';
import { boundFor, stillToCome, underWay, type Planned } from './moves.ts';
import { greyed, readPalette } from './palette.ts';
import { routes, type Route, type Wish } from './route.ts';
import { NO_STRUCTURE, structureOf } from './structure.ts';
import { Travels } from './travels.svelte.ts';
import { onScreen, type View } from './view.ts';
import { describe, mapWords } from './words.ts';
import { written } from './written.ts';

export type Given = {
  readonly hosts: readonly Host[];
  readonly metric: Metric;
  readonly selected: string | null;
  readonly matches: Matches;
  /** Moves that a plan that runs has still to begin. */
  readonly toCome: readonly Planned[];
  readonly m: ShellMessages;
};

/** What the zoom buttons take of the frame, px: at its right, of a map longer than the screen at its end. */
export const BUTTONS = 32;
/** Beyond this, pixels cost more than they show. */
const MOST_RATIO = 2;

export class MapScene {
  readonly #given: () => Given;
  /** Size of the element, pixels. */
  #frame = $state.raw({ width: 0, height: 0 });
  /** What the layout was made for: the room; while only a part is seen, the room as it was. */
  #made = $state.raw({ width: 0, height: 0 });
  #transform = $state.raw({ x: 0, y: 0, k: 1 });
  #palette = $state.raw(readPalette(document.documentElement));
  #fitted = $state(true);
  #structure = NO_STRUCTURE;
  #grain: Grain | null = null;
  #known: { readonly metric: Metric; readonly matches: Matches; readonly marks: Marks } | null = null;
  readonly zoom = new MapZoom((transform, fitted) => {
    this.#transform = transform;
    this.#fitted = fitted;
  });
  readonly travels = new Travels();
  pointed = $state.raw<Item | null>(null);
  pointer = $state.raw({ x: 0, y: 0 });
  walked = $state.raw<Item | null>(null);
  /** Whether the keyboard was used last, so that `walked` is what the operator looks at. */
  walking = $state(false);

  readonly #mapHosts = $derived.by(() => {
    this.#structure = structureOf(this.#given().hosts, this.#structure);
    return this.#structure.hosts;
  });
  readonly layout = $derived.by(() => {
    const layout = layoutMap(this.#mapHosts, this.#made.width, this.#made.height, this.#grain);
    this.#grain = layout.grain;
    return layout;
  });
  readonly hosts = $derived.by(() => mapBy(this.#given().hosts, (host) => host.id));
  /** As high as the layout, instead of the layout as high as the frame. */
  readonly stacked = $derived.by(() => isStacked(this.hosts.size, this.#frame.width));
  readonly #marks = $derived.by(() => {
    const { hosts, metric, matches } = this.#given();
    const before = this.#known?.metric === metric && this.#known.matches === matches ? this.#known.marks : null;
    this.#known = { metric, matches, marks: markFleet(hosts, this.layout, metric, matches, before) };
    return this.#known.marks;
  });
  readonly #scene = $derived.by((): Scene => {
    const words = mapWords(this.hosts, this.#given().metric, this.#given().m);
    const palette = this.#palette;
    return { layout: this.layout, marks: this.#marks, words, palette, stale: greyed(palette) };
  });
  readonly #view = $derived.by((): View => ({
    ...this.#frame,
    x: this.#transform.x,
    y: this.#transform.y,
    zoom: this.#transform.k,
    ratio: Math.min(devicePixelRatio, MOST_RATIO)
  }));
  readonly selected = $derived.by((): Item | null => {
    const { hosts, selected } = this.#given();
    if (selected === null) return null;
    const host = hosts.find(({ id, vms }) => id === selected || vms.has(selected as VmId));
    if (host === undefined) return null;
    return host.id === selected ? { kind: 'host', host: host.id } : { kind: 'vm', host: host.id, vm: selected as VmId };
  });
  readonly #outlines = $derived.by(() => {
    const of = (item: Item | null, kind: Outline['kind']): Outline[] => {
      const box = item === null ? null : boxOf(this.layout, item);
      return box === null ? [] : [{ box, kind }];
    };
    return [
      ...of(this.walking ? null : this.pointed, 'pointed'),
      ...of(this.selected, 'selected'),
      ...of(this.walking ? this.walked : null, 'walked')
    ];
  });
  readonly #waiting = $derived.by(() => underWay(this.#given().hosts, boundFor(this.#given().hosts)));
  readonly #arrows = $derived.by(() => {
    const { hosts, toCome } = this.#given();
    return this.travels.arrows(hosts, this.layout, this.#waiting, stillToCome(toCome, hosts, this.#waiting));
  });
  readonly #written = $derived.by(() => written(this.layout, this.hosts, this.#view));
  readonly #routes = $derived.by(() => {
    const wish = (arrow: Arrow): Wish => ({
      ...{ from: onScreen(arrow.from, this.#view), to: onScreen(arrow.to, this.#view) },
      label: labelSize(arrow)
    });
    const wayOf = (arrows: readonly Arrow[]): readonly Route[] =>
      arrows.length === 0 ? [] : routes(arrows.map(wish), this.#written, { x: 0, y: 0, ...this.room });
    // Those to come, which are the last, take nothing from the others.
    const begun = this.#arrows.filter(({ quiet }) => !quiet);
    return [...wayOf(begun), ...wayOf(this.#arrows.slice(begun.length))];
  });
  /** What the tooltip says, and on which side of what: towards the middle of the frame. */
  readonly tip = $derived.by(() => {
    const item = this.walking ? this.walked : this.pointed;
    const described = item === null ? null : describe(item, this.hosts, this.#given().m);
    if (item === null || described === null) return null;
    const box = this.walking ? boxOf(this.layout, item) : null;
    const { x, y, width, height } = box === null ? { ...this.pointer, width: 0, height: 0 } : onScreen(box, this.#view);
    const left = x + width / 2 > this.#frame.width / 2;
    const above = y + height / 2 > this.#frame.height / 2;
    return { described, x: left ? x : x + width, y: above ? y : y + height, left, above };
  });

  /** `given` is read again whenever something in it changes. */
  constructor(given: () => Given) {
    this.#given = given;
  }

  get frame() {
    return this.#frame;
  }

  /** The frame without the zoom buttons: the whole map fits beside them. */
  get room() {
    const { width, height } = this.#frame;
    return this.stacked
      ? { width, height: Math.max(0, height - BUTTONS) }
      : { width: Math.max(0, width - BUTTONS), height };
  }

  /** The whole map is seen, as large as the room allows. */
  get fitted(): boolean {
    return this.#fitted;
  }

  resize(width: number, height: number): void {
    this.#frame = { width, height };
    if (this.#fitted) this.#made = this.room;
  }

  fit(): void {
    this.#made = this.room;
    this.zoom.fit();
  }

  readTheme(): void {
    this.#palette = readPalette(document.documentElement);
  }

  /** `x`, `y` in the frame. */
  pointAt(x: number, y: number): void {
    const { x: left, y: top, k } = this.#transform;
    this.pointer = { x, y };
    const item = hitTest(this.layout, (x - left) / k, (y - top) / k, k);
    if (!sameItem(item, this.pointed)) this.pointed = item;
  }

  walkTo(item: Item): void {
    this.walked = item;
    this.walking = true;
    const box = boxOf(this.layout, item);
    if (box !== null) this.zoom.show(box, item.kind === 'vm' ? 24 : item.kind === 'host' ? 60 : 0);
  }

  /** Whether anything lies over the map. */
  get covered(): boolean {
    return this.#outlines.length > 0 || this.#arrows.length > 0;
  }

  /** Draws in the next frame what is to be seen now. @returns what calls that off */
  paint(canvas: HTMLCanvasElement): () => void {
    const [scene, view] = [this.#scene, this.#view];
    return inNextFrame(canvas, view, false, (ctx) => drawMap(ctx, scene, view));
  }

  /** The same of what lies over the map, on a canvas over it: what is pointed at and what travels does not draw the map anew. */
  paintOver(canvas: HTMLCanvasElement): () => void {
    const [view, outlines, palette] = [this.#view, this.#outlines, this.#palette];
    const [arrows, ways] = [this.#arrows, this.#routes];
    const words = arrows.length === 0 ? [] : this.#written;
    return inNextFrame(canvas, view, true, (ctx) => {
      ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      ctx.clearRect(0, 0, view.width, view.height);
      drawOutlines(ctx, outlines, palette, view);
      drawArrows(ctx, arrows, ways, words, palette, view);
    });
  }
}

function inNextFrame(
  canvas: HTMLCanvasElement,
  view: View,
  alpha: boolean,
  draw: (ctx: CanvasRenderingContext2D) => void
): () => void {
  const request = requestAnimationFrame(() => {
    const [width, height] = [Math.round(view.width * view.ratio), Math.round(view.height * view.ratio)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const ctx = canvas.getContext('2d', { alpha });
    if (ctx !== null) draw(ctx);
  });
  return () => cancelAnimationFrame(request);
}
