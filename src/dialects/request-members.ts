import { GatewayError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';

/** Top-level members that mean the gateway and no provider. */
const gatewayMembers: ReadonlySet<string> = new Set(['fallback', 'fallbacks', 'models']);

/** Members of a request that are neither named nor the gateway's own; null is what is not there. */
export function remainingMembers(body: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const others = Object.entries(body).filter(
    ([key, value]) =>
      !known.has(key) &&
      !gatewayMembers.has(key) &&
      !isGatewayOptions(key, value) &&
      (value ?? undefined) !== undefined,
  );
  return others.length === 0 ? undefined : Object.fromEntries(others);
}

/** Whether a request's member is for the gateway and must not be sent on. */
export function isGatewayMember(key: string, value: JsonValue | undefined): boolean {
  return gatewayMembers.has(key) || isGatewayOptions(key, value);
}

/** `options` is ours when it holds the deadline; Ollama has one of its own. */
function isGatewayOptions(key: string, value: JsonValue | undefined): boolean {
  return key === 'options' && typeof value === 'object' && value !== null && 'max_latency_ms' in value;
}

/** @throws GatewayError `invalid_request` */
export function positiveInteger(body: JsonObject, param: string): number | undefined {
  const value = body[param];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw invalid(param, 'must be a whole number greater than 0.');
}

/** @throws GatewayError `invalid_request` */
export function textMember(body: JsonObject, param: string): string | undefined {
  const value = body[param];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalid(param, 'must be a text.');
}

/** @throws GatewayError `invalid_request` */
export function oneOf<Word extends string>(body: JsonObject, param: string, words: readonly Word[]): Word | undefined {
  const value = textMember(body, param)?.toLowerCase();
  if (value === undefined) return undefined;
  const found = words.find((word) => word === value);
  if (found === undefined) throw invalid(param, `must be one of: ${words.join(', ')}.`);
  return found;
}

export function invalid(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', { param, message: `\`${param}\` ${rule}` });
}
