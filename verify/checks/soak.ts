import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { pause } from '../harness/gateway.ts';
import { startGatewayChild, type Vitals } from '../harness/gateway-child.ts';
import { closedLoop } from '../harness/load.ts';
import { atLeast, atMost, exactly, type Measure, named, percent, slope } from '../harness/measure.ts';
import { everyDialectAt, question } from '../harness/providers.ts';
import { seededRandom } from '../harness/runtimes.ts';

export interface SoakPlan {
  readonly requests: number;
  readonly seed: number;
  /** Hears how far it is. */
  readonly onProgress?: (line: string) => void;
}

const concurrency = 32;
/** Rounds between which everything comes to rest and the gateway is measured. */
const rounds = 40;
/** Requests in which buffers, pools and compiled code grow to their size; half of all requests at most. */
const warmUp = 10_000;
const megabyte = 1024 * 1024;

/** Hours of mixed traffic in short: half of it streams, callers who leave, providers that fail. Nothing may pile up. */
export async function soak({ requests, seed, onProgress }: SoakPlan): Promise<readonly Measure[]> {
  const random = seededRandom(seed);
  const wall = await startFakeProvider({ seed, tokenDelay: 1 });
  const gateway = await startGatewayChild({
    providers: everyDialectAt(wall, { timeouts: { firstToken: '500ms', idle: '500ms' } }),
    models: { chat: { strategy: 'weighted', targets: providers.map((name) => `${name}/demo-small`) } },
  });
  const caller = new Caller(gateway.url, concurrency);
  const atStart = await gateway.vitals();
  const tally = { succeeded: 0, failed: 0, left: 0 };
  const perRound = Math.ceil(requests / rounds);
  const samples: Vitals[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Forgets what has ended, and what it was told.
    wall.reset();
    wall.breakWith('flaky(4)');
    await closedLoop({ requests: perRound, concurrency }, () => one({ caller, random, tally }));
    const vitals = await atRest(gateway);
    samples.push(vitals);
    onProgress?.(
      `${(round + 1) * perRound} requests: RSS ${mb(vitals.rss)}, heap ${mb(vitals.heapUsed)}, ${vitals.handles} handles`,
    );
  }
  caller.close();
  // Idle connections to a provider live as long as it offers; this one closes them now.
  await wall.close();
  await pause(500);
  const atEnd = await atRest(gateway);
  await gateway.stop();
  return named(`soak of ${perRound * rounds} requests`, [
    ...judge({ atStart, samples, atEnd, perRound }),
    ...shares(tally),
  ]);
}

const providers = ['openai', 'anthropic', 'gemini'] as const;

interface Tally {
  succeeded: number;
  failed: number;
  left: number;
}

async function one(run: {
  readonly caller: Caller;
  readonly random: () => number;
  readonly tally: Tally;
}): Promise<void> {
  const { caller, random, tally } = run;
  const provider = providers[Math.floor(random() * providers.length)] ?? 'openai';
  // Streams that break off in the middle cannot be mended by another target. Their models change, as they are ejected.
  const model = random() < 0.01 ? `${provider}/soak-${Math.floor(random() * 300)}+cut(2)` : 'chat';
  const leaves = random() < 0.1;
  const controller = new AbortController();
  const timer = leaves ? setTimeout(() => controller.abort(), random() * 40) : undefined;
  const stream = random() < 0.5;
  const answer = await caller.ask({ model, stream, ...question }, { signal: controller.signal });
  clearTimeout(timer);
  if (controller.signal.aborted) tally.left += 1;
  else if (answer.status === 200 && !answer.broken) tally.succeeded += 1;
  else tally.failed += 1;
}

/** The gateway's vital signs once nothing is under way. */
async function atRest(gateway: { vitals(): Promise<Vitals> }): Promise<Vitals> {
  for (let patience = 0; patience < 100; patience += 1) {
    const vitals = await gateway.vitals();
    if (vitals.calls === vitals.settlements) return gateway.vitals();
    await pause(50);
  }
  throw new Error('Calls are under way that do not end.');
}

interface Findings {
  readonly atStart: Vitals;
  readonly samples: readonly Vitals[];
  readonly atEnd: Vitals;
  readonly perRound: number;
}

function judge({ atStart, samples, atEnd, perRound }: Findings): readonly Measure[] {
  const warm = samples.slice(Math.min(Math.ceil(warmUp / perRound), rounds / 2));
  const points = warm.map(({ rss }, index) => ({ x: (index * perRound) / 10_000, y: rss / megabyte }));
  const [first] = warm;
  const last = warm.at(-1);
  const heapGrowth = (last?.heapUsed ?? Number.NaN) / (first?.heapUsed ?? Number.NaN);
  return [
    atMost({
      name: 'RSS growth per 10,000 requests after warm-up',
      value: slope(points),
      bound: 1,
      unit: ' MB',
      detail: `${mb(first?.rss ?? 0)} to ${mb(last?.rss ?? 0)}`,
    }),
    atMost({
      name: 'heap after a collection, against the end of the warm-up',
      value: heapGrowth,
      bound: 1.1,
      unit: ' times',
      detail: `${mb(first?.heapUsed ?? 0)} to ${mb(last?.heapUsed ?? 0)}`,
    }),
    atMost({
      name: 'handles away from the start',
      value: Math.abs(atEnd.handles - atStart.handles),
      bound: 2,
      detail: `${atStart.handles} to ${atEnd.handles}`,
    }),
    atMost({ name: 'timers of the gateway left', value: atEnd.timers - atStart.timers, bound: 2 }),
    exactly({ name: 'connections of clients left', value: atEnd.connections, bound: 0 }),
    exactly({ name: 'warnings and unhandled errors', value: atEnd.troubles, bound: 0 }),
    exactly({ name: 'calls without a log line', value: atEnd.calls - atEnd.callLines, bound: 0 }),
    ...atEnd.measures,
  ];
}

function shares({ succeeded, failed, left }: Tally): readonly Measure[] {
  const stayed = succeeded + failed;
  const detail = `${succeeded} served, ${failed} failed, ${left} left`;
  return [
    atLeast({ name: 'served of those who stayed', value: percent(succeeded, stayed), bound: 95, unit: ' %', detail }),
  ];
}

function mb(bytes: number): string {
  return `${(bytes / megabyte).toFixed(1)} MB`;
}
