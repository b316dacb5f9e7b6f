// What a benchmark answers: figures, the ratios that have a goal, and enough about the machine to read them by.
import { cpus, loadavg, totalmem } from 'node:os';

/** A series of single measurements, or one figure. */
export type Figure =
  | { readonly name: string; readonly unit: string; readonly n: number; readonly p50: number; readonly p95: number }
  | { readonly name: string; readonly unit: string; readonly value: number };

/** `value` against a baseline measured in the same run; `goal` is what docs/BENCHMARKS.md promises. */
export type Verdict = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: { readonly atMost: number } | { readonly atLeast: number };
  readonly met: boolean;
};

export type Result = {
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
  readonly notes: readonly string[];
};

/** `values` in milliseconds or any other unit, in any order; at least one. */
export function series(name: string, unit: string, values: readonly number[]): Figure & { p50: number; p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN);
  return { name, unit, n: values.length, p50: at(0.5), p95: at(0.95) };
}

/** In any order; at least one. */
export const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(0.99 * values.length)] ?? NaN;

export function verdict(name: string, value: number, unit: string, goal: Verdict['goal']): Verdict {
  const met = 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
  return { name, value: rounded(value), unit, goal, met };
}

/** Four significant digits: more would pretend. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

export function machine() {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryMib: Math.round(totalmem() / 2 ** 20),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    loadAtStart: rounded(loadavg()[0] ?? 0)
  };
}

/** For people. */
export function printed(result: Result): string {
  const lines = result.figures.map((figure) =>
    'value' in figure
      ? `  ${figure.name}: ${figure.value} ${figure.unit}`
      : `  ${figure.name}: p50 ${figure.p50}, p95 ${figure.p95} ${figure.unit} (${figure.n})`
  );
  for (const { name, value, unit, goal, met } of result.verdicts) {
    const wanted = 'atMost' in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`;
    lines.push(`  ${met ? 'met   ' : 'MISSED'} ${name}: ${value} ${unit} (${wanted})`);
  }
  return [...lines, ...result.notes.map((note) => `  ${note}`)].join('\n');
}
