import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { eventually, startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';
import { openaiAt, question } from '../harness/providers.ts';
import { seededRuntime } from '../harness/runtimes.ts';

export interface ProbeCrowdPlan {
  /** Callers who arrive together. */
  readonly crowd: number;
  readonly strategy: 'priority' | 'weighted';
  readonly seed: number;
  /** Milliseconds the sick target thinks: the whole crowd must be there before its first answer. @default 1000 */
  readonly thinking?: number;
}

/** A crowd arrives at the moment when an ejected target may be tried again: it must not see more than one of them. */
export async function probeCrowd({
  crowd,
  strategy,
  seed,
  thinking = 1_000,
}: ProbeCrowdPlan): Promise<readonly Measure[]> {
  const sick = await startFakeProvider({ seed });
  const well = await startFakeProvider({ seed: seed + 1 });
  const gateway = await startGateway(
    {
      providers: { sick: openaiAt(sick), well: openaiAt(well) },
      models: { chat: { strategy, targets: ['sick/demo-small', 'well/demo-small'] } },
      cooldown: '1s',
    },
    seededRuntime(seed),
  );
  const caller = new Caller(gateway.url, crowd);
  const { health } = gateway.failover.engine;
  const isProbeDue = (): boolean => health.standing('sick/demo-small', performance.now()) === 'probe_due';
  let succeeded = 0;
  const callTogether = (requests: number) =>
    closedLoop({ requests, concurrency: requests }, async () => {
      const answer = await caller.ask({ model: 'chat', ...question });
      if (answer.status === 200) succeeded += 1;
    });

  sick.breakWith('e500');
  while (!gateway.events.has('target-ejected')) await callTogether(1);
  succeeded = 0;
  await eventually('the cooldown is over', isProbeDue);
  const before = sick.calls.length;
  // Slow enough that the whole crowd is there before the first of them has an answer.
  sick.breakWith(`e500+slow(${thinking})`);
  await callTogether(crowd);
  const whileSick = sick.calls.length - before;

  await eventually('the second cooldown is over', isProbeDue);
  const between = sick.calls.length;
  sick.breakWith(`slow(${thinking})`);
  await callTogether(crowd);
  const healed = sick.calls.slice(between);
  const probeEnd = healed[0]?.endedAt ?? 0;
  const whileProbing = healed.filter((call) => call.receivedAt < probeEnd).length;

  await gateway.settled();
  caller.close();
  await gateway.close();
  await Promise.all([sick.close(), well.close()]);
  return named(`${crowd} callers at the end of a cooldown, ${strategy}`, [
    exactly({ name: 'calls to the target that is still sick', value: whileSick, bound: 1 }),
    exactly({ name: 'calls to the healed target before its first answer', value: whileProbing, bound: 1 }),
    exactly({ name: 'callers served', value: succeeded, bound: 2 * crowd }),
    ...gateway.books.invariants(),
  ]);
}
