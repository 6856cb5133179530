import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { atMost, exactly, type Measure, named, percent } from '../harness/measure.ts';
import { openaiAt, question } from '../harness/providers.ts';
import { seededRuntime } from '../harness/runtimes.ts';

export interface WeightsPlan {
  readonly requests: number;
  /** Which of the three is ejected for the second half. */
  readonly ejected: 0 | 1 | 2;
  readonly seed: number;
}

const weights = [70, 20, 10];

/** Weights 70/20/10 over many calls; then one of the targets is ejected and the others share what was its. */
export async function sharesByWeight({ requests, ejected, seed }: WeightsPlan): Promise<readonly Measure[]> {
  const walls = await Promise.all(weights.map((_, index) => startFakeProvider({ seed: seed + index })));
  const names = weights.map((weight) => `provider-${weight}`);
  const gateway = await startGateway(
    {
      providers: Object.fromEntries(walls.map((wall, index) => [names[index], openaiAt(wall)])),
      models: {
        chat: {
          strategy: 'weighted',
          targets: weights.map((weight, index) => ({ model: `${names[index]}/demo-small`, weight })),
        },
      },
      cooldown: '1h',
    },
    seededRuntime(seed),
  );
  const caller = new Caller(gateway.url, 8);
  let failed = 0;
  const shares = async (): Promise<readonly number[]> => {
    const served = new Map<unknown, number>();
    await closedLoop({ requests, concurrency: 8 }, async (index) => {
      const answer = await caller.ask({ model: 'chat', ...question });
      const by = answer.headers['x-provider'];
      served.set(by, (served.get(by) ?? 0) + 1);
      if (answer.status !== 200) failed += 1;
      if (index % 500 === 499) for (const wall of walls) wall.reset();
    });
    return names.map((name) => percent(served.get(name) ?? 0, requests));
  };
  const full = await shares();
  walls[ejected]?.breakWith('e500');
  while (!gateway.events.has('target-ejected')) await caller.ask({ model: 'chat', ...question });
  walls[ejected]?.heal();
  const renormalised = await shares();
  await gateway.settled();
  caller.close();
  await gateway.close();
  await Promise.all(walls.map((wall) => wall.close()));
  const left = weights.map((weight, index) => (index === ejected ? 0 : weight));
  return [
    ...named('weights 70/20/10', [deviation(full, weights)]),
    ...named(`weights 70/20/10 without the ${weights[ejected]}`, [
      deviation(renormalised, left),
      exactly({ name: 'share of the ejected target', value: renormalised[ejected] ?? Number.NaN, bound: 0 }),
      exactly({ name: 'calls that failed', value: failed, bound: 0 }),
      ...gateway.books.invariants(),
    ]),
  ];
}

function deviation(shares: readonly number[], wanted: readonly number[]): Measure {
  const total = wanted.reduce((sum, weight) => sum + weight, 0);
  const differences = shares.map((share, index) => Math.abs(share - (100 * (wanted[index] ?? 0)) / total));
  return atMost({
    name: 'largest deviation from the shares',
    value: Math.max(...differences),
    bound: 2,
    unit: ' points',
    detail: shares.map((share) => share.toFixed(1)).join('/'),
  });
}
