import type { Caller } from './caller.ts';
import { pause } from './gateway.ts';
import type { LedgerAudit } from './ledger-audit.ts';
import { closedLoop } from './load.ts';
import { exactly, type Measure } from './measure.ts';
import { modelAt, playedDialects } from './providers.ts';

/** What a client saw of one request. */
export interface SeenRequest {
  readonly id: string | undefined;
  /** The answer came whole. */
  readonly whole: boolean;
}

const models = playedDialects.map((dialect) => modelAt(dialect));

/** Clients that ask every provider in turn, every second time for a stream, until `goesOn` says no. */
export async function askSteadily(
  callers: readonly Caller[],
  { goesOn, seen, concurrency }: { goesOn(): boolean; readonly seen: SeenRequest[]; readonly concurrency: number },
): Promise<void> {
  await closedLoop({ goesOn, concurrency }, async (index) => {
    const caller = callers[index % callers.length];
    if (caller === undefined) throw new RangeError('There is nobody to ask.');
    const request = await askOnce(caller, index);
    seen.push(request);
    // Where nobody listens an answer comes at once.
    if (!request.whole) await pause(5);
  });
}

export async function askOnce(caller: Caller, index: number): Promise<SeenRequest> {
  const stream = index % 2 === 0;
  const { status, headers, text, broken } = await caller.ask({
    model: models[index % models.length],
    stream,
    messages: [{ role: 'user', content: 'write 20 words' }],
  });
  const id = headers['x-request-id'];
  return {
    id: typeof id === 'string' ? id : undefined,
    whole: status === 200 && !broken && (!stream || text.includes('[DONE]')),
  };
}

/** What clients saw against what stands in the ledger. */
export function againstLedger(
  seen: readonly SeenRequest[],
  { attempts, calls, measures }: LedgerAudit,
): readonly Measure[] {
  const whole = seen.filter((request) => request.whole);
  const settled = new Set(attempts.filter(({ phase }) => phase === 'settle').map((row) => row.request_id));
  const recorded = new Set(calls.map((row) => row.request_id));
  const missing = whole.filter(({ id }) => !settled.has(id) || !recorded.has(id));
  return [
    exactly({
      name: 'answers seen whole that the ledger lacks',
      value: missing.length,
      bound: 0,
      detail: `${whole.length} of ${seen.length} requests seen whole`,
    }),
    exactly({ name: 'requests that stand there twice', value: calls.length - recorded.size, bound: 0 }),
    ...measures,
  ];
}
