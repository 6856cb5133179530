import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller, type CallerAnswer } from '../harness/caller.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { closedLoop } from '../harness/load.ts';
import { atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { everyDialectAt, question } from '../harness/providers.ts';

export interface LimitCrowdPlan {
  readonly calls: number;
  readonly limit: number;
  /** Calls at once. */
  readonly concurrency: number;
}

const providers = ['openai', 'anthropic', 'gemini'] as const;

/** A crowd in front of one process: exactly as many requests reach a provider as the limit allows, streams and others. */
export async function limitCrowd({ calls, limit, concurrency }: LimitCrowdPlan): Promise<readonly Measure[]> {
  const wall = await startFakeProvider();
  const gateway = await startGatewayChild({
    providers: everyDialectAt(wall),
    failover: { retries: 0 },
    rateLimit: { limits: [{ requests: limit, window: '1h', algorithm: 'fixed-window' }] },
  });
  const caller = new Caller(gateway.url, concurrency);
  const answers: CallerAnswer[] = [];
  await closedLoop({ requests: calls, concurrency }, async (index) => {
    const model = `${providers[index % providers.length]}/demo-small`;
    answers.push(await caller.ask({ model, stream: index % 2 === 0, ...question }));
  });
  const reached = wall.stats().calls;
  caller.close();
  await gateway.stop();
  await wall.close();
  const refused = answers.filter(({ status }) => status === 429);
  return named(`${calls} calls, ${concurrency} at once, on a limit of ${limit} in memory`, [
    exactly({ name: 'admitted', value: calls - refused.length, bound: limit }),
    atMost({
      name: 'requests at the provider',
      value: reached,
      bound: limit,
      detail: `${answers.filter(({ status }) => status === 200).length} answered`,
    }),
    exactly({
      name: 'refusals whose body or headers are not as promised',
      value: refused.filter((answer) => !isRefusal(answer, limit)).length,
      bound: 0,
    }),
  ]);
}

function isRefusal({ headers, text }: CallerAnswer, limit: number): boolean {
  const { error } = JSON.parse(text);
  return (
    error.type === 'rate_limit_error' &&
    error.code === 'rate_limit_exceeded' &&
    headers['content-type']?.includes('application/json') === true &&
    /^[1-9]\d*$/.test(headers['retry-after'] ?? '') &&
    headers['x-ratelimit-limit-requests'] === String(limit) &&
    headers['x-ratelimit-remaining-requests'] === '0' &&
    /^(1h0m0s|5\dm\d+s)$/.test(String(headers['x-ratelimit-reset-requests'])) &&
    headers['ratelimit-policy'] === `"key-requests-3600s";q=${limit};w=3600`
  );
}
