import { asNumber, asObject, type JsonObject } from '../core/json.ts';

/** How many answers a request asks for at once: each may be as long as the bound it names. */
export function askedAnswers(body: JsonObject): number {
  const gemini = asObject(body.generationConfig ?? body.generation_config);
  const asked = asNumber(body.n) ?? asNumber(gemini?.candidateCount ?? gemini?.candidate_count) ?? 1;
  return Math.max(1, Math.floor(asked));
}

/** What a request itself says it may cost, in US dollars: `options.max_cost_per_request`. */
export function askedMostCost(body: JsonObject): number | undefined {
  const asked = asNumber(asObject(body.options)?.max_cost_per_request);
  return asked !== undefined && asked > 0 ? asked : undefined;
}
