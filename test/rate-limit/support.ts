import { Call, type Caller, type CallInit } from '../../src/core/call.ts';
import type { Capability, Decision } from '../../src/core/capability.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { GatewayEvent } from '../../src/core/events.ts';
import { runGate } from '../../src/core/gate.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { rejection } from '../../src/core/run.ts';
import type { Outcome } from '../../src/core/settlement.ts';
import { createRateLimit, type LimitOptions, type RateLimitOptions } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

export interface Request {
  readonly caller?: Caller;
  readonly peer?: string;
  readonly body?: JsonObject | Error;
  readonly operation?: CallInit['operation'];
  readonly dialect?: CallInit['dialect'];
  readonly method?: string;
  readonly id?: string;
}

/** A limiter on a clock of its own. */
export interface Limiter {
  readonly runtime: ManualRuntime;
  readonly capability: Capability;
  readonly events: GatewayEvent[];
  call(request?: Request): Call;
  /** Takes a call through the gate. */
  decide(call: Call): Promise<Decision>;
  /** A new call, taken through the gate. */
  send(request?: Request): Promise<Sent>;
}

export interface Sent {
  readonly call: Call;
  readonly decision: Decision;
  /** 200 where it passed. */
  readonly status: number;
  readonly error: GatewayError | undefined;
  /** Ends it: answered and delivered. */
  end(outcome?: Partial<Outcome>): void;
}

export function limiter(
  options: RateLimitOptions | readonly LimitOptions[],
  { runtime = manualRuntime(), maxCounters }: { runtime?: ManualRuntime; maxCounters?: number } = {},
): Limiter {
  const events: GatewayEvent[] = [];
  const given: RateLimitOptions = 'length' in options ? { limits: options } : options;
  const capability = createRateLimit(
    { onEvent: (event) => void events.push(event), ...given },
    { local: memoryLimitStore(maxCounters === undefined ? {} : { maxCounters }, runtime), runtime },
  );
  const call = (request: Request = {}) => newCall(runtime, request);
  const decide = async (made: Call) => {
    const decision = await runGate(made, capability);
    // As a host does: a refused call ends at once.
    if (decision.kind === 'reject') {
      rejection(made, decision.error);
      made.close(true);
    }
    return decision;
  };
  return {
    runtime,
    capability,
    events,
    call,
    decide,
    async send(request) {
      const made = call(request);
      const decision = await decide(made);
      const error = decision.kind === 'reject' ? decision.error : undefined;
      return {
        call: made,
        decision,
        status: error?.status ?? 200,
        error,
        end(outcome) {
          made.finish({ status: 'ok', httpStatus: 200, ...outcome });
          made.close(true);
        },
      };
    },
  };
}

export const chatBody: JsonObject = {
  model: 'gpt-4o',
  messages: [{ role: 'user', content: 'Hello.' }],
  max_tokens: 10,
};

function newCall(runtime: ManualRuntime, request: Request): Call {
  const { caller, peer, body = chatBody, operation = 'chat', dialect = 'openai-chat', method = 'POST', id } = request;
  const call = new Call({
    head: { method, path: '/v1/chat/completions', headers: {}, rawHeaders: [], ...(peer !== undefined && { peer }) },
    dialect,
    operation,
    runtime,
    readBody: () => {
      if (body instanceof Error) throw body;
      return { json: body, bytes: Buffer.from(JSON.stringify(body)) };
    },
    id,
  });
  if (caller !== undefined) call.setCaller(caller);
  return call;
}

/** The statuses of so many calls, one after another. */
export async function statuses(limit: Limiter, count: number, request?: Request): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push((await limit.send(request)).status);
  return found;
}

/** How many of so many calls pass. */
export async function admitted(limit: Limiter, count: number, request?: Request): Promise<number> {
  return (await statuses(limit, count, request)).filter((status) => status === 200).length;
}
