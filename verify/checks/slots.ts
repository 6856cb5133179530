import { createRateLimit } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { connectRedis, redisLimitStore } from '../../src/stores/redis/index.ts';
import { startFakeProvider } from '../../src/testing/index.ts';
import { breaks, callExits, exitProviders } from '../harness/call-exits.ts';
import { Caller, type CallerAnswer } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { seededRandom } from '../harness/runtimes.ts';
import { startRedis } from '../harness/servers.ts';

export interface SlotsPlan {
  readonly calls: number;
  readonly store: 'memory' | 'Redis';
  readonly seed: number;
}

const slots = 40;
/** Milliseconds after the last call within which all slots are to be free, and after which nobody waits any longer. */
const returnMs = 1_000;
const hopelessMs = 60_000;

/** Calls that end in every way a call can end, on a limit of calls at the same time: then every slot is free again. */
export async function slotsReturn({ calls, store, seed }: SlotsPlan): Promise<readonly Measure[]> {
  const random = seededRandom(seed);
  const wall = await startFakeProvider({ seed });
  const server = store === 'Redis' ? await startRedis() : undefined;
  const redis = server === undefined ? undefined : connectRedis({ url: server.url, commandTimeout: '20s' });
  const limits = createRateLimit(
    {
      limits: [{ concurrent: slots }],
      whenStoreFails: 'refuse',
      ...(redis !== undefined && { store: redisLimitStore(redis) }),
    },
    { local: memoryLimitStore() },
  );
  const gateway = await startGateway({ providers: exitProviders(wall), retries: 0, inFront: [limits, breaks] });
  const caller = new Caller(gateway.url, slots);
  let passed = 0;
  await closedLoop({ requests: calls, concurrency: slots }, async (round) => {
    const exits = callExits(round);
    const exit = exits[Math.floor(random() * exits.length)];
    if (exit === undefined) throw new RangeError('There is no such exit.');
    const { status } = await caller.ask(exit.body, {
      headers: exit.headers ?? {},
      ...(exit.leaves !== undefined && { signal: AbortSignal.timeout(exit.leaves) }),
    });
    if (status !== 429) passed += 1;
  });
  const endedAt = performance.now();
  let askedAt = endedAt;
  let refused = slots;
  for (let trial = 0; refused > 0 && askedAt - endedAt <= hopelessMs; trial += 1) {
    askedAt = performance.now();
    refused = (await everySlotAtOnce(caller, trial)).filter(({ status }) => status === 429).length;
  }
  await gateway.settled();
  caller.close();
  const { books } = gateway;
  await gateway.close();
  await redis?.close();
  await server?.stop();
  await wall.close();
  return named(`${calls} calls that end in every way, slots in ${store}`, [
    exactly({ name: 'slots still taken', value: refused, bound: 0, detail: `${passed} calls had one` }),
    atMost({ name: 'until all were free', value: askedAt - endedAt, bound: returnMs, unit: ' ms', timed: true }),
    ...books.invariants(),
  ]);
}

/** Streams that last long enough for all of them to be under way at once. */
function everySlotAtOnce(caller: Caller, trial: number): Promise<readonly CallerAnswer[]> {
  return Promise.all(
    Array.from({ length: slots }, (_, index) =>
      caller.ask({
        model: `openai/after${trial}-${index}-pace(20)`,
        stream: true,
        messages: [{ role: 'user', content: 'write 8 words' }],
      }),
    ),
  );
}
