import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, Part } from '../canonical.ts';
import type { DecodedAnswer } from '../dialect.ts';
import { otherMembers } from '../other-members.ts';
import { decodeBlock, kept } from './blocks.ts';
import { decodeErrorObject } from './error.ts';
import { decodeStopReason, isKnownStopReason } from './finish-reason.ts';
import { structuredAnswerTool } from './structured-answer.ts';
import { decodeUsage, otherUsage } from './usage.ts';
import { dialect, unlessEmpty, withExtensions } from './wire.ts';

const answerKeys: ReadonlySet<string> = new Set(['output', 'stopReason', 'usage']);

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax
 * @throws GatewayError `upstream_invalid_response`
 */
export function decodeAnswer(body: JsonValue): DecodedAnswer {
  const answer = asObject(body);
  if (answer === undefined) throw unreadable();
  if (typeof answer.__type === 'string') return { fault: decodeErrorObject(answer) };
  const content = asObject(asObject(answer.output)?.message)?.content;
  if (!Array.isArray(content)) throw unreadable();
  return { answer: decodeParts(answer, asArray(content)) };
}

/** Answers have neither an id nor the name of the model. */
function decodeParts(answer: JsonObject, content: readonly JsonValue[]): ChatAnswer {
  const usage = asObject(answer.usage);
  const counts = usage && decodeUsage(usage);
  return {
    id: '',
    model: '',
    choices: [decodeChoice(answer, content)],
    ...(counts !== undefined && { usage: counts }),
    ...withExtensions(answerExtensions(answer, usage)),
  };
}

function decodeChoice(answer: JsonObject, content: readonly JsonValue[]): Choice {
  const { parts, citations } = decodeContent(content);
  const raw = asString(answer.stopReason);
  const stopSequence = stopSequenceOf(answer.additionalModelResponseFields);
  return {
    index: 0,
    parts,
    finishReason: decodeStopReason(raw, parts.filter((part) => part.type === 'tool-call').length),
    ...(raw !== undefined && { rawFinishReason: raw }),
    ...(stopSequence !== undefined && { stopSequence }),
    ...withExtensions(choiceExtensions(citations, raw)),
  };
}

/** Said only to those who asked for it by `additionalModelResponseFieldPaths`. */
export function stopSequenceOf(fields: JsonValue | undefined): string | undefined {
  return asString(asObject(fields)?.stop_sequence);
}

interface DecodedContent {
  readonly parts: readonly Part[];
  readonly citations: readonly (readonly JsonValue[])[];
}

/** Parts that answers of other dialects do not have: here a model may draw. */
const inRequestsOnly: ReadonlySet<Part['type']> = new Set(['image', 'audio', 'file', 'tool-result']);

/** Text parts come without extensions of their own, as no stream could deliver them. */
function decodeContent(content: readonly JsonValue[]): DecodedContent {
  const parts: Part[] = [];
  const citations: (readonly JsonValue[])[] = [];
  for (const value of content) {
    const part = isJsonObject(value) ? decodeBlock(value) : undefined;
    if (part === undefined || !isJsonObject(value)) throw unreadable();
    if (part.type === 'text') {
      if (part.text === '') continue;
      citations.push(asArray(part.extensions?.[dialect]?.citations));
      parts.push({ type: 'text', text: part.text });
    } else if (part.type === 'tool-call' && part.name === structuredAnswerTool) {
      citations.push([]);
      parts.push({ type: 'text', text: part.arguments });
    } else {
      parts.push(inRequestsOnly.has(part.type) ? kept(value) : part);
    }
  }
  return { parts, citations };
}

/**
 * What a choice keeps: `citations`, one list per text part as far as the last that has any; and `stopReason`, where it is
 * a word we do not know.
 */
export function choiceExtensions(
  citations: readonly (readonly JsonValue[])[],
  rawReason: string | undefined,
): JsonObject | undefined {
  const cited = citations.slice(0, citations.findLastIndex((list) => list.length > 0) + 1);
  return unlessEmpty({
    ...(cited.length > 0 && { citations: cited }),
    ...(rawReason !== undefined && !isKnownStopReason(rawReason) && { stopReason: rawReason }),
  });
}

/** What the answer says beyond the canonical form: metrics, the trace of a guardrail, usage details. */
export function answerExtensions(answer: JsonObject, usage: JsonObject | undefined): JsonObject | undefined {
  const fields = otherMembers(answer, answerKeys);
  const details = usage && otherUsage(usage);
  return details === undefined ? fields : { ...fields, usage: details };
}

function unreadable(): GatewayError {
  return new GatewayError('upstream_invalid_response');
}
