import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, Part } from '../canonical.ts';
import type { DecodedAnswer } from '../dialect.ts';
import { givenMembers } from '../other-members.ts';
import { decodePart } from './content.ts';
import { decodeErrorBody, decodeFailure } from './error.ts';
import { decodeFinishReason, isFailure } from './finish-reason.ts';
import { decodeLogprobs } from './logprobs.ts';
import { decodeCall, planPart } from './messages.ts';
import { decodeUsage, otherUsage } from './usage.ts';
import { withExtensions } from './wire.ts';

const answerKeys: ReadonlySet<string> = new Set(['id', 'message', 'finish_reason', 'usage', 'logprobs', 'model']);

/**
 * https://docs.cohere.com/reference/chat
 * @throws GatewayError `upstream_invalid_response`
 */
export function decodeAnswer(body: JsonValue): DecodedAnswer {
  const answer = asObject(body);
  if (answer === undefined) throw unreadable();
  if (isFailure(asString(answer.finish_reason))) return { fault: decodeFailure(answer) };
  if (isErrorBody(answer)) return { fault: decodeErrorBody(answer) };
  if (!isJsonObject(answer.message)) throw unreadable();
  return { answer: decodeWhole(answer, answer.message) };
}

function isErrorBody({ id, message, error }: JsonObject): boolean {
  return isJsonObject(error) || (typeof id === 'string' && typeof message === 'string');
}

/** The API does not say which model answers; hosts and gateways may. */
function decodeWhole(answer: JsonObject, message: JsonObject): ChatAnswer {
  const usage = asObject(answer.usage);
  const counts = usage && decodeUsage(usage);
  return {
    id: asString(answer.id) ?? '',
    model: asString(answer.model) ?? '',
    choices: [decodeChoice(answer, message)],
    ...(counts !== undefined && { usage: counts }),
    ...withExtensions(answerExtensions(givenMembers(answer, answerKeys), usage)),
  };
}

function decodeChoice(answer: JsonObject, message: JsonObject): Choice {
  const calls = asArray(message.tool_calls).map(readCall);
  const plan = asString(message.tool_plan) ?? '';
  const raw = asString(answer.finish_reason);
  const logprobs = decodeLogprobs(answer.logprobs);
  return {
    index: 0,
    parts: [...asArray(message.content).flatMap(readPart), ...(plan === '' ? [] : [planPart(plan)]), ...calls],
    finishReason: decodeFinishReason(raw, calls.length),
    ...(raw !== undefined && { rawFinishReason: raw }),
    ...(logprobs !== undefined && { logprobs }),
    ...withExtensions(choiceExtensions({ citations: asArray(message.citations), hasPlan: plan !== '' })),
  };
}

/** Parts come without extensions of their own, as no stream could deliver them. */
function readPart(value: JsonValue): Part[] {
  const part = isJsonObject(value) ? decodePart(value) : undefined;
  if (part === undefined) throw unreadable();
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text === '' ? [] : [{ type: part.type, text: part.text }];
    default:
      return [part];
  }
}

function readCall(value: JsonValue): Part {
  const call = isJsonObject(value) ? decodeCall(value) : undefined;
  if (call === undefined) throw unreadable();
  return call;
}

export interface ChoiceFields {
  readonly citations: readonly JsonValue[];
  readonly hasPlan: boolean;
}

/** What a choice keeps: its `citations`, and as `tool_plan` that its last reasoning part is a plan. */
export function choiceExtensions({ citations, hasPlan }: ChoiceFields): JsonObject | undefined {
  if (citations.length === 0 && !hasPlan) return undefined;
  return { ...(citations.length > 0 && { citations }), ...(hasPlan && { tool_plan: true }) };
}

/** What the answer says beyond the canonical form, billed units above all. */
export function answerExtensions(
  fields: JsonObject | undefined,
  usage: JsonObject | undefined,
): JsonObject | undefined {
  const details = usage && otherUsage(usage);
  return details === undefined ? fields : { ...fields, usage: details };
}

function unreadable(): GatewayError {
  return new GatewayError('upstream_invalid_response');
}
