import { ChatInquiry } from '../attempt/chat-inquiry.ts';
import { readRequestFields } from '../attempt/request-fields.ts';
import { readNeeds } from '../attempt/request-needs.ts';
import type { Call } from '../core/call.ts';
import { nanoUsd } from '../core/cost.ts';
import type { RequestBody } from '../core/request-body.ts';
import { dialectOf } from '../dialects/index.ts';
import type { Target } from '../providers/provider.ts';
import { candidateOf } from '../providers/target.ts';
import { askedAnswers, askedMostCost } from './asked-output.ts';
import { targetId, underMostCost, unpricedVerdict, type Verdict, type Verdicts } from './call-bounds.ts';
import type { CallBudget, FindBudgets } from './call-budgets.ts';
import { type AskedWork, boundAt } from './cost-bound.ts';
import type { ResolvedCostGuardOptions } from './options.ts';
import { promptBound } from './prompt-bound.ts';

/** The targets a model's name and the caller's own fallbacks can lead to. */
export type TargetsOf = (model: string, fallback: readonly string[]) => readonly Target[];

/** What a call can cost, and on whose account. */
export interface Assessment {
  readonly budgets: readonly CallBudget[];
  readonly verdicts: Verdicts;
  /** In order of trial. */
  readonly targets: readonly Target[];
  /** Nano-USD the call may cost whatever its budgets hold; `undefined` for no bound. */
  readonly mostCost: number | undefined;
}

export interface AssessContext {
  readonly options: ResolvedCostGuardOptions;
  readonly findBudgets: FindBudgets;
  readonly targetsOf: TargetsOf;
}

/**
 * `undefined` when no money is counted for the call.
 *
 * @throws GatewayError for a body that means no request, and for a model nothing is configured for
 */
export function assessCall(call: Call, body: RequestBody, context: AssessContext): Assessment | undefined {
  const { options, findBudgets, targetsOf } = context;
  const mostCost = leastOf(options.maxCostPerRequest, askedMostCost(body.json));
  if (mostCost === undefined && options.rules.length === 0 && (call.caller.budgets ?? []).length === 0)
    return undefined;

  const dialect = dialectOf(call.dialect);
  const fields = readRequestFields(call, body.json, dialect);
  call.requestedModel ??= fields.model;
  const wallTime = call.runtime.wallTime();
  const budgets = findBudgets({ caller: call.caller, model: fields.model, wallTime });
  const targets = targetsOf(fields.model, fields.fallback);
  const canonical = () => new ChatInquiry({ call, body, dialect, includeUsage: fields.includeUsage }).canonical();
  const work: AskedWork = {
    operation: call.operation,
    dialect: call.dialect,
    prompt: promptBound(body.json),
    answers: askedAnswers(body.json),
    outputTokens:
      call.operation === 'chat' ? wholeCount(readNeeds(call.dialect, body.json, canonical).maxOutputTokens) : undefined,
  };
  const verdicts = new Map<string, Verdict>();
  for (const target of targets) {
    const bound = boundAt(target, work, { ...options, wallTime });
    const id = targetId(candidateOf(target));
    if (bound === undefined) verdicts.set(id, unpricedVerdict(options.allowUnpriced));
    else verdicts.set(id, mostCost === undefined ? { kind: 'priced', bound } : underMostCost(bound, mostCost));
  }
  return { budgets, verdicts, targets, mostCost };
}

function leastOf(configured: number | undefined, asked: number | undefined): number | undefined {
  if (asked === undefined) return configured;
  return Math.min(nanoUsd(asked), configured ?? Number.POSITIVE_INFINITY);
}

/** What is no count will be refused by whoever gets it. */
function wholeCount(tokens: number | undefined): number | undefined {
  return tokens !== undefined && tokens >= 1 ? Math.floor(tokens) : undefined;
}
