// Zooming and panning by d3-zoom: wheel, pinch, drag, buttons, keys. Knows whether the map is seen as a whole (`fitted`):
// then it follows the size of its frame, and on a touch screen one finger still scrolls the page.
import { select, zoom, zoomIdentity, zoomTransform } from 'd3';
import type { D3ZoomEvent, ZoomTransform } from 'd3';
import type { Box } from './boxes.ts';

type Size = { readonly width: number; readonly height: number };

/** How far beyond the edge of the map one can pan, and below its whole one can zoom out; parts of it. */
const MARGIN = 0.1;
const LEAST = 0.8;
const STEP_MS = 200;

export class MapZoom {
  readonly #behaviour = zoom<HTMLElement, unknown>();
  readonly #onchange: (transform: ZoomTransform, fitted: boolean) => void;
  #node: HTMLElement | null = null;
  #map: Size = { width: 1, height: 1 };
  #view: Size = { width: 1, height: 1 };
  #fitted = true;
  /** A wheel without Ctrl scrolls the page while the map is fitted: for maps longer than the screen. */
  #long = false;

  constructor(onchange: (transform: ZoomTransform, fitted: boolean) => void) {
    this.#onchange = onchange;
    this.#behaviour
      .filter((event: Event) => this.#takes(event))
      .on('zoom', ({ transform, sourceEvent }: D3ZoomEvent<HTMLElement, unknown>) => {
        if (sourceEvent) this.#fitted = false;
        this.#onchange(transform, this.#fitted);
      });
  }

  /** For `{@attach}`. Double clicks are not taken: they open things. */
  readonly attach = (node: HTMLElement): (() => void) => {
    this.#node = node;
    select(node).call(this.#behaviour).on('dblclick.zoom', null);
    return () => {
      select(node).interrupt().on('.zoom', null);
      this.#node = null;
    };
  };

  /** The map or its frame has another size: what was seen as a whole is again, other views stay where they are. */
  shape(map: Size, view: Size, long: boolean): void {
    [this.#map, this.#view, this.#long] = [map, view, long];
    const whole = this.#whole();
    this.#behaviour
      .extent([
        [0, 0],
        [view.width, view.height]
      ])
      .scaleExtent([whole * LEAST, Math.max(3, whole * 4)])
      .translateExtent([
        [-map.width * MARGIN, -map.height * MARGIN],
        [map.width * (1 + MARGIN), map.height * (1 + MARGIN)]
      ]);
    if (this.#fitted) this.fit(false);
    else if (this.#node) this.#behaviour.translateBy(select(this.#node), 0, 0);
  }

  by(factor: number): void {
    if (this.#node === null) return;
    this.#fitted = false;
    this.#behaviour.scaleBy(this.#transition(this.#node), factor);
  }

  fit(smooth = true): void {
    this.#fitted = true;
    const k = this.#whole();
    const x = (this.#view.width - this.#map.width * k) / 2;
    const y = (this.#view.height - this.#map.height * k) / 2;
    this.#go(zoomIdentity.translate(x, y).scale(k), smooth);
  }

  /** Brings `box` (map units) into sight, its smaller side at least `least` pixels. Does nothing when it already is. */
  show(box: Box, least: number): void {
    if (this.#node === null) return;
    const { k, x, y } = zoomTransform(this.#node);
    const zoomed = Math.max(k, Math.min(this.#behaviour.scaleExtent()[1], least / Math.min(box.width, box.height)));
    const [left, top] = [box.x * k + x, box.y * k + y];
    const { width, height } = this.#view;
    const inside = left >= 0 && top >= 0 && left + box.width * k <= width && top + box.height * k <= height;
    if (zoomed === k && inside) return;
    this.#fitted = false;
    const middle = [box.x + box.width / 2, box.y + box.height / 2] as const;
    this.#go(
      zoomIdentity
        .translate(width / 2, height / 2)
        .scale(zoomed)
        .translate(-middle[0], -middle[1]),
      true
    );
  }

  #whole(): number {
    return Math.min(this.#view.width / this.#map.width, this.#view.height / this.#map.height) || 1;
  }

  #takes(event: Event): boolean {
    if (event instanceof WheelEvent) return event.ctrlKey || !this.#long || !this.#fitted;
    if (event.type === 'touchstart' && this.#fitted) return (event as TouchEvent).touches.length > 1;
    return event instanceof MouseEvent ? event.button === 0 && !event.ctrlKey && !event.metaKey : true;
  }

  #go(transform: ZoomTransform, smooth: boolean): void {
    if (this.#node === null) return;
    if (smooth) this.#behaviour.transform(this.#transition(this.#node), transform);
    else this.#behaviour.transform(select(this.#node), transform);
  }

  #transition(node: HTMLElement) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    return select(node)
      .transition()
      .duration(still ? 0 : STEP_MS);
  }
}
