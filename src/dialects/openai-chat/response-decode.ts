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
import type { ChatAnswer, Choice, Extensions, Part, UpstreamFault } from '../canonical.ts';
import type { DecodedAnswer } from '../dialect.ts';
import { otherMembers } from '../other-members.ts';
import { contentTexts, extensionPart } from './content-decode.ts';
import { decodeInBandError } from './error.ts';
import { decodeFinishReason, isFailure } from './finish-reason.ts';
import { answerMembers, choiceMembers, messageMembers } from './members.ts';
import { cumulativeFields } from './message-fields.ts';
import { argumentsText, callSignature, decodeToolCall, signTexts } from './messages-decode.ts';
import type { ResolvedVariant } from './model-profile.ts';
import { decodeReasoning, thinkingPartText } from './reasoning.ts';
import { generatedCallId, legacyCallId } from './tool-call-ids.ts';
import { decodeUsage } from './usage.ts';
import type { MutableJson } from './wire.ts';

/**
 * https://platform.openai.com/docs/api-reference/chat/object
 *
 * @throws GatewayError `upstream_invalid_response` when the body is no answer
 */
export function decodeAnswer(body: JsonValue, variant: ResolvedVariant): DecodedAnswer {
  if (!isJsonObject(body)) throw new GatewayError('upstream_invalid_response');
  const choices = asArray(body.choices);
  const fault = decodeInBandError(body) ?? choiceFault(choices);
  if (fault !== undefined) return { fault };
  if (choices.length === 0) throw new GatewayError('upstream_invalid_response');
  const id = asString(body.id) ?? '';
  const created = createdAt(body.created);
  const usage = asObject(body.usage);
  const counts = usage === undefined ? undefined : decodeUsage(usage, variant);
  const extensions = answerExtensions(body, usage);
  const answer: ChatAnswer = {
    id,
    model: asString(body.model) ?? '',
    ...(created !== undefined && { created }),
    choices: choices.map((choice, position) => decodeChoice(choice, position, id)),
    ...(counts !== undefined && { usage: counts }),
    ...(extensions !== undefined && { extensions }),
  };
  return { answer };
}

/** A time of 0 is none. */
export function createdAt(created: JsonValue | undefined): number | undefined {
  return typeof created === 'number' && created > 0 ? created : undefined;
}

