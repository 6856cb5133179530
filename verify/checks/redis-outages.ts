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
/** Milliseconds after which nobody waits any longer for what should have come. */
const hopelessMs = 60_000;
/** What a process that has just begun takes to come up to speed. */
const warmUpMs = 3_000;

/**
 * Redis goes away under load and comes back. Where limits are open nobody fails and nobody waits longer than a command may
 * take; where they are closed everybody is told so at once.
 */
export async function redisOutage(plan: RedisOutagePlan): Promise<readonly Measure[]> {
  const { how, outageMs, perSecond } = plan;
  const redis = await startRedis();
  const site = await openLedgerSite('SQLite');
  const wall = await startFakeProvider();
  const base = { ...ledgerConfig(site, wall), redis: { url: redis.url } };
  const directions = Object.keys(failureDirections) as Direction[];
  const gateways = await Promise.all(
    directions.map((direction) => startGatewayChild({ ...base, ...failureDirections[direction] })),
  );
  const control = await startGatewayChild(ledgerConfig(site, wall));
  const answers = directions.map((): TimedAnswer[] => []);
  const unaffected: TimedAnswer[] = [];
  let going = true;
  const loads = gateways.map(({ url }, place) =>
    steadyLoad(url, {
      // One of them is measured, the others are asked what they say.
      perSecond: place === 0 ? perSecond : perSecond / 10,
      answers: answers[place] ?? [],
      goesOn: () => going,
    }),
  );
  loads.push(steadyLoad(control.url, { perSecond, answers: unaffected, goesOn: () => going }));
  await pause(warmUpMs);
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
  while (!isBack() && performance.now() - to < hopelessMs) await pause(50);
  going = false;
  await Promise.all(loads);
  await Promise.all([control, ...gateways].map((gateway) => gateway.stop()));
  await wall.close();
  await site.stop();
  await redis.stop();
  const span = { how, from, goneAt, departures, to, unaffected };
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
  readonly how: RedisOutagePlan['how'];
  readonly from: number;
  readonly goneAt: number;
  readonly departures: readonly number[];
  readonly to: number;
  /** What a gateway that needs no Redis answered at the same time, beside the same load. */
  readonly unaffected: readonly TimedAnswer[];
}

function judge(direction: Direction, answers: readonly TimedAnswer[], span: Span): readonly Measure[] {
  const { to } = span;
  const back = answers.filter((answer) => answer.askedAt >= to && isUsed(answer));
  const recovered = Math.min(...back.map(({ askedAt }) => askedAt)) - to;
  return named(direction, [
    ...promises(refusals[direction], answers, span),
    ...waits(answers, span),
    atMost({ name: 'until it is used again', value: recovered, bound: recoveryMs, unit: ' ms', timed: true }),
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

/** What the outage costs who asks, against what an answer takes at the same time where no Redis is asked. */
function waits(answers: readonly TimedAnswer[], span: Span): readonly Measure[] {
  const { how, from, goneAt, departures, to, unaffected } = span;
  const detecting = (all: readonly TimedAnswer[]): readonly TimedAnswer[] =>
    departures.flatMap((at) => askedWithin(all, at, at + detectionMs));
  const knowing = (all: readonly TimedAnswer[]): readonly TimedAnswer[] => askedWithin(all, goneAt + detectionMs, to);
  const added = (part: typeof detecting, share: number): number =>
    waitAt(part(answers), share) - waitAt(part(unaffected), share);
  const longest = waitAt(askedWithin(unaffected, from, to), 1);
  const longer = askedWithin(answers, from, to).filter(({ took }) => took > longest + 1_000);
  const unit = ' ms';
  const found = [
    atMost({
      name: 'wait added while it is found out, p99',
      value: added(detecting, 0.99),
      bound: 250,
      unit,
      timed: true,
      detail: `${waitAt(detecting(answers), 0.99).toFixed(1)} ms in all`,
    }),
    exactly({ name: 'requests that wait a second more', value: longer.length, bound: 0, timed: true }),
  ];
  if (how === 'restarted') return found;
  const known = {
    unit,
    timed: true,
    detail: `${waitAt(knowing(answers), 0.99).toFixed(1)} ms in all, median ${waitAt(knowing(answers), 0.5).toFixed(1)} ms`,
  };
  return [
    ...found,
    atMost({
      name: 'wait added once it is known, p99',
      value: added(knowing, 0.99),
      bound: 10,
      ...known,
    }),
    // What else the machine does weighs less here.
    atMost({ name: 'wait added once it is known, median', value: added(knowing, 0.5), bound: 5, unit, timed: true }),
  ];
}

/** It was let pass by Redis. */
function isUsed(answer: TimedAnswer): boolean {
  return isServed(answer) && !isDegraded(answer);
}

function isDegraded({ headers }: TimedAnswer): boolean {
  return headers['x-gateway-ratelimit'] === 'degraded';
}
