import { GatewayError } from '../core/errors.ts';
import { asNumber, asObject, type JsonObject } from '../core/json.ts';

/** How many answers a request asks for at once: each may be as long as the bound it names. */
export function askedAnswers(body: JsonObject): number {
  const gemini = asObject(body.generationConfig ?? body.generation_config);
  const asked = asNumber(body.n) ?? asNumber(gemini?.candidateCount ?? gemini?.candidate_count) ?? 1;
  return Math.max(1, Math.floor(asked));
}

/**
 * What a request itself says it may cost, in US dollars: `options.max_cost_per_request`.
 *
 * @throws GatewayError `invalid_request` for what is no amount
 */
export function askedMostCost(body: JsonObject): number | undefined {
  const asked = asObject(body.options)?.max_cost_per_request;
  if (asked === undefined || asked === null) return undefined;
  if (typeof asked === 'number' && Number.isFinite(asked) && asked > 0) return asked;
  const param = 'options.max_cost_per_request';
  throw new GatewayError('invalid_request', {
    param,
    message: `\`${param}\` must be a number of US dollars greater than 0.`,
  });
}
