import type { GatewayConfig } from '../../src/gateway/config/schema.ts';
import { startFakeProvider } from '../../src/testing/index.ts';
import { pause } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { ledgerConfig, openLedgerSite } from '../harness/ledger-site.ts';
import { atLeast, atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { startRedis, type TestServer } from '../harness/servers.ts';
import { askedWithin, errorCode, isServed, steadyLoad, type TimedAnswer, waitAt } from '../harness/steady-load.ts';

export interface RedisOutagePlan {
  /** Gone, or there and silent, or started anew, empty, every ten seconds. */
  readonly how: 'stopped' | 'frozen' | 'restarted';
  readonly outageMs: number;
  readonly perSecond: number;
  /** Milliseconds more that everything may take, for machines that have other things to do. @default 0 */
  readonly patienceMs?: number;
}

const failureDirections = {
  'local-share': { rateLimit: { limits: ['1000000 requests per hour'] } },
  refuse: { rateLimit: { limits: ['1000000 requests per hour'], whenStoreFails: 'refuse' } },
  budgets: { budgets: { list: [{ per: 'global', limit: 1_000_000, period: '1d' }], defaultMaxOutputTokens: 50 } },
} as const satisfies Readonly<Record<string, GatewayConfig>>;
type Direction = keyof typeof failureDirections;

/** Of every direction that refuses: what it answers meanwhile. */
const refusals: Readonly<Partial<Record<Direction, string>>> = {
  refuse: 'limits_unavailable',
  budgets: 'budget_unavailable',
};
/** Calls that find out that Redis is gone: five of them wait, or as many as come before the first has waited. */
const detectionMs = 1_000;
const recoveryMs = 5_000;
/** What a process that has just begun takes to come up to speed. */
const warmUpMs = 3_000;

/**
 * Redis goes away under load and comes back. Where limits are open nobody fails and nobody waits longer than a command may
 * take; where they are closed everybody is told so at once.
 */
export async function redisOutage(plan: RedisOutagePlan): Promise<readonly Measure[]> {
  const { how, outageMs, perSecond, patienceMs = 0 } = plan;
  const redis = await startRedis();
  const site = await openLedgerSite('SQLite');
  const wall = await startFakeProvider();
  const base = { ...ledgerConfig(site, wall), redis: { url: redis.url } };
  const directions = Object.keys(failureDirections) as Direction[];
  const gateways = await Promise.all(
    directions.map((direction) => startGatewayChild({ ...base, ...failureDirections[direction] })),
  );
  const answers = directions.map((): TimedAnswer[] => []);
  const startedAt = performance.now();
  let going = true;
  const loads = gateways.map(({ url }, place) =>
    steadyLoad(url, {
      // One of them is measured, the others are asked what they say.
      perSecond: place === 0 ? perSecond : perSecond / 10,
      answers: answers[place] ?? [],
      goesOn: () => going,
    }),
  );
  await pause(warmUpMs + Math.max(1_000, outageMs / 6));
  const from = performance.now();
  if (how === 'frozen') redis.freeze();
  else await redis.kill();
  const goneAt = performance.now();
  const departures = [from];
  if (how === 'restarted') departures.push(...(await restarts(redis, outageMs)));
  else await pause(outageMs);
  if (how === 'frozen') redis.thaw();
  else await redis.start();
  const to = performance.now();
  const isBack = (): boolean => answers.every((own) => own.some((answer) => answer.askedAt >= to && isUsed(answer)));
  while (!isBack() && performance.now() - to < recoveryMs + patienceMs) await pause(50);
  going = false;
  await Promise.all(loads);
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await wall.close();
  await site.stop();
  await redis.stop();
  const span = { how, startedAt, from, goneAt, departures, to, patienceMs };
  return named(
    `Redis ${how} for ${outageMs} ms at ${perSecond} requests/s`,
    directions.flatMap((direction, place) => judge(direction, answers[place] ?? [], span)),
  );
}

/** Up and down again, empty, every ten seconds. @returns when it went */
async function restarts(redis: TestServer, outageMs: number): Promise<readonly number[]> {
  const departures: number[] = [];
  for (let passed = 0; passed < outageMs; passed += 10_000) {
    await redis.start();
    await pause(Math.min(outageMs, 10_000));
    departures.push(performance.now());
    await redis.kill();
  }
  return departures;
}

interface Span {
  readonly startedAt: number;
  readonly how: RedisOutagePlan['how'];
  readonly from: number;
  readonly goneAt: number;
  readonly departures: readonly number[];
  readonly to: number;
  readonly patienceMs: number;
}

function judge(direction: Direction, answers: readonly TimedAnswer[], span: Span): readonly Measure[] {
  const { to, patienceMs } = span;
  const back = answers.filter((answer) => answer.askedAt >= to && isUsed(answer));
  const recovered = Math.min(...back.map(({ askedAt }) => askedAt)) - to;
  return named(direction, [
    ...promises(refusals[direction], answers, span),
    ...waits(answers, span),
    atMost({ name: 'until it is used again', value: recovered, bound: recoveryMs + patienceMs, unit: ' ms' }),
  ]);
}

/** Nobody fails, or everybody is told why; as soon as it is known that Redis is gone, always. */
function promises(
  refusal: string | undefined,
  answers: readonly TimedAnswer[],
  { how, goneAt, to }: Span,
): readonly Measure[] {
  const isRefused = (answer: TimedAnswer): boolean => refusal !== undefined && errorCode(answer) === refusal;
  const failed = answers.filter((answer) => !isServed(answer) && !isRefused(answer));
  const [first] = failed;
  const failures = exactly({
    name: refusal === undefined ? 'failed requests' : `failed with anything but ${refusal}`,
    value: failed.length,
    bound: 0,
    detail: `of ${answers.length}${first === undefined ? '' : `; ${first.status} ${errorCode(first)}`}`,
  });
  if (how === 'restarted') return [failures];
  const meanwhile = askedWithin(answers, goneAt + detectionMs, to);
  const asPromised = meanwhile.filter((answer) =>
    refusal === undefined ? isServed(answer) && isDegraded(answer) : isRefused(answer),
  );
  return [
    failures,
    atLeast({ name: 'calls meanwhile', value: meanwhile.length, bound: 1 }),
    exactly({
      name: `calls meanwhile that are not ${refusal === undefined ? 'served and marked as degraded' : 'refused'}`,
      value: meanwhile.length - asPromised.length,
      bound: 0,
    }),
  ];
}

/** What Redis costs who asks, against what an answer took while it was there. */
function waits(answers: readonly TimedAnswer[], span: Span): readonly Measure[] {
  const { startedAt, how, from, goneAt, departures, to, patienceMs } = span;
  const calm = askedWithin(answers, startedAt + warmUpMs, from);
  const detecting = departures.flatMap((at) => askedWithin(answers, at, at + detectionMs));
  const meanwhile = askedWithin(answers, goneAt + detectionMs, to);
  const [median, before] = [waitAt(calm, 0.5), waitAt(calm, 0.99)];
  const longer = askedWithin(answers, from, to).filter(({ took }) => took > before + 1_000 + patienceMs);
  const found = [
    atMost({
      name: 'wait added while it is found out, p99',
      value: waitAt(detecting, 0.99) - before,
      bound: 250 + patienceMs,
      unit: ' ms',
      detail: `p99 before ${before.toFixed(1)} ms`,
    }),
    exactly({ name: 'requests that wait a second more', value: longer.length, bound: 0 }),
  ];
  if (how === 'restarted') return found;
  return [
    ...found,
    atMost({
      name: 'wait added once it is known, p99',
      value: waitAt(meanwhile, 0.99) - before,
      bound: 10 + patienceMs,
      unit: ' ms',
    }),
    // What else the machine does weighs less here.
    atMost({
      name: 'wait added once it is known, median',
      value: waitAt(meanwhile, 0.5) - median,
      bound: 5 + patienceMs,
      unit: ' ms',
      detail: `median before ${median.toFixed(1)} ms`,
    }),
  ];
}

/** It was let pass by Redis. */
function isUsed(answer: TimedAnswer): boolean {
  return isServed(answer) && !isDegraded(answer);
}

function isDegraded({ headers }: TimedAnswer): boolean {
  return headers['x-gateway-ratelimit'] === 'degraded';
}
