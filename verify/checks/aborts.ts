import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { eventually, pause, startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { atLeast, atMost, exactly, type Measure, named, quantile } from '../harness/measure.ts';
import { everyDialectAt, question } from '../harness/providers.ts';
import { seededRandom } from '../harness/runtimes.ts';

export interface AbortsPlan {
  readonly aborts: number;
  readonly seed: number;
}

/** What the provider is at when the caller goes: silent, slow to begin, in the middle of a stream or of a body. */
const phases = [
  { fault: 'nohdr', stream: true },
  { fault: 'nohdr', stream: false },
  { fault: 'slow(60000)', stream: true },
  { fault: 'slow(60000)', stream: false },
  { fault: 'pace(5)', stream: true },
  { fault: 'stall(3)', stream: true },
  { fault: 'comments_then_cut+trickle(10)', stream: true },
  { fault: 'trickle(5)', stream: false },
] as const;
const providers = ['openai', 'anthropic', 'gemini'] as const;
const longestPatience = 300;
/** One caller of so many leaves whether or not the provider has its call. */
const hasty = 4;

/** Callers who leave at random moments: the provider is let go at once, whatever it is at. */
export async function aborts({ aborts: count, seed }: AbortsPlan): Promise<readonly Measure[]> {
  const random = seededRandom(seed);
  const wall = await startFakeProvider({ seed, speak: () => 'One word after another. '.repeat(2_000) });
  const gateway = await startGateway({ providers: everyDialectAt(wall) });
  const caller = new Caller(gateway.url, 20);
  const leftAt = new Map<string, number>();
  await closedLoop({ requests: count, concurrency: 20 }, async (index) => {
    const { fault, stream } = phases[index % phases.length] ?? phases[0];
    const model = `abort-${index}+${fault}`;
    const controller = new AbortController();
    const answer = caller.ask(
      { model: `${providers[index % providers.length]}/${model}`, stream, ...question },
      { signal: controller.signal },
    );
    if (index % hasty !== 0) {
      await eventually('the provider has the call', () => wall.calls.some((call) => call.model === model), 60_000);
    }
    await pause(random() * longestPatience);
    leftAt.set(model, performance.now());
    controller.abort();
    await answer;
  });
  await eventually('the provider is let go', () => wall.stats().open === 0).catch(() => {});
  await gateway.settled();
  const latencies = wall.calls.flatMap(({ model, outcome, receivedAt, endedAt }) => {
    const left = leftAt.get(model);
    // A request that was still on its way when the caller went is aborted as soon as it can be.
    return outcome === 'aborted' && left !== undefined ? [(endedAt ?? Number.NaN) - Math.max(left, receivedAt)] : [];
  });
  caller.close();
  const { books } = gateway;
  await gateway.close();
  await eventually('every connection is closed', () => wall.stats().openSockets === 0).catch(() => {});
  const { open, openSockets } = wall.stats();
  await wall.close();
  return named(`${count} callers who leave`, [
    atMost({
      name: 'time until the provider is let go, p99',
      value: quantile(latencies, 0.99),
      bound: 100,
      unit: ' ms',
      timed: true,
      detail: `median ${quantile(latencies, 0.5).toFixed(1)} ms, longest ${Math.max(...latencies).toFixed(1)} ms`,
    }),
    atLeast({ name: 'calls cut off at the provider', value: latencies.length, bound: Math.floor(count / 2) }),
    exactly({ name: 'upstream calls left', value: open, bound: 0 }),
    exactly({ name: 'upstream sockets left once the gateway is closed', value: openSockets, bound: 0 }),
    ...books.invariants(),
  ]);
}
