import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { atLeast, atMost, exactly, type Measure, named, percent } from '../harness/measure.ts';
import { everyDialectAt, question } from '../harness/providers.ts';
import { seededRuntime } from '../harness/runtimes.ts';

export interface FlakyPlan {
  readonly requests: number;
  readonly concurrency: number;
  readonly strategy: 'priority' | 'weighted';
  /** Keys per provider. */
  readonly keys: number;
  /** Milliseconds after which a stalled provider is given up: above what a good answer takes under this load. */
  readonly firstToken: number;
  /** Least share of successful calls, in percent. Three attempts that fail independently allow 97.3. */
  readonly least: number;
  readonly seed: number;
}

const maxAttempts = 3;

/** Three providers, each failing three calls of ten in one of five ways; each call may try three times. */
export async function flakyProviders(plan: FlakyPlan): Promise<readonly Measure[]> {
  const { requests, concurrency, strategy, firstToken } = plan;
  const names = ['openai', 'anthropic', 'gemini'] as const;
  const walls = await Promise.all(names.map((_, index) => startFakeProvider({ seed: plan.seed * 27 + index })));
  const apiKeys = Array.from({ length: plan.keys }, (_, index) => `provider-key-${index}`);
  const providers = walls.flatMap((wall, index) => {
    const name = names[index] ?? 'openai';
    const { apiKey: _, ...options } = everyDialectAt(wall, { timeouts: { firstToken: `${firstToken}ms` } })[name];
    return [[name, { ...options, apiKeys }] as const];
  });
  const gateway = await startGateway(
    {
      providers: Object.fromEntries(providers),
      models: { chat: { strategy, targets: names.map((name) => `${name}/flaky(30)`) } },
      maxAttempts,
      retryBudget: 'unlimited',
    },
    seededRuntime(plan.seed),
  );
  const caller = new Caller(gateway.url, concurrency);
  const statuses = new Map<number, number>();
  let broken = 0;
  await closedLoop({ requests, concurrency }, async (index) => {
    const answer = await caller.ask({ model: 'chat', stream: index % 2 === 0, ...question });
    if (answer.broken) broken += 1;
    else statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  });
  await gateway.settled();
  const upstream = walls.reduce((sum, wall) => sum + wall.stats().calls, 0);
  // The latest of them, which are all a provider remembers.
  const calls = walls.flatMap((wall) => wall.calls);
  const faulty = calls.filter(({ faults }) => !faults.includes('flaky')).length;
  const { books } = gateway;
  caller.close();
  await gateway.close();
  await Promise.all(walls.map((wall) => wall.close()));
  const seen = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`);
  return named(`${strategy}, ${concurrency} at a time, ${plan.keys} keys`, [
    atLeast({
      name: 'calls that succeed',
      value: percent(statuses.get(200) ?? 0, requests),
      bound: plan.least,
      unit: ' %',
      detail: `${seen.join(', ')}; ${percent(faulty, calls.length).toFixed(1)} % of the calls upstream failed`,
    }),
    exactly({ name: 'answers that broke off', value: broken, bound: 0 }),
    atMost({ name: 'most attempts of a call', value: books.mostAttempts, bound: maxAttempts }),
    atMost({ name: 'upstream calls without a record', value: upstream - books.attempts, bound: 0 }),
    ...books.invariants(),
  ]);
}
