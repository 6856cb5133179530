import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller, type CallerAnswer } from '../harness/caller.ts';
import { eventually, pause } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { againstLedger } from '../harness/ledger-callers.ts';
import { ledgerConfig, openLedgerSite } from '../harness/ledger-site.ts';
import { atLeast, atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { modelAt, playedDialects } from '../harness/providers.ts';
import { errorCode, isServed } from '../harness/steady-load.ts';

export interface DrainPlan {
  /** Streams under way at SIGTERM that end in time. */
  readonly streams: number;
  /** How long they still last, in milliseconds. */
  readonly streamMs: number;
  /** Streams that would go on for ever. */
  readonly endless: number;
  /** Milliseconds that calls under way have. */
  readonly graceMs: number;
}

const words = 100;

/**
 * SIGTERM with streams of every provider under way: those that can end in time end whole, the others with a typed error at
 * the deadline; whoever comes new is told that it shuts down; everything is in the ledger.
 */
export async function drain(plan: DrainPlan): Promise<readonly Measure[]> {
  const { streams, streamMs, endless, graceMs } = plan;
  const site = await openLedgerSite('SQLite');
  const wall = await startFakeProvider({ speak: ({ question }) => question.replaceAll('_', ' ') });
  const gateway = await startGatewayChild(ledgerConfig(site, wall), { grace: graceMs });
  const caller = new Caller(gateway.url, streams + endless + 10);
  const ask = (index: number, count: number, pace: number): Promise<CallerAnswer> =>
    caller.ask({
      model: `${modelAt(playedDialects[index % playedDialects.length] ?? 'openai-chat')}+pace(${pace})`,
      stream: true,
      max_tokens: 100_000,
      messages: [{ role: 'user', content: Array.from({ length: count }, (_, place) => `w${place}`).join('_') }],
    });
  const pace = Math.ceil(streamMs / words);
  const ending = Array.from({ length: streams }, (_, index) => ask(index, words, pace));
  const going = Array.from({ length: endless }, (_, index) => ask(index, 20_000, 50));
  await eventually(
    'every stream has begun',
    () => wall.calls.filter(({ contentChunks }) => contentChunks > 2).length === streams + endless,
    60_000,
  );
  const toldAt = performance.now();
  const exited = gateway.terminate().then((exit) => ({ exit, after: performance.now() - toldAt }));
  const newcomers: CallerAnswer[] = [];
  let over = false;
  const coming = (async () => {
    // The signal has to arrive first.
    while ((await readiness(gateway.port)) !== 503) await pause(5);
    while (!over) {
      const answer = await caller.ask({ model: modelAt('openai-chat'), messages: [{ role: 'user', content: 'late' }] });
      if (!over) newcomers.push(answer);
      await pause(graceMs / 50);
    }
  })();
  const ended = await Promise.all(ending);
  over = true;
  const broken = await Promise.all(going);
  const { exit, after } = await exited;
  await coming;
  caller.close();
  const audit = await site.audit();
  const left = site.journals().length;
  await wall.close();
  await site.stop();
  const refused = newcomers.filter(
    (answer) => answer.status === 503 && errorCode(answer) === 'shutting_down' && answer.headers.connection === 'close',
  );
  const typed = broken.filter(
    (answer) => answer.broken && lastCode(answer) === 'shutting_down' && !answer.text.includes('[DONE]'),
  );
  const seen = [...ended, ...broken].map((answer) => ({ id: String(answer.headers['x-request-id']), whole: true }));
  return named(`SIGTERM with ${streams} streams and ${endless} endless ones, ${graceMs} ms of grace`, [
    exactly({
      name: 'streams that did not end whole',
      value: ended.filter((answer) => !isWhole(answer)).length,
      bound: 0,
    }),
    exactly({
      name: 'endless streams that did not end with a typed error',
      value: broken.length - typed.length,
      bound: 0,
    }),
    atLeast({ name: 'callers who came new', value: newcomers.length, bound: 1 }),
    exactly({
      name: 'of those not told so with 503 and a closed connection',
      value: newcomers.length - refused.length,
      bound: 0,
    }),
    exactly({ name: 'rows of these streams', value: audit.attempts.length, bound: streams + endless }),
    ...againstLedger(seen, audit),
    exactly({ name: 'journals left', value: left, bound: 0 }),
    exactly({ name: 'exit code', value: Number(exit), bound: 0 }),
    atMost({
      name: 'until the process has ended',
      value: after,
      bound: endless > 0 ? graceMs + 1_000 : graceMs,
      unit: ' ms',
      timed: true,
    }),
  ]);
}

function isWhole(answer: CallerAnswer): boolean {
  return isServed(answer) && answer.text.includes(`w${words - 1}`) && answer.text.trimEnd().endsWith('data: [DONE]');
}

function lastCode({ text, ...answer }: CallerAnswer): string | undefined {
  return errorCode({ ...answer, text: text.trimEnd().split('\n\n').at(-1) ?? '' });
}

/** Status of `GET /health`; where nobody listens any more, nobody is ready. */
async function readiness(port: number): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/health`);
    await response.text();
    return response.status;
  } catch {
    return 503;
  }
}
