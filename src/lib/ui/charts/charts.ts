// The four charts of a host, a VM or hosts together: which lines they have, how these are written, and how high they go. Pure.
import type { Figure, LoadSeries } from '#lib/app/load/series.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { HostLoad } from '#lib/model/fleet.ts';
import type { BytesPerSecond, Mib, Percent } from '#lib/model/units.ts';
import { formatMib, formatPercent, formatRate } from '../format.ts';
import type { Stretch } from './range.ts';
import { digest, type Digest, type Values } from './readings.ts';
import type { Base } from './ticks.ts';

/** As of now; a figure that does not exist is null. */
export type Now = Omit<HostLoad, 'at'>;
/** `main` is filled, `other` is a second colour, `faint` goes along with `main`. */
export type Stroke = 'main' | 'other' | 'faint';
export type Line = {
  readonly name: string;
  readonly stroke: Stroke;
  readonly values: Values;
  readonly now: number | null;
  /** Of what is shown. */
  readonly digest: Digest | null;
};
export type Chart = {
  readonly key: 'cpu' | 'memory' | 'disk' | 'network';
  readonly name: string;
  readonly lines: readonly Line[];
  readonly write: (value: number | null) => string;
  readonly base: Base;
  /** The greatest value there is room for. */
  readonly top: number;
};

/** Rates have no natural full: the largest seen, at least this, so that a whisper does not look like a storm. */
const LEAST_RATE = 100_000;

const asPercent = (value: number | null): string => formatPercent(value as Percent | null);
const asMemory = (value: number | null): string => formatMib(value === null ? null : (Math.round(value) as Mib));
const asRate = (value: number | null): string => formatRate(value as BytesPerSecond | null);

/**
 * @param memory what full memory is, MiB; null when it is not known
 * @param now null when nothing is known of now
 */
export function chartsOf(
  m: Messages,
  series: LoadSeries,
  shown: Stretch,
  memory: number | null,
  now: Now | null
): Chart[] {
  const line = (name: string, figure: Figure, stroke: Stroke): Line => {
    const values = series[figure];
    // The highest is of a step; now there is none.
    const current = figure === 'cpuMax' ? null : (now?.[figure] ?? null);
    return { name, stroke, values, now: current, digest: digest(series.at, values, shown) };
  };
  const highest = (lines: readonly Line[], least: number): number =>
    lines.reduce((top, { digest }) => Math.max(top, digest?.most ?? 0), least);

  const words = m.charts;
  const used = [line(m.common.memory, 'memoryUsed', 'main')];
  const disk = [line(words.read, 'diskRead', 'main'), line(words.written, 'diskWrite', 'other')];
  const network = [line(words.received, 'netReceive', 'main'), line(words.sent, 'netTransmit', 'other')];
  return [
    {
      key: 'cpu',
      name: m.common.cpu,
      lines: [line(m.common.cpu, 'cpu', 'main'), line(words.peak, 'cpuMax', 'faint')],
      write: asPercent,
      base: 'decimal',
      top: 100
    },
    {
      key: 'memory',
      name: m.common.memory,
      lines: used,
      write: asMemory,
      base: 'binary',
      top: highest(used, memory ?? 1)
    },
    { key: 'disk', name: m.vm.diskIo, lines: disk, write: asRate, base: 'decimal', top: highest(disk, LEAST_RATE) },
    {
      key: 'network',
      name: m.vm.network,
      lines: network,
      write: asRate,
      base: 'decimal',
      top: highest(network, LEAST_RATE)
    }
  ];
}

/** Of hosts together, as `combined` puts their pasts together: only those that are there count. */
export function nowOf(hosts: readonly { readonly load: Now | null; readonly cpus: number }[]): Now | null {
  const loads = hosts.flatMap(({ load, cpus }) => (load === null ? [] : [{ load, cpus }]));
  if (loads.length === 0) return null;
  const sum = (figure: keyof Now): number | null =>
    loads.reduce<number | null>(
      (total, { load }) => (load[figure] === null ? total : (total ?? 0) + load[figure]),
      null
    );
  let [share, weight] = [0, 0];
  for (const { load, cpus } of loads) {
    if (load.cpu === null) continue;
    share += load.cpu * cpus;
    weight += cpus;
  }
  return {
    cpu: weight === 0 ? null : ((share / weight) as Percent),
    memoryUsed: sum('memoryUsed') as Mib | null,
    diskRead: sum('diskRead') as BytesPerSecond | null,
    diskWrite: sum('diskWrite') as BytesPerSecond | null,
    netReceive: sum('netReceive') as BytesPerSecond | null,
    netTransmit: sum('netTransmit') as BytesPerSecond | null
  };
}
