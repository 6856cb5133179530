import { Call, type Caller } from '../../src/core/call.ts';
import type { Decision } from '../../src/core/capability.ts';
import type { Cost } from '../../src/core/cost.ts';
import type { GatewayEvent } from '../../src/core/events.ts';
import { runGate } from '../../src/core/gate.ts';
import type { Operation } from '../../src/core/inbound.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import type { AttemptRecord, AttemptStatus, CallStatus } from '../../src/core/settlement.ts';
import type { Usage } from '../../src/core/usage.ts';
import {
  type BudgetStore,
  type BudgetsSettings,
  type CostGuard,
  createCostGuard,
  type TargetsOf,
} from '../../src/cost-guard/index.ts';
import type { ModelsOptions } from '../../src/providers/model-chains.ts';
import type { ProvidersOptions } from '../../src/providers/options.ts';
import { createPlanner } from '../../src/providers/planner.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

/** One dollar. */
export const usd = 1_000_000_000;

/** A model that costs a cent for a thousand generated tokens and nothing for its prompt, a free one, and one without a price. */
export const providers: ProvidersOptions = {
  openai: {
    apiKey: 'provider-key-canary-0123456789',
    prices: {
      'by-answer': { input: 0, output: 10 },
      'by-prompt': { input: 10, output: 0 },
      dear: { input: 0, output: 1_000 },
      free: { input: 0, output: 0 },
    },
  },
};

export const models: ModelsOptions = {
  'free-first': { targets: ['openai/free', 'openai/by-answer'] },
  'cheap-first': { targets: ['openai/by-answer', 'openai/dear'] },
  'dear-first': { targets: ['openai/dear', 'openai/by-answer'] },
  'priced-first': { targets: ['openai/by-answer', 'openai/no-such-price'] },
};

export function targetsOf(options: ProvidersOptions = providers, chains: ModelsOptions = models): TargetsOf {
  const planner = createPlanner({ providers: options, models: chains, environment: {} });
  return (model, fallback) => planner.plan(model, fallback).flatMap((link) => link.targets);
}

export interface Guarded {
  readonly guard: CostGuard;
  readonly store: BudgetStore;
  readonly runtime: ManualRuntime;
  readonly events: GatewayEvent[];
}

export function guarded(
  settings: BudgetsSettings,
  given: { readonly store?: BudgetStore; readonly runtime?: ManualRuntime } = {},
): Guarded {
  const runtime = given.runtime ?? manualRuntime();
  const store = given.store ?? createMemoryBudgetStore(runtime);
  const events: GatewayEvent[] = [];
  const guard = createCostGuard(settings, {
    store,
    runtime,
    targetsOf: targetsOf(),
    onEvent: (event) => void events.push(event),
  });
  return { guard, store, runtime, events };
}

export interface Asked {
  readonly model?: string;
  readonly maxTokens?: number;
  readonly caller?: Caller;
  readonly operation?: Operation;
  readonly method?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A call as a host makes it, with the body already there. */
export function callOf(runtime: Runtime, asked: Asked = {}): Call {
  const json = {
    model: asked.model ?? 'openai/by-answer',
    messages: [{ role: 'user', content: 'Say hello.' }],
    ...(asked.maxTokens !== undefined && { max_tokens: asked.maxTokens }),
    ...asked.body,
  };
  const bytes = Buffer.from(JSON.stringify(json));
  const call = new Call({
    head: { method: asked.method ?? 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders: [] },
    dialect: 'openai-chat',
    operation: asked.operation ?? 'chat',
    runtime,
    readBody: () => ({ json: JSON.parse(bytes.toString()), bytes }),
  });
  if (asked.caller !== undefined) call.setCaller(asked.caller);
  return call;
}

export async function admit({ guard }: Pick<Guarded, 'guard'>, call: Call): Promise<Decision> {
  return runGate(call, guard);
}

export interface AttemptEnd {
  readonly model?: string;
  readonly status?: AttemptStatus;
  readonly cost?: Cost['nanoUsd'];
  readonly usage?: Usage;
  readonly httpStatus?: number;
  /** Milliseconds it took. @default 0 */
  readonly took?: number;
}

/** Notes an attempt that has ended. */
export function attempted(call: Call, end: AttemptEnd = {}): AttemptRecord {
  const now = call.runtime.now();
  const record: AttemptRecord = {
    id: `${call.id}-${call.attempts.length + 1}`,
    number: call.attempts.length + 1,
    provider: 'openai',
    model: end.model ?? 'by-answer',
    startedAt: now - (end.took ?? 0),
    endedAt: now,
    status: end.status ?? 'ok',
    usageSource: end.cost === undefined ? 'none' : 'provider',
    ...(end.cost !== undefined && { cost: { nanoUsd: end.cost, priceVersion: 'test' } }),
    ...(end.usage !== undefined && { usage: end.usage }),
    ...(end.httpStatus !== undefined && { httpStatus: end.httpStatus }),
  };
  // As whoever makes the attempts does it.
  const booked = typeof end.cost === 'number' ? undefined : call.allowance?.costOfUncounted(record);
  if (booked !== undefined) record.cost = { nanoUsd: booked, priceVersion: 'estimated' };
  call.attempts.push(record);
  return record;
}

export function over(call: Call, status: CallStatus = 'ok', httpStatus = 200): void {
  call.finish({ status, httpStatus });
  call.close(status !== 'client_abort');
}

/** What a budget's counter holds, whoever's it is: the sum of what the guard would be told. */
export async function stateOf(
  { store, runtime }: Pick<Guarded, 'store' | 'runtime'>,
  { name, scope, value }: { readonly name: string; readonly scope: string; readonly value: string },
  since = 0,
): Promise<{ readonly spent: number; readonly held: number }> {
  const [state] = await store.read([
    {
      key: JSON.stringify(['', name, scope, value]),
      scope: 'global',
      value,
      limit: usd,
      since,
      slice: since,
      expiresAt: runtime.wallTime() + 1e12,
    },
  ]);
  return state ?? { spent: Number.NaN, held: Number.NaN };
}

export const everything = { name: 'global-day', scope: 'global', value: 'all' } as const;
