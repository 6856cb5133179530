import type { ProviderOptions } from '../../src/providers/options.ts';
import { startBlackHole, startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { atLeast, atMost, type Measure, named, percent } from '../harness/measure.ts';
import { closedPort, openaiAt, question } from '../harness/providers.ts';
import { seededRuntime } from '../harness/runtimes.ts';

/** How a provider is dead: nobody listens, it always answers 500, or its address swallows every connection. */
export const deaths = ['refused', 'e500', 'black hole'] as const;
export type Death = (typeof deaths)[number];

export interface DeadProviderPlan {
  readonly death: Death;
  readonly strategy: 'priority' | 'weighted';
  readonly requests: number;
  /** Calls already under way when the fifth failure is seen cannot be called back: the bound grows by all but one. */
  readonly concurrency: number;
  readonly seed: number;
}

const consecutiveFailures = 5;

/** Three providers serve one model and the first of them is dead: callers must not notice. */
export async function deadProvider(plan: DeadProviderPlan): Promise<readonly Measure[]> {
  const { death, strategy, requests, concurrency } = plan;
  const wall = await startFakeProvider({ seed: plan.seed });
  const dead = await startDead(death);
  const gateway = await startGateway(
    {
      providers: { dead: dead.options(openaiAt(wall)), second: openaiAt(wall), third: openaiAt(wall) },
      models: { chat: { strategy, targets: [`dead/${dead.model}`, 'second/demo-small', 'third/demo-small'] } },
      cooldown: '1s',
    },
    seededRuntime(plan.seed),
  );
  const caller = new Caller(gateway.url, concurrency);
  let succeeded = 0;
  await closedLoop({ requests, concurrency }, async (index) => {
    const answer = await caller.ask({ model: 'chat', stream: index % 2 === 0, ...question });
    if (answer.status === 200 && !answer.broken) succeeded += 1;
    if (index % 500 === 0) wall.reset();
  });
  await gateway.settled();
  const deadCalls = gateway.books.attemptsAt('dead');
  const probes = gateway.events.get('target-probing') ?? 0;
  caller.close();
  await gateway.close();
  await dead.close();
  await wall.close();
  return named(`${death}, ${strategy}, ${concurrency} at a time`, [
    atLeast({
      name: 'calls that succeed',
      value: percent(succeeded, requests),
      bound: 99.99,
      unit: ' %',
      detail: `${succeeded} of ${requests}`,
    }),
    atMost({
      name: 'calls to the dead provider',
      value: deadCalls,
      bound: consecutiveFailures + concurrency - 1 + probes,
      detail: `${probes} of them probes`,
    }),
    ...gateway.books.invariants(),
  ]);
}

interface Dead {
  readonly model: string;
  /** The options of a living provider, made those of this one. */
  options(living: ProviderOptions): ProviderOptions;
  close(): Promise<void>;
}

async function startDead(death: Death): Promise<Dead> {
  switch (death) {
    case 'e500':
      return { model: 'e500', options: (living) => living, close: async () => {} };
    case 'refused': {
      const baseUrl = await closedPort();
      return { model: 'demo-small', options: (living) => ({ ...living, baseUrl }), close: async () => {} };
    }
    case 'black hole': {
      const hole = await startBlackHole({ connections: 'unanswered' });
      const timeouts = { connect: '100ms' } as const;
      return {
        model: 'demo-small',
        options: (living) => ({ ...living, baseUrl: hole.url, timeouts }),
        close: () => hole.close(),
      };
    }
  }
}
