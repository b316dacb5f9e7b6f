// One uPlot on an element: what is drawn comes in as a view, what the pointer does goes out as instants. The only file that
// knows uPlot. Colours are the design tokens, read anew for every drawing.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Chart, Stroke } from './charts.ts';
import type { Stretch } from './range.ts';
import { alone, bridged } from './readings.ts';
import { timeTicks, valueTicks } from './ticks.ts';

export type PlotView = { readonly at: Float64Array; readonly chart: Chart; readonly shown: Stretch };
export type PlotEvents = {
  /** The step under the pointer begins then; null when the pointer has left. */
  readonly onpoint: (at: number | null) => void;
  /** A stretch was drawn across, in either direction. */
  readonly ondrag: (a: number, b: number) => void;
  readonly onback: () => void;
};

const AXIS = 62;
/** Pixels that a time and a line of values take at least. */
const TIME_SPACE = 62;
/** Half a time, px. */
const EDGE = 17;
const VALUE_STEPS = 4;
const COLOUR: Readonly<Record<Stroke, string>> = { main: 'accent', other: 'warn', faint: 'accent' };

export class Plot {
  readonly #plot: uPlot;
  readonly #stop: () => void;
  #view: PlotView;
  #point: number | null = null;

  constructor(node: HTMLElement, view: PlotView, events: PlotEvents, write: (instant: number) => string) {
    this.#view = view;
    const token = (name: string): string => getComputedStyle(node).getPropertyValue(`--${name}`).trim();
    const font = `11px ${token('font') || 'sans-serif'}`;
    const axis = { font, stroke: () => token('muted'), ticks: { show: false } };
    const grid = { stroke: () => token('line'), width: 1 };
    this.#plot = new uPlot(
      {
        width: Math.max(1, node.clientWidth),
        height: Math.max(1, node.clientHeight),
        ms: 1,
        // On the right: half a time, which may stand at the edge.
        padding: [6, 17, 0, 0],
        legend: { show: false },
        scales: {
          x: { time: false, range: () => [this.#view.shown.from, this.#view.shown.to] },
          y: { range: () => [0, this.#view.chart.top] }
        },
        series: [
          {},
          ...view.chart.lines.map(({ stroke }, index): uPlot.Series => ({
            stroke: () => token(COLOUR[stroke]),
            width: stroke === 'faint' ? 0.6 : 1.5,
            ...(stroke === 'main' ? { fill: () => token('accent-soft') } : {}),
            points: {
              show: true,
              size: 4,
              filter: () => alone(this.#view.chart.lines[index]?.values ?? [])
            }
          }))
        ],
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 22,
            gap: 4,
            splits: (plot, _, from, to) =>
              timeTicks(from, to, plot.bbox.width / devicePixelRatio / TIME_SPACE, zoneAt(to)),
            // One that stands at the left edge would run into the zero.
            values: (plot, instants) =>
              instants.map((instant) => (plot.valToPos(instant, 'x') < EDGE ? '' : write(instant)))
          },
          {
            ...axis,
            grid,
            size: AXIS,
            gap: 4,
            splits: (_, __, ___, top) => valueTicks(top, VALUE_STEPS, this.#view.chart.base),
            values: (_, values) => values.map((value) => (value === 0 ? '0' : this.#view.chart.write(value)))
          }
        ],
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false, dist: 5 },
          bind: {
            dblclick: () => () => {
              events.onback();
              return null;
            }
          }
        },
        hooks: {
          setCursor: [
            ({ cursor: { left = -1, idx }, data }) =>
              events.onpoint(left < 0 || idx === null || idx === undefined ? null : (data[0][idx] ?? null))
          ],
          setSelect: [
            (plot) => {
              const { left, width } = plot.select;
              if (width === 0) return;
              events.ondrag(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            }
          ]
        }
      },
      dataOf(view),
      node
    );
    const size = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = node;
      if (width > 0 && height > 0) this.#plot.setSize({ width, height });
    });
    size.observe(node);
    const theme = new MutationObserver(() => this.#plot.redraw(false));
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.#stop = () => {
      size.disconnect();
      theme.disconnect();
    };
  }

  /** Its lines are those it was made with, with other values. Draws only what is another picture. */
  show(view: PlotView): void {
    const { at, chart, shown } = this.#view;
    this.#view = view;
    if (view.at === at && view.shown === shown && view.chart.top === chart.top) return;
    this.#plot.setData(dataOf(view));
    this.point(this.#point);
  }

  /** Puts the crosshair on the step that begins then, without an event. */
  point(at: number | null): void {
    this.#point = at;
    const { cursor, data } = this.#plot;
    const there = typeof cursor.idx === 'number' && (cursor.left ?? -1) >= 0 ? data[0][cursor.idx] : null;
    if (there === at) return;
    const left = at === null ? -10 : this.#plot.valToPos(at, 'x');
    this.#plot.setCursor({ left, top: at === null ? -10 : 0 }, false);
  }

  close(): void {
    this.#stop();
    this.#plot.destroy();
  }
}

const zoneAt = (instant: number): number => -new Date(instant).getTimezoneOffset() * 60_000;

/** With nothing to draw, the ends of what is shown keep the axes. */
const dataOf = ({ at, chart: { lines }, shown }: PlotView): uPlot.AlignedData =>
  at.length === 0
    ? [[shown.from, shown.to], ...lines.map(() => [null, null])]
    : [Array.from(at), ...lines.map(({ values }) => bridged(values))];
