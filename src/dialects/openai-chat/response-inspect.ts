import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, isJsonObject, type JsonValue } from '../../core/json.ts';
import type { InspectedAnswer } from '../dialect.ts';
import { decodeInBandError } from './error.ts';
import { decodeFinishReason } from './finish-reason.ts';
import type { ResolvedVariant } from './model-profile.ts';
import { choiceFault } from './response-decode.ts';
import { decodeUsage } from './usage.ts';

/**
 * The verdict of `decodeAnswer` without building the answer.
 *
 * @throws GatewayError `upstream_invalid_response` when the body is no answer
 */
export function inspectAnswer(body: JsonValue, variant: ResolvedVariant): InspectedAnswer {
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid_response');
  const choices = asArray(body.choices);
  const fault = decodeInBandError(body) ?? choiceFault(choices);
  if (fault !== undefined) return { fault };
  const messages = choices.map((choice) => asObject(asObject(choice)?.message));
  const [first] = messages;
  if (first === undefined || messages.includes(undefined)) throw new GatewayError('upstream_invalid_response');
  const raw = asString(asObject(choices[0])?.finish_reason) ?? '';
  const called = asArray(first.tool_calls).length > 0 || isLegacyCall(first.function_call);
  const usage = asObject(body.usage);
  return {
    finishReason: decodeFinishReason(raw, called),
    usage: usage === undefined ? undefined : decodeUsage(usage, variant),
  };
}

/** Snowflake always sends the frame of a call, mostly empty. */
function isLegacyCall(call: JsonValue | undefined): boolean {
  return (asString(asObject(call)?.name) ?? '') !== '';
}
