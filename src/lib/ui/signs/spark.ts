// Paths of a sparkline by d3-shape: values left to right over the whole width, the newest at the right edge.
import { area, line } from 'd3';

/** `max` <= 0 draws a flat line. @returns SVG path data, empty when there is nothing to draw. */
export function sparkPaths(
  values: readonly (number | null)[],
  max: number,
  width: number,
  height: number
): { line: string; area: string } {
  const x = (_: number | null, index: number): number =>
    Math.round((values.length < 2 ? width : (index / (values.length - 1)) * width) * 10) / 10;
  const y = (value: number | null): number =>
    Math.round((height - 1 - Math.min(1, max > 0 ? (value ?? 0) / max : 0) * (height - 3)) * 10) / 10;
  const defined = (value: number | null): boolean => value !== null;
  const data = [...values];
  return {
    line: line<number | null>().defined(defined).x(x).y(y)(data) ?? '',
    area: area<number | null>().defined(defined).x(x).y1(y).y0(height)(data) ?? ''
  };
}
