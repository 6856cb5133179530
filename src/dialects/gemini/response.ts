import { GatewayError } from '../../core/errors.ts';
import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, UpstreamFault } from '../canonical.ts';
import type { DecodedAnswer, ReplyContext } from '../dialect.ts';
import { otherMembers } from '../other-members.ts';
import { callSeed } from './call-ids.ts';
import { decodeCandidate, encodeCandidate } from './candidate.ts';
import { breakdownFault, faultOfError } from './error.ts';
import { isBreakdown } from './finish-reason.ts';
import { decodeUsage, encodeUsage, usageRest } from './usage.ts';
import { geminiExtensions, wireObjects } from './wire.ts';

/* https://ai.google.dev/api/generate-content#generatecontentresponse */

const answerFields: ReadonlySet<string> = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId']);

/**
 * A whole GenerateContentResponse. One without candidates is the refusal of a prompt, or no answer at all.
 *
 * @throws GatewayError `upstream_invalid_response`
 */
export function decodeResponse(body: JsonValue): DecodedAnswer {
  const response = asObject(Array.isArray(body) ? body[0] : body);
  const error = response?.error ?? undefined;
  if (error !== undefined) return { fault: faultOfError(error) };
  if (response === undefined || Array.isArray(body)) throw new GatewayError('upstream_invalid_response');
  const id = asString(response.responseId) ?? '';
  const choices = decodeChoices(response, callSeed(id));
  const breakdown = breakdownOf(choices);
  if (breakdown !== undefined) return { fault: breakdown };
  const metadata = asObject(response.usageMetadata);
  const usage = metadata && decodeUsage(metadata);
  const created = createdOf(response);
  const answer: ChatAnswer = {
    id,
    model: asString(response.modelVersion) ?? '',
    ...(created !== undefined && { created }),
    choices,
    ...(usage && { usage }),
    ...geminiExtensions(answerExtension(response, metadata)),
  };
  return { answer };
}

function decodeChoices(response: JsonObject, seed: string): Choice[] {
  const candidates = wireObjects(response.candidates);
  if (candidates.some((candidate) => candidate.finishReason !== undefined || candidate.content !== undefined)) {
    return candidates.map((candidate, place) => decodeCandidate(candidate, place, seed));
  }
  const refusal = blockedPrompt(response);
  if (refusal === undefined) throw new GatewayError('upstream_invalid_response');
  return [{ index: 0, parts: [], finishReason: 'content_filter', rawFinishReason: refusal }];
}

/** Why the prompt was refused, `undefined` if it was not. https://ai.google.dev/api/generate-content#BlockReason */
export function blockedPrompt(response: JsonObject): string | undefined {
  const reason = asObject(response.promptFeedback)?.blockReason;
  return reason === undefined || reason === null ? undefined : String(reason);
}

/** Only where every candidate broke down with nothing to show is the answer none. */
function breakdownOf(choices: readonly Choice[]): UpstreamFault | undefined {
  const broken = choices.every(({ parts, rawFinishReason }) => parts.length === 0 && isBreakdown(rawFinishReason));
  const [first] = choices;
  if (!broken || first?.rawFinishReason === undefined) return undefined;
  return breakdownFault(first.rawFinishReason, asString(first.extensions?.gemini?.finishMessage));
}

/** Seconds since 1970; only Vertex AI says. */
export function createdOf(response: JsonObject): number | undefined {
  const time = Date.parse(asString(response.createTime) ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** What the canonical answer has no place for. */
export function answerExtension(response: JsonObject, metadata: JsonObject | undefined): JsonObject | undefined {
  const rest = otherMembers(response, answerFields);
  const usageMetadata = metadata && usageRest(metadata);
  return usageMetadata === undefined ? rest : { ...rest, usageMetadata };
}

export function encodeResponse(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const { usageMetadata, ...rest } = answer.extensions?.gemini ?? {};
  const kept = asObject(usageMetadata);
  const blocked = blockedPrompt(rest) !== undefined && answer.choices.every(({ parts }) => parts.length === 0);
  const usage = answer.usage === undefined ? kept : encodeUsage(answer.usage, kept);
  return {
    ...rest,
    ...(!blocked && { candidates: answer.choices.map(encodeCandidate) }),
    ...(usage && { usageMetadata: usage }),
    modelVersion: reply.model,
    responseId: answer.id === '' ? reply.fallbackId : answer.id,
  };
}
