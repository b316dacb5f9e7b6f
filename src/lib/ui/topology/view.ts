// Where the map is seen from, and the way between map units and pixels.
import type { Box } from './boxes.ts';

/** screen = map * zoom + (x, y), in CSS pixels; `ratio` device pixels to one of those. */
export type View = {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
};

export const onScreen = (box: Box, { x, y, zoom }: View): Box => ({
  x: box.x * zoom + x,
  y: box.y * zoom + y,
  width: box.width * zoom,
  height: box.height * zoom
});

/** `box` on the screen. */
export const visible = (box: Box, { width, height }: View): boolean =>
  box.x < width && box.y < height && box.x + box.width > 0 && box.y + box.height > 0;

/** To whole device pixels: edges stay sharp, and rectangles without anti-aliasing are far cheaper. */
export const snapper =
  (ratio: number) =>
  (value: number): number =>
    Math.round(value * ratio) / ratio;
