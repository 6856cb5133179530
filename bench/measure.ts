import path from 'node:path';
import type { CallSpec, LoadProtocol, LoadResult } from './load/protocol.ts';
import type { Plan } from './options.ts';
import type { Child } from './process/child.ts';
import type { CommonProtocol } from './process/messages.ts';
import type { ProviderProtocol } from './provider/protocol.ts';
import type { Scenario } from './scenarios.ts';

export type Gateway = Child<CommonProtocol>;

/** The processes that stand around the one under test. */
export interface Stage {
  readonly provider: Child<ProviderProtocol>;
  readonly load: Child<LoadProtocol>;
  readonly plan: Plan;
  readonly profileFolder: string | undefined;
}

/** One contender in one scenario in one round. */
export interface Trial {
  readonly stage: Stage;
  readonly gateway: Gateway;
  readonly spec: CallSpec;
  readonly scenario: Scenario;
  /** Whether this process has done this scenario before. */
  readonly warm: boolean;
}

/** What a trial gave. The first figure is the one that ratios are taken of. */
export interface Sample {
  /** Microseconds, milliseconds or kilobytes, by the scenario's method. */
  readonly value: number;
  /** For latencies: the 99th percentile, in milliseconds. */
  readonly p99?: number;
  /** Work done per second of wall clock, where that means something. */
  readonly perSecond?: number;
}

const jsonConnections = 64;
const concurrentStreams = 100;
const openStreams = 1_000;
const paceMs = 20;
/** Warm-up streams run fast: they shall heat the code, not pass the time. */
const warmUpPaceMs = 4;
/** Held streams hardly move, so that what is seen is what an open stream keeps. */
const heldPaceMs = 1_000;
const callsPerSecond = 200;
const startsPerSecond = 50;

export function measure(trial: Trial): Promise<Sample> {
  switch (trial.scenario.method) {
    case 'cpu-per-request':
      return cpuPerRequest(trial);
    case 'cpu-per-chunk':
      return cpuPerChunk(trial);
    case 'added-latency':
      return latency(trial);
    case 'memory-per-stream':
      return memoryPerStream(trial);
  }
}

/** @throws Error when any answer was wrong: a contender that answers wrongly is not measured */
function insist<Result extends LoadResult>(result: Result, leastCompleted = 1): Result {
  if (result.failed > 0 || result.completed < leastCompleted) {
    throw new Error(`${result.failed} of ${result.failed + result.completed} calls failed: ${result.firstFault}`);
  }
  return result;
}

/** Heats the code of the gateway, and of the load; afterwards the provider keeps the pace that is measured at. */
async function warmUp({ stage, spec, scenario, warm }: Trial, paceAfter: number): Promise<void> {
  const { load, provider, plan } = stage;
  if (scenario.stream) {
    const each = warm ? plan.warmUpStreams.again : plan.warmUpStreams.first;
    await provider.ask('pace', warmUpPaceMs);
    insist(await load.ask('streams', { spec, concurrent: concurrentStreams, each }));
  } else {
    const durationMs = warm ? plan.warmUpMs.again : plan.warmUpMs.first;
    insist(await load.ask('requests', { spec, connections: jsonConnections, durationMs }));
  }
  await provider.ask('pace', paceAfter);
}

/** Microseconds of processor time the gateway uses while the work is done; with its profile, where one is wanted. */
async function processorTime<Result>(
  { stage: { profileFolder }, gateway, scenario }: Trial,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly used: number }> {
  if (profileFolder !== undefined) await gateway.ask('start-profile', undefined);
  const before = await gateway.ask('cpu', undefined);
  const result = await work();
  const used = (await gateway.ask('cpu', undefined)) - before;
  if (profileFolder !== undefined) {
    await gateway.ask('stop-profile', path.resolve(profileFolder, `${scenario.name}.${gateway.name}.cpuprofile`));
  }
  return { result, used };
}

async function cpuPerRequest(trial: Trial): Promise<Sample> {
  const { stage, spec, scenario } = trial;
  const { load, provider, plan } = stage;
  await warmUp(trial, paceMs);
  const refusedBefore = (await provider.ask('counts', undefined)).refused;
  const ask = { spec, connections: jsonConnections, durationMs: plan.requestsMs };
  const { result, used } = await processorTime(trial, async () => insist(await load.ask('requests', ask)));
  const refused = (await provider.ask('counts', undefined)).refused - refusedBefore;
  // The limit has no chain; for everybody else a fallback that did not happen would look cheap.
  if (scenario.task === 'fallback' && spec.expected.form === 'openai-chat' && refused < result.completed) {
    throw new Error(`only ${refused} of ${result.completed} calls met the failing link`);
  }
  return { value: used / result.completed, perSecond: (result.completed * 1000) / result.elapsedMs };
}

async function cpuPerChunk(trial: Trial): Promise<Sample> {
  const { stage, spec } = trial;
  const { load, provider, plan } = stage;
  await warmUp(trial, paceMs);
  const chunksBefore = (await provider.ask('counts', undefined)).chunks;
  const ask = { spec, concurrent: concurrentStreams, each: plan.streamsEach };
  const { result, used } = await processorTime(trial, async () =>
    insist(await load.ask('streams', ask), concurrentStreams * plan.streamsEach),
  );
  const chunks = (await provider.ask('counts', undefined)).chunks - chunksBefore;
  return { value: used / chunks, perSecond: (chunks * 1000) / result.elapsedMs };
}

async function latency(trial: Trial): Promise<Sample> {
  const { stage, spec, scenario } = trial;
  const { load, plan } = stage;
  await warmUp(trial, paceMs);
  const perSecond = scenario.stream ? startsPerSecond : callsPerSecond;
  const result = insist(await load.ask('rate', { spec, perSecond, durationMs: plan.rateMs }));
  return { value: result.p50, p99: result.p99 };
}

async function memoryPerStream(trial: Trial): Promise<Sample> {
  const { stage, gateway, spec } = trial;
  const { load } = stage;
  await warmUp(trial, heldPaceMs);
  const before = await gateway.ask('memory', undefined);
  insist(await load.ask('hold', { spec, streams: openStreams }), openStreams);
  const held = await gateway.ask('memory', undefined);
  await load.ask('release', undefined);
  return { value: (held - before) / openStreams / 1024 };
}