/** OpenRouter reports failures of a provider behind it in the choice; others finish with the word `error`. */
export function choiceFault(choices: readonly JsonValue[]): UpstreamFault | undefined {
  for (const choice of choices) {
    const object = asObject(choice);
    if (object === undefined) continue;
    const fault = decodeInBandError(object) ?? failedFinish(object);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const brokenOff: UpstreamFault = {
  kind: 'server_error',
  message: 'The provider broke the answer off.',
  code: 'error',
};

/** The fault of a choice that ends with the word for one. */
export function failedFinish(choice: JsonObject): UpstreamFault | undefined {
  return isFailure(asString(choice.finish_reason) ?? '') ? brokenOff : undefined;
}

/** The provider's own usage object stays beside the counts: it may say more, e.g. costs. */
function answerExtensions(body: JsonObject, usage: JsonObject | undefined): Extensions | undefined {
  const others = otherMembers(body, answerMembers);
  if (others === undefined && usage === undefined) return undefined;
  return { 'openai-chat': { ...others, ...(usage !== undefined && { usage }) } };
}

/** @throws GatewayError `upstream_invalid_response` when there is no message */
function decodeChoice(choice: JsonValue, position: number, answerId: string): Choice {
  const message = asObject(asObject(choice)?.message);
  if (!isJsonObject(choice) || message === undefined) throw new GatewayError('upstream_invalid_response');
  const index = asNumber(choice.index) ?? position;
  const parts = decodeParts(message, index, answerId);
  const raw = asString(choice.finish_reason) ?? '';
  const logprobs = meaningfulLogprobs(choice.logprobs);
  const extensions = choiceExtensions(choice, message);
  return {
    index,
    parts,
    finishReason: decodeFinishReason(raw, parts.some(isCall)),
    ...(raw !== '' && { rawFinishReason: raw }),
    ...(logprobs !== undefined && { logprobs }),
    ...(extensions !== undefined && { extensions }),
  };
}

function isCall(part: Part): boolean {
  return part.type === 'tool-call' || (part.type === 'extension' && part.data.tool_calls !== undefined);
}

/** Logprobs with something in them; some servers always send the empty frame. */
export function meaningfulLogprobs(logprobs: JsonValue | undefined): JsonObject | undefined {
  if (!isJsonObject(logprobs)) return undefined;
  return Object.values(logprobs).some((value) => value !== null) ? logprobs : undefined;
}

function choiceExtensions(choice: JsonObject, message: JsonObject): Extensions | undefined {
  const own = meaningful(otherMembers(choice, choiceMembers));
  const onMessage = meaningful(otherMembers(message, messageMembers));
  if (own === undefined && onMessage === undefined) return undefined;
  return { 'openai-chat': { ...own, ...(onMessage !== undefined && { message: onMessage }) } };
}

/** The members that say something, where any do. */
export function meaningful(members: JsonObject | undefined): JsonObject | undefined {
  const kept = Object.entries(members ?? {}).filter(([, value]) => value !== null && !isEmptyArray(value));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function isEmptyArray(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Reasoning, then text, then calls: the order in which models produce them. */
function decodeParts(message: JsonObject, choice: number, answerId: string): readonly Part[] {
  const { parts: reasoning, textSignatures } = decodeReasoning(message);
  const ownSignature = callSignature(message);
  const signatures = ownSignature === undefined ? textSignatures : [...textSignatures, ownSignature];
  const refusal = asString(message.refusal);
  return [
    ...reasoning,
    ...signTexts(decodeSaid(message.content), signatures),
    ...(refusal !== undefined && refusal !== '' ? [{ type: 'refusal', text: refusal } as const] : []),
    ...decodeCalls(message, choice, answerId),
    ...decodeFields(message),
  ];
}

function decodeSaid(content: JsonValue | undefined): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  // Cloudflare's JSON mode answers with the object itself.
  if (isJsonObject(content)) return [{ type: 'text', text: JSON.stringify(content) }];
  return asArray(content).flatMap(decodeSaidPart);
}

/** A part of content that is an array: Mistral and Databricks. */
export function decodeSaidPart(part: JsonValue): readonly Part[] {
  const object = asObject(part);
  const thinking = object === undefined ? undefined : thinkingPartText(object);
  if (thinking !== undefined) return thinking === '' ? [] : [{ type: 'reasoning', text: thinking }];
  const texts = contentTexts([part]);
  if (texts.length > 0) return texts.flatMap((text) => (text === '' ? [] : [{ type: 'text', text } as const]));
  return object === undefined ? [] : [extensionPart(object)];
}

function decodeCalls(message: JsonObject, choice: number, answerId: string): readonly Part[] {
  const calls = asArray(message.tool_calls).flatMap((call, position): readonly Part[] =>
    isJsonObject(call) ? [decodeToolCall(call, generatedCallId(answerId, choice, position))] : [],
  );
  const legacy = asObject(message.function_call);
  const name = asString(legacy?.name);
  // Snowflake always sends the frame of a call, mostly empty.
  if (name === undefined || name === '') return calls;
  return [...calls, { type: 'tool-call', id: legacyCallId(0), name, arguments: argumentsText(legacy?.arguments) }];
}

function decodeFields(message: JsonObject): readonly Part[] {
  const fields: MutableJson = {};
  for (const key of cumulativeFields) fields[key] = message[key] ?? null;
  const present = meaningful(fields);
  return present === undefined ? [] : [extensionPart(present)];
}
