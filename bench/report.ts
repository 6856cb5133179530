import os from 'node:os';
import type { Contender } from './contenders/contender.ts';
import { limit } from './contenders/index.ts';
import type { Sample } from './measure.ts';
import type { Method } from './scenarios.ts';
import type { ProviderHeadroom, ScenarioResult } from './session.ts';
import { median } from './statistics.ts';

/** A contender's figures in a scenario, over all rounds. */
export interface Row {
  readonly contender: string;
  readonly label: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Median over the rounds of the ratio to the limit's figure of the same round. */
  readonly timesLimit: number;
  readonly p99?: number;
  readonly perSecond?: number;
}

export interface ScenarioSummary {
  readonly scenario: string;
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly faults: readonly { readonly contender: string; readonly message: string }[];
}

/** A small function that runs once per request or per chunk. */
export interface OperationTime {
  readonly name: string;
  readonly title: string;
  /** Of processor time, per operation. */
  readonly microseconds: number;
}

export interface Run {
  readonly mode: string;
  /** `undefined` when no contender was measured. */
  readonly headroom: ProviderHeadroom | undefined;
  readonly results: readonly ScenarioSummary[];
  readonly operations: readonly OperationTime[];
}

const units: Readonly<Record<Method, string>> = {
  'cpu-per-request': 'CPU us/request',
  'cpu-per-chunk': 'CPU us/chunk',
  'added-latency': 'ms added, p50',
  'memory-per-stream': 'KB/stream',
};

export function summarize(result: ScenarioResult): ScenarioSummary {
  const limits = figures(result, limit);
  const rows = [...result.samples.keys()].map((contender): Row => {
    const values = figures(result, contender);
    const samples = result.samples.get(contender) ?? [];
    const p99 = optionalMedian(addedP99(samples, result.direct));
    const perSecond = optionalMedian(samples.map((sample) => sample.perSecond));
    return {
      contender: contender.name,
      label: contender.label,
      median: median(values),
      least: Math.min(...values),
      most: Math.max(...values),
      timesLimit: median(values.map((value, round) => value / (limits[round] ?? Number.NaN))),
      ...(p99 !== undefined && { p99 }),
      ...(perSecond !== undefined && { perSecond }),
    };
  });
  return {
    scenario: result.scenario.name,
    title: result.scenario.title,
    unit: units[result.scenario.method],
    rows: rows.toSorted((a, b) => a.median - b.median),
    faults: result.faults.map(({ contender, message }) => ({ contender: contender.name, message })),
  };
}

/** Latencies count as what they add to the provider's own of the same round. */
function figures({ samples, direct }: ScenarioResult, contender: Contender): readonly number[] {
  return (samples.get(contender) ?? []).map((sample, round) => sample.value - (direct[round]?.value ?? 0));
}

function addedP99(samples: readonly Sample[], direct: readonly Sample[]): readonly (number | undefined)[] {
  return samples.map(({ p99 }, round) => (p99 === undefined ? undefined : p99 - (direct[round]?.p99 ?? 0)));
}

function optionalMedian(values: readonly (number | undefined)[]): number | undefined {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? undefined : median(present);
}

export function printMachine({ headroom }: Run): void {
  const cpu = os.cpus();
  console.log(`node ${process.version}, ${cpu.length} x ${cpu[0]?.model.trim() ?? 'unknown processor'}`);
  if (headroom === undefined) return;
  const { cpuPerRequestUs, requestsPerSecond } = headroom;
  console.log(
    `provider alone: ${cpuPerRequestUs.toFixed(1)} us/request, ${requestsPerSecond.toFixed(0)} requests/s under this load`,
  );
}

export function printOperations(operations: readonly OperationTime[]): void {
  if (operations.length === 0) return;
  console.log('\nmicro: small functions in process, CPU us per operation');
  printTable(operations.map(({ title, microseconds }) => [title, microseconds.toFixed(2)]));
}

export function printScenario({ scenario, title, unit, rows, faults }: ScenarioSummary): void {
  const digits = unit.startsWith('ms') ? 2 : 1;
  const table = rows.map((row) => [
    row.label,
    row.median.toFixed(digits),
    `${row.least.toFixed(digits)} .. ${row.most.toFixed(digits)}`,
    unit.startsWith('ms') ? '' : row.timesLimit.toFixed(2),
    row.p99?.toFixed(digits) ?? row.perSecond?.toFixed(0) ?? '',
  ]);
  const last = unit.startsWith('ms') ? 'p99 added' : unit.startsWith('KB') ? '' : 'per second';
  console.log(`\n${scenario}: ${title}`);
  printTable([['', unit, 'spread', 'x limit', last], ...table]);
  for (const { contender, message } of faults) console.log(`  WRONG ${contender}: ${message}`);
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
}

export function toJson(run: Run): string {
  const machine = { node: process.version, cpus: os.cpus().length, cpu: os.cpus()[0]?.model.trim() ?? '' };
  return `${JSON.stringify({ ...run, machine }, undefined, 2)}\n`;
}
