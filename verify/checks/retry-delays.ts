import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { atLeast, atMost, exactly, type Measure, mean, named } from '../harness/measure.ts';
import { openaiAt, question } from '../harness/providers.ts';
import { seededRuntime } from '../harness/runtimes.ts';

export interface RetryDelaysPlan {
  /** Calls whose two retries are timed. */
  readonly calls: number;
  readonly seed: number;
  /** Milliseconds that timers and a busy event loop may add. @default 150 */
  readonly lateness?: number;
}

/** Backoff as documented: up to 500 ms, then up to a second, at least 250 ms after a rate limit without a hint. */
const cases = [
  { fault: 'e500', least: 0, mean: [250, 500], most: [500, 1000] },
  { fault: 'e429', least: 250, mean: [375, 625], most: [500, 1000] },
  { fault: 'retryafter(1)', least: 1000, mean: [1250, 1500], most: [1500, 2000] },
] as const;

/** The time between the tries of a call on its only target, as the provider sees it. */
export async function retryDelays({ calls, seed, lateness = 150 }: RetryDelaysPlan): Promise<readonly Measure[]> {
  const wall = await startFakeProvider({ seed });
  const gateway = await startGateway(
    { providers: { only: openaiAt(wall) }, retries: 2, retryBudget: 'unlimited' },
    seededRuntime(seed),
  );
  const caller = new Caller(gateway.url, calls);
  const measures: Measure[] = [];
  for (const { fault, least, mean: expected, most } of cases) {
    wall.reset();
    // Each call asks for a model of its own, so that no failure of one is held against another; but a hint is meant for
    // the key, which all of them share.
    const hinted = fault.startsWith('retryafter');
    const count = hinted ? 1 : calls;
    await closedLoop({ requests: count, concurrency: count }, async (index) => {
      await caller.ask({ model: `only/call-${index}-${fault}`, ...question });
    });
    const first: number[] = [];
    const second: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const [a, b, c] = wall.calls.filter(({ model }) => model === `call-${index}-${fault}`);
      first.push((b?.receivedAt ?? Number.NaN) - (a?.endedAt ?? Number.NaN));
      second.push((c?.receivedAt ?? Number.NaN) - (b?.endedAt ?? Number.NaN));
    }
    const timed = [first, second].flatMap((delays, retry) => {
      const bound = (most[retry] ?? 0) + lateness;
      const about = `${Math.min(...delays).toFixed(0)} to ${Math.max(...delays).toFixed(0)}`;
      const spread = [
        atMost({ name: 'longest delay', value: Math.max(...delays), bound, unit: ' ms', detail: about, timed: true }),
        atLeast({ name: 'shortest delay', value: Math.min(...delays), bound: least - 1, unit: ' ms' }),
      ];
      const centre = atMost({
        name: 'mean away from the middle',
        value: Math.abs(mean(delays) - (expected[retry] ?? 0)),
        bound: tolerance((most[retry] ?? 0) - least, count) + lateness / 2,
        unit: ' ms',
        timed: true,
      });
      return named(`retry ${retry + 1} after ${fault}`, hinted ? spread : [...spread, centre]);
    });
    measures.push(...timed);
  }
  await gateway.settled();
  caller.close();
  await gateway.close();
  await wall.close();
  return [...measures, exactly({ name: 'records', value: gateway.books.badRecords, bound: 0 })];
}

/** Four standard deviations of the mean of a uniform draw. */
function tolerance(width: number, draws: number): number {
  return (4 * width) / Math.sqrt(12 * draws);
}
