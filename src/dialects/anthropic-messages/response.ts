import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, Part } from '../canonical.ts';
import type { DecodedAnswer } from '../dialect.ts';
import { givenMembers } from '../other-members.ts';
import { decodeBlock } from './blocks.ts';
import { decodeErrorObject } from './error.ts';
import { decodeStopReason, isKnownStopReason } from './finish-reason.ts';
import { decodeUsage, otherUsage } from './usage.ts';
import { withExtensions } from './wire.ts';

const answerKeys: ReadonlySet<string> = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'usage',
]);

/**
 * https://platform.claude.com/docs/en/api/messages/create
 * @throws GatewayError `upstream_invalid_response`
 */
export function decodeAnswer(body: JsonValue): DecodedAnswer {
  const message = asObject(body);
  if (message === undefined) throw unreadable();
  if (message.type === 'error' || isJsonObject(message.error)) return { fault: decodeErrorObject(message) };
  if (!Array.isArray(message.content)) throw unreadable();
  return { answer: decodeMessage(message) };
}

function decodeMessage(message: JsonObject): ChatAnswer {
  const usage = asObject(message.usage);
  const counts = usage && decodeUsage(usage);
  return {
    id: asString(message.id) ?? '',
    model: asString(message.model) ?? '',
    choices: [decodeChoice(message)],
    ...(counts !== undefined && { usage: counts }),
    ...withExtensions(answerExtensions(message, usage)),
  };
}

function decodeChoice(message: JsonObject): Choice {
  const content = decodeContent(asArray(message.content));
  const refusal = refusalText(message.stop_details);
  const parts: readonly Part[] =
    refusal === '' ? content.parts : [...content.parts, { type: 'refusal', text: refusal }];
  const raw = asString(message.stop_reason);
  const stopSequence = asString(message.stop_sequence);
  return {
    index: 0,
    parts,
    finishReason: decodeStopReason(raw, parts.filter((part) => part.type === 'tool-call').length),
    ...(raw !== undefined && { rawFinishReason: raw }),
    ...(stopSequence !== undefined && { stopSequence }),
    ...withExtensions(choiceExtensions(content.citations, content.callers, raw)),
  };
}

interface DecodedContent {
  readonly parts: readonly Part[];
  readonly citations: readonly (readonly JsonValue[])[];
  readonly callers: JsonObject;
}

/** Text and tool-call parts come without extensions of their own, as no stream could deliver them. */
function decodeContent(content: readonly JsonValue[]): DecodedContent {
  const parts: Part[] = [];
  const citations: (readonly JsonValue[])[] = [];
  const callers: [string, JsonValue][] = [];
  for (const value of content) {
    const part = isJsonObject(value) ? decodeBlock(value) : undefined;
    if (part === undefined || !isJsonObject(value)) throw unreadable();
    if (part.type === 'text') {
      if (part.text === '') continue;
      citations.push(asArray(value.citations));
      parts.push({ type: 'text', text: part.text });
    } else if (part.type === 'tool-call') {
      if (isProgram(value.caller)) callers.push([part.id, value.caller]);
      parts.push({ type: 'tool-call', id: part.id, name: part.name, arguments: part.arguments });
    } else if (part.type !== 'reasoning' || part.text !== '' || part.signature !== undefined || part.redacted) {
      parts.push(part);
    }
  }
  return { parts, citations, callers: Object.fromEntries(callers) };
}

/** Whether a tool was called by code that the model wrote, and not by the model itself. */
export function isProgram(caller: JsonValue | undefined): caller is JsonObject {
  return isJsonObject(caller) && caller.type !== 'direct';
}

/**
 * What a choice keeps of its blocks: `citations`, one list per text part as far as the last that has any; `callers`, the
 * `caller` of tool calls by their ids; and `stop_reason`, where it is a word we do not know.
 */
export function choiceExtensions(
  citations: readonly (readonly JsonValue[])[],
  callers: JsonObject,
  rawReason: string | undefined,
): JsonObject | undefined {
  const cited = citations.slice(0, citations.findLastIndex((list) => list.length > 0) + 1);
  const fields = {
    ...(cited.length > 0 && { citations: cited }),
    ...(Object.keys(callers).length > 0 && { callers }),
    ...(rawReason !== undefined && !isKnownStopReason(rawReason) && { stop_reason: rawReason }),
  };
  return Object.keys(fields).length === 0 ? undefined : fields;
}

/** What the answer says beyond the canonical form: `container`, `stop_details`, `context_management`, usage details. */
export function answerExtensions(message: JsonObject, usage: JsonObject | undefined): JsonObject | undefined {
  const fields = givenMembers(message, answerKeys);
  const details = usage && otherUsage(usage);
  return details === undefined ? fields : { ...fields, usage: details };
}

/** Why the model refused, where it says. https://platform.claude.com/docs/en/test-and-evaluate/strengthen-guardrails/handle-streaming-refusals */
export function refusalText(stopDetails: JsonValue | undefined): string {
  return asString(asObject(stopDetails)?.explanation) ?? '';
}

function unreadable(): GatewayError {
  return new GatewayError('upstream_invalid_response');
}
