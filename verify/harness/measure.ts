/** A number that was measured against the number that is asked for. */
export interface Measure {
  readonly name: string;
  readonly measured: string;
  readonly required: string;
  readonly pass: boolean;
  /** Whether a busy machine alone can miss it. */
  readonly timed: boolean;
}

export interface Reading {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  /** Follows both numbers: `' %'`, `' ms'`. */
  readonly unit?: string;
  /** How the value came about; follows it in parentheses. */
  readonly detail?: string;
  /** Whether a busy machine alone can miss it: then it is proven here, and no test's condition. @default false */
  readonly timed?: boolean;
}

export function atLeast(reading: Reading): Measure {
  return compared(reading, '>=', reading.value >= reading.bound);
}

export function atMost(reading: Reading): Measure {
  return compared(reading, '<=', reading.value <= reading.bound);
}

export function exactly(reading: Reading): Measure {
  return compared(reading, '=', reading.value === reading.bound);
}

function compared(
  { name, value, bound, unit = '', detail, timed = false }: Reading,
  sign: string,
  pass: boolean,
): Measure {
  const measured = `${plain(value)}${unit}${detail === undefined ? '' : ` (${detail})`}`;
  return { name, measured, required: `${sign} ${plain(bound)}${unit}`, pass, timed };
}

/** Whole numbers as they are, others with up to three places. */
function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
}

export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}

/** The smallest value that the given share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Change of `y` per unit of `x`, by least squares. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The same measures, each under a heading. */
export function named(heading: string, measures: readonly Measure[]): readonly Measure[] {
  return measures.map((measure) => ({ ...measure, name: `${heading}: ${measure.name}` }));
}
