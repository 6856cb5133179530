import { GatewayError } from '../../core/errors.ts';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import type { ChatAnswer, Choice } from '../canonical.ts';
import type { DecodedAnswer, InspectedAnswer } from '../dialect.ts';
import { otherMembers } from '../other-members.ts';
import { responseFault } from './error.ts';
import { decodeFinish, isPending } from './finish-reason.ts';
import { isCall, logprobsOf, partsOfItem, restOfItem } from './output-items.ts';
import { decodeUsage } from './usage.ts';

/** Members of a response that the canonical answer holds. */
const responseMembers: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created_at',
  'model',
  'status',
  'error',
  'incomplete_details',
  'output',
  'usage',
]);

/**
 * https://platform.openai.com/docs/api-reference/responses/object
 *
 * @throws GatewayError `upstream_invalid_response` when the body is no answer
 */
export function decodeAnswer(body: JsonValue): DecodedAnswer {
  const response = answerOrFault(body);
  if ('fault' in response) return response;
  const { answer: wire } = response;
  const created = createdAt(wire);
  const usage = asObject(wire.usage);
  const counts = usage === undefined ? undefined : decodeUsage(usage);
  const answer: ChatAnswer = {
    id: asString(wire.id) ?? '',
    model: asString(wire.model) ?? '',
    ...(created !== undefined && { created }),
    choices: [decodeChoice(wire)],
    ...(counts !== undefined && { usage: counts }),
    extensions: { 'openai-responses': ownMembers(wire, usage) },
  };
  return { answer };
}

/** The same verdict as `decodeAnswer`, without reading what was said. */
export function inspectAnswer(body: JsonValue): InspectedAnswer {
  const response = answerOrFault(body);
  if ('fault' in response) return response;
  const { answer } = response;
  const usage = asObject(answer.usage);
  return {
    finishReason: decodeFinish(answer, itemsOf(answer).some(isCall)).reason,
    usage: usage === undefined ? undefined : decodeUsage(usage),
  };
}

function answerOrFault(body: JsonValue): { readonly answer: JsonObject } | Extract<DecodedAnswer, { fault: unknown }> {
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid_response');
  const fault = responseFault(body);
  if (fault !== undefined) return { fault };
  // Only who asks for it gets an answer that is still being made.
  const isAnswer = Array.isArray(body.output) && (!isPending(body.status) || body.background === true);
  if (!isAnswer) throw new GatewayError('upstream_invalid_response');
  return { answer: body };
}

/** A time of 0 is none. */
export function createdAt(response: JsonObject): number | undefined {
  const created = asNumber(response.created_at);
  return created !== undefined && created > 0 ? created : undefined;
}

/** The provider's own usage object stays beside the counts: it may say more, e.g. costs. */
export function ownMembers(response: JsonObject, usage: JsonObject | undefined): JsonObject {
  return { ...otherMembers(response, responseMembers), ...(usage !== undefined && { usage }) };
}

export function itemsOf(response: JsonObject): readonly JsonObject[] {
  return asArray(response.output).filter(isJsonObject);
}

function decodeChoice(response: JsonObject): Choice {
  const items = itemsOf(response);
  const { reason, raw } = decodeFinish(response, items.some(isCall));
  const logprobs = items.flatMap((item) =>
    item.type === 'message' ? asArray(item.content).flatMap((part) => logprobsOf(asObject(part) ?? {})) : [],
  );
  return {
    index: 0,
    parts: items.flatMap(partsOfItem),
    finishReason: reason,
    rawFinishReason: raw,
    ...(logprobs.length > 0 && { logprobs: { content: logprobs } }),
    ...(items.length > 0 && { extensions: { 'openai-responses': { items: items.map(restOfItem) } } }),
  };
}
