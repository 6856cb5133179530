import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { openLoop } from '../harness/load.ts';
import { atLeast, atMost, exactly, type Measure, named, percent } from '../harness/measure.ts';
import { openaiAt, question } from '../harness/providers.ts';
import { fastRuntime } from '../harness/runtimes.ts';

export interface HealPlan {
  readonly strategy: 'priority' | 'weighted';
  readonly requestsPerSecond: number;
  /** Seconds of the cooldown, for which and one more the healed target may wait. */
  readonly cooldown: number;
  /** How much faster than the world the gateway's clock runs. */
  readonly speed: number;
  readonly seed: number;
  /** Standard deviations of chance that a share may be low; a fast clock on a busy machine needs more. @default 3 */
  readonly deviations?: number;
}

const slowStart = 10_000;
/** Milliseconds over which a share is taken. */
const window = 2_000;
const fullLoadFor = 4_000;
/** Milliseconds after which a target that nobody tried again is given up. */
const patience = 60_000;

/** One of three targets is ejected and heals during its cooldown: it must be found out soon, and loaded gently. */
export async function heal(plan: HealPlan): Promise<readonly Measure[]> {
  const { strategy, requestsPerSecond, speed, deviations = 3 } = plan;
  const runtime = fastRuntime(speed, plan.seed);
  const walls = await Promise.all([0, 1, 2].map((index) => startFakeProvider({ seed: plan.seed + index })));
  const [sick] = walls;
  const names = walls.map((_, index) => `provider-${index}`);
  const gateway = await startGateway(
    {
      providers: Object.fromEntries(walls.map((wall, index) => [names[index], openaiAt(wall)])),
      models: { chat: { strategy, targets: names.map((name) => `${name}/demo-small`) } },
      cooldown: `${plan.cooldown}s`,
    },
    runtime,
  );
  const caller = new Caller(gateway.url, Number.POSITIVE_INFINITY);
  const served: { readonly askedAt: number; readonly by: unknown }[] = [];
  let failed = 0;
  let ejected = false;
  let healedAt = Number.POSITIVE_INFINITY;
  let firstAt = Number.POSITIVE_INFINITY;
  const note = (askedAt: number, by: unknown): void => {
    const now = runtime.now();
    served.push({ askedAt, by });
    if (by === names[0] && now >= healedAt) firstAt = Math.min(firstAt, now);
  };
  const one = async (): Promise<void> => {
    const askedAt = runtime.now();
    const answer = await caller.ask({ model: 'chat', ...question });
    if (answer.status === 200) note(askedAt, answer.headers['x-provider']);
    else failed += 1;
    if (!ejected && gateway.events.has('target-ejected')) {
      ejected = true;
      // What is still under way from before the ejection is to fail as well.
      runtime.after(plan.cooldown * 250, () => {
        sick?.heal();
        healedAt = runtime.now();
      });
    }
  };
  sick?.breakWith('e500');
  const givenUpAt = runtime.now() + patience;
  const goesOn = (): boolean => runtime.now() < Math.min(givenUpAt, firstAt + slowStart + fullLoadFor);
  await openLoop({ goesOn, perSecond: requestsPerSecond * speed }, one);
  await gateway.settled();
  caller.close();
  await gateway.close();
  await Promise.all(walls.map((wall) => wall.close()));

  const bySick = served.filter(({ by }) => by === names[0]);
  const share = (from: number, length: number): number => {
    const within = ({ askedAt }: { readonly askedAt: number }): boolean => askedAt >= from && askedAt < from + length;
    return percent(bySick.filter(within).length, served.filter(within).length);
  };
  const fairShare = strategy === 'weighted' ? 100 / names.length : 100;
  const windows = Array.from({ length: slowStart / window + 1 }, (_, index) => share(firstAt + index * window, window));
  return named(`healed target, ${strategy}`, [
    atMost({
      name: 'first success after healing',
      value: firstAt - healedAt,
      bound: plan.cooldown * 1000 + 1000,
      unit: ' ms',
      timed: true,
    }),
    atLeast({
      name: 'share 10 s after that',
      value: share(firstAt + slowStart, fullLoadFor),
      bound: 0.96 * fairShare - deviations * chance(fairShare, requestsPerSecond * (fullLoadFor / 1000)),
      unit: ' %',
    }),
    atMost({
      name: 'largest share on the way',
      value: Math.max(...windows),
      bound: 2 * fairShare,
      unit: ' %',
      detail: windows.map((value) => value.toFixed(0)).join(' '),
    }),
    exactly({ name: 'calls that failed', value: failed, bound: 0 }),
    ...gateway.books.invariants(),
  ]);
}

/** Standard deviation of a share in percent, over so many draws. */
function chance(share: number, draws: number): number {
  return Math.sqrt((share * (100 - share)) / draws);
}
