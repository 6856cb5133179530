import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { openLoop } from '../harness/load.ts';
import { atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { everyDialectAt, question } from '../harness/providers.ts';
import { fastRuntime } from '../harness/runtimes.ts';

/** Ways in which every provider fails at once. */
export const outages = ['e500', 'e503', 'e429', 'e500+slow(100)', 'rst_before_headers', 'nohdr'] as const;

export interface OutagePlan {
  readonly outage: (typeof outages)[number];
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Good calls before the outage, which must not pay for a storm. */
  readonly calm: number;
  /** How much faster than the world the gateway's clock runs. */
  readonly speed: number;
  readonly seed: number;
  /** Upstream calls to spare: a machine that stands still for a second adds to the budget meanwhile. @default 0 */
  readonly spare?: number;
}

const targets = ['openai', 'anthropic', 'gemini'] as const;

/** All three providers of a model are out, and callers go on calling: the gateway must not multiply their calls. */
export async function totalOutage(plan: OutagePlan): Promise<readonly Measure[]> {
  const { outage, requests, requestsPerSecond, calm, speed, spare = 0 } = plan;
  const wall = await startFakeProvider({ seed: plan.seed });
  const gateway = await startGateway(
    {
      providers: everyDialectAt(wall, { timeouts: { firstToken: '500ms' } }),
      models: { chat: { targets: targets.map((name) => `${name}/demo-small`) } },
    },
    fastRuntime(speed, plan.seed),
  );
  const caller = new Caller(gateway.url, Number.POSITIVE_INFINITY);
  const perSecond = requestsPerSecond * speed;
  await openLoop({ requests: calm, perSecond }, async () => {
    await caller.ask({ model: 'chat', ...question });
  });
  await gateway.settled();
  const callsBefore = wall.stats().calls;
  wall.breakWith(outage);
  let answered = 0;
  await openLoop({ requests, perSecond }, async (index) => {
    const answer = await caller.ask({ model: 'chat', stream: index % 2 === 0, ...question });
    if (answer.status >= 429 && !answer.broken) answered += 1;
  });
  await gateway.settled();
  const upstream = wall.stats().calls - callsBefore;
  const { books } = gateway;
  caller.close();
  await gateway.close();
  await wall.close();
  return named(outage, [
    atMost({
      name: 'upstream calls',
      value: upstream,
      bound: Math.floor(1.2 * requests + 3 * targets.length * (1 + refills(plan))) + spare,
      detail: `for ${requests} requests at ${requestsPerSecond}/s`,
    }),
    exactly({ name: 'callers told so with a whole answer', value: answered, bound: requests }),
    ...books.invariants(),
  ]);
}

/** How often the three calls per target fill up again: once a minute, where requests are too rare to add more. */
function refills({ requests, requestsPerSecond }: OutagePlan): number {
  return requestsPerSecond < 10 ? requests / requestsPerSecond / 60 : 0;
}
