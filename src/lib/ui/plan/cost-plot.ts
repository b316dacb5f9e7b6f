// One uPlot of a search: its cost over time on the left scale, its moves on the right one. Colours are the design tokens, read anew
// for every drawing.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Sample } from '#lib/plan/made/plan.ts';
import { formatCost } from './plan-words.ts';

/** Milliseconds; `until`: how long it has worked. */
export type CostView = { readonly samples: readonly Sample[]; readonly until: number; readonly budget: number };

const AXIS = 48;
/** The side of an axis, as uPlot counts them; its types name a constant that is not there when it runs. */
const onRight: object = { side: 1 };
const TIME_SPACE = 60;

export class CostPlot {
  readonly #plot: uPlot;
  readonly #stop: () => void;
  #view: CostView;

  constructor(node: HTMLElement, view: CostView) {
    this.#view = view;
    const token = (name: string): string => getComputedStyle(node).getPropertyValue(`--${name}`).trim();
    const font = `11px ${token('font') || 'sans-serif'}`;
    const axis = { font, stroke: () => token('muted'), ticks: { show: false }, gap: 4 };
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    const line = { ...(stepped === undefined ? {} : { paths: stepped }), points: { show: false } };
    this.#plot = new uPlot(
      {
        width: Math.max(1, node.clientWidth),
        height: Math.max(1, node.clientHeight),
        padding: [8, 4, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => [0, Math.max(this.#view.budget, this.#view.until) / 1000] },
          cost: { range: (_, least, most) => spread(least, most) },
          moves: { range: (_, __, most) => [0, Math.max(1, most)] }
        },
        series: [
          {},
          { ...line, scale: 'cost', stroke: () => token('accent'), width: 2, fill: () => token('accent-soft') },
          { ...line, scale: 'moves', stroke: () => token('warn'), width: 1.5, dash: [4, 3] }
        ],
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 22,
            space: TIME_SPACE,
            values: (_, seconds) => seconds.map((second) => `${second}\u00a0s`)
          },
          {
            ...axis,
            scale: 'cost',
            size: AXIS,
            grid: { stroke: () => token('line'), width: 1 },
            values: (_, costs) => costs.map(formatCost)
          },
          {
            ...axis,
            scale: 'moves',
            ...onRight,
            size: AXIS,
            grid: { show: false },
            values: (_, moves) => moves.map((count) => (Number.isInteger(count) ? String(count) : ''))
          }
        ]
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

  show(view: CostView): void {
    if (view.samples === this.#view.samples && view.until === this.#view.until) return;
    this.#view = view;
    this.#plot.setData(dataOf(view));
  }

  close(): void {
    this.#stop();
    this.#plot.destroy();
  }
}

/** A little air above and below, so that what hardly changes is not drawn as a cliff. */
function spread(least: number, most: number): [number, number] {
  const air = Math.max((most - least) * 0.1, most * 0.02, 0.1);
  return [Math.max(0, least - air), most + air];
}

/** What was last found holds until now. */
function dataOf({ samples, until }: CostView): uPlot.AlignedData {
  const last = samples.at(-1);
  const all = last === undefined || until <= last.at ? samples : [...samples, { ...last, at: until }];
  return [all.map(({ at }) => at / 1000), all.map(({ cost }) => cost), all.map(({ moves }) => moves)];
}
