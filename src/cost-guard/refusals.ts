import type { NanoUsd } from '../core/cost.ts';
import { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import { usdText } from '../core/usd.ts';
import type { CallBudget } from './call-budgets.ts';

/** Headers of a refusal: whose budget, and when it counts from zero again. */
export const budgetHeader = {
  scope: 'x-gateway-budget-scope',
  resetAt: 'x-gateway-budget-reset-at',
} as const;

/** Official clients do not try again on this type; the header says it to the others. */
const finalWord = { [header.shouldRetry]: 'false' };

/** How long whoever is refused for want of a store should wait, in seconds. */
const storeRetryAfter = 2;

export function budgetExceeded({ rule, at }: CallBudget): GatewayError {
  return new GatewayError('budget_exceeded', {
    message: `The budget "${rule.name}" (scope: ${rule.per}) does not pay for this request. reset_at: ${at.resetAtText}`,
    headers: { ...finalWord, [budgetHeader.scope]: rule.per, [budgetHeader.resetAt]: at.resetAtText },
  });
}

export function tooDear(most: NanoUsd): GatewayError {
  return new GatewayError('budget_exceeded', {
    message: `The request could cost more than the ${usdText(most)} US dollars one request may cost. Ask for a shorter answer or a cheaper model.`,
    headers: { ...finalWord, [budgetHeader.scope]: 'request' },
  });
}

/** An earlier attempt of the call has used what was set aside. */
export function usedUp(): GatewayError {
  return new GatewayError('budget_exceeded', {
    message: 'Earlier attempts of this request have used what its budget had set aside for it.',
    headers: finalWord,
  });
}

export function priceUnknown(): GatewayError {
  return new GatewayError('model_price_unknown', { param: 'model' });
}

export function budgetUnavailable(cause: unknown): GatewayError {
  return new GatewayError('budget_unavailable', { retryAfter: storeRetryAfter, cause });
}
