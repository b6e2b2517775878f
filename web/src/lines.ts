import type { RunData } from "./run_data";
import type { Journal } from "./types";

/** A measure, and the journal that it stands in. Step, images and seconds stand in both. */
export interface Measure {
  name: string;
  journal: Journal;
}

export type Numbers = (number | null)[];

/** One curve of a chart. */
export interface Line {
  label: string;
  /** Custom property of the style sheet. */
  color: string;
  steps: number[];
  x: Numbers;
  y: Numbers;
  low?: Numbers;
  high?: Numbers;
  dashed?: boolean;
}

const inBothJournals = ["step", "images", "seconds"];

/** Whether a measure only ever grows, so that curves over it run from left to right. */
export const isOrdered = (measure: Measure) => inBothJournals.includes(measure.name);

/** A measure's values at the rows of a journal; of the other journal, those last known at each step. */
export function valuesAt(data: RunData, journal: Journal, measure: Measure): Numbers {
  const table = data.view(journal);
  if (measure.name === "step") return table.steps;
  if (measure.journal === journal || isOrdered(measure)) {
    return table.columns.get(measure.name) ?? table.steps.map(() => null);
  }
  const other = data.tables[measure.journal];
  const values = other.columns.get(measure.name);
  let row = -1;
  let known: number | null = null;
  return table.steps.map((step) => {
    while (row + 1 < other.steps.length && other.steps[row + 1] <= step) {
      ++row;
      known = values?.[row] ?? known;
    }
    return known;
  });
}

/** The steps at which an ordered measure lies in a range. */
export function stepsBetween(
  data: RunData, measure: Measure, [low, high]: [number, number]): { from: number; to: number } {
  if (measure.name === "step") return { from: Math.floor(low), to: Math.ceil(high) };
  const { steps, columns } = data.tables.steps;
  const values = columns.get(measure.name) ?? [];
  let from = steps[0] ?? 0;
  let to = Infinity;
  for (let row = 0; row < steps.length; ++row) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    if (value < low) from = steps[row];
    if (value > high) {
      to = steps[row];
      break;
    }
  }
  return { from, to };
}

/** The x at the row whose step is nearest. */
export function xOfStep(steps: number[], x: Numbers, step: number): number | null {
  let best = 0;
  for (let row = 1; row < steps.length; ++row) {
    if (Math.abs(steps[row] - step) < Math.abs(steps[best] - step)) best = row;
  }
  return x[best] ?? null;
}

/** Rows that a chart's width is worth: smoothing weighs by the share of the chart that lies between two rows. */
const rowsOfWidth = 1000;

/** What is left of a row's weight at the next of `rows` rows, at a strength of smoothing from 0 to 1. */
export const weightLeft = (strength: number, rows: number) =>
  (strength > 0 ? strength ** (rowsOfWidth / Math.max(1, rows)) : 0);

/** Exponential smoothing that starts at the first value; nulls stay. */
export function smoothed(values: Numbers, left: number): Numbers {
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = left * sum + (1 - left) * value;
    weights = left * weights + (1 - left);
    return sum / weights;
  });
}

type Column = (number | null | undefined)[];

/** Curves in the form that uPlot draws: one x axis in order; what a curve has no value for is undefined. */
export interface Joined {
  x: number[];
  /** The training's step at each x. */
  steps: number[];
  /** For each line: its values, and those of its interval. */
  columns: { y: Column; low?: Column; high?: Column }[];
}

/** Puts curves on one x axis. */
export function joined(lines: Line[]): Joined {
  const shared = lines.every((line) => line.x === lines[0].x);
  const rows: { x: number; line: number; row: number }[] = [];
  for (const [index, line] of (shared ? lines.slice(0, 1) : lines).entries()) {
    for (let row = 0; row < line.x.length; ++row) {
      const x = line.x[row];
      if (x !== null) rows.push({ x, line: index, row });
    }
  }
  let isInOrder = true;
  for (let i = 1; i < rows.length && isInOrder; ++i) isInOrder = rows[i - 1].x <= rows[i].x;
  if (!isInOrder) rows.sort((one, other) => one.x - other.x);
  const pick = (values: Numbers, index: number): Column =>
    rows.map(({ line, row }) => (shared || line === index ? values[row] : undefined));
  return {
    x: rows.map(({ x }) => x),
    steps: rows.map(({ line, row }) => lines[line].steps[row]),
    columns: lines.map((line, index) => ({
      y: pick(line.y, index),
      low: line.low && pick(line.low, index),
      high: line.high && pick(line.high, index),
    })),
  };
}

/** The values that a share of all lies below: [low, high] of `values`. */
export function percentiles(values: number[], low: number, high: number): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return [at(low), at(high)];
}

/** Round numbers between two ends, about `count` of them. */
export function roundTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((each) => each >= rough * 0.999) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high * (1 + 1e-12) && ticks.length < 50; ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/** The same for logarithms (base 10): powers of ten, with 2 and 5 between where few fit. */
export function logarithmTicks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (span < 0.7) return roundTicks(10 ** low, 10 ** high, count).filter((tick) => tick > 0).map(Math.log10);
  const stride = Math.max(1, Math.ceil(span / count));
  const factors = span <= 2.5 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; ++power) {
    if (power % stride !== 0) continue;
    for (const factor of factors) {
      const tick = power + Math.log10(factor);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}
