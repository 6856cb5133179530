import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, FinishReason, Part, ToolCallPart } from '../canonical.ts';
import type { DecodedAnswer, ReplyContext } from '../dialect.ts';
import { givenMembers } from '../other-members.ts';
import { parseArguments } from '../parse-arguments.ts';
import { answerCallId, realId } from './call-ids.ts';
import { decodeErrorObject } from './error.ts';
import { decodeDoneReason, encodeDoneReason } from './finish-reason.ts';
import { decodeCall } from './messages.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { dialect, withExtensions } from './wire.ts';

const answerMembers: ReadonlySet<string> = new Set([
  'model',
  'message',
  'done',
  'done_reason',
  'prompt_eval_count',
  'eval_count',
  'logprobs',
]);
const messageMembers: ReadonlySet<string> = new Set(['role', 'content', 'thinking', 'tool_calls']);

/** @throws GatewayError `upstream_invalid_response` when the body is no answer */
export function decodeAnswer(value: JsonValue): DecodedAnswer {
  const body = asObject(value) ?? {};
  if (body.error != null) return { fault: decodeErrorObject(body) };
  const message = asObject(body.message);
  // `done: false` is a line of a stream, not an answer.
  if (message === undefined || body.done === false) throw new GatewayError('upstream_invalid_response');
  const created = createdOf(body);
  const usage = decodeUsage(body);
  return {
    answer: {
      id: '',
      model: asString(body.model) ?? '',
      ...(created !== undefined && { created }),
      choices: [decodeChoice(body, message)],
      ...(usage !== undefined && { usage }),
      ...withExtensions(answerExtension(body)),
    },
  };
}

function decodeChoice(body: JsonObject, message: JsonObject): Choice {
  const calls = decodeAnswerCalls(message, asString(body.created_at) ?? '');
  const raw = asString(body.done_reason);
  const logprobs = logprobsOf(body);
  return {
    index: 0,
    parts: [...decodeSaid(message), ...calls],
    finishReason: decodeDoneReason(raw, calls.length),
    ...(raw !== undefined && { rawFinishReason: raw }),
    ...(logprobs !== undefined && { logprobs }),
    ...withExtensions(messageExtension(message)),
  };
}

function decodeSaid({ thinking, content }: JsonObject): Part[] {
  const parts: Part[] = [];
  if (typeof thinking === 'string' && thinking !== '') parts.push({ type: 'reasoning', text: thinking });
  if (typeof content === 'string' && content !== '') parts.push({ type: 'text', text: content });
  return parts;
}

/**
 * The tool calls of a message, numbered from `first`. What has no name is left out.
 *
 * @param createdAt the message's `created_at`: part of ids that have to be made up
 */
export function decodeAnswerCalls(message: JsonObject, createdAt: string, first = 0) {
  return asArray(message.tool_calls)
    .map((call, place) => decodeCall(asObject(call) ?? {}, answerCallId(createdAt, first + place)))
    .filter((call) => call !== undefined);
}

/** Seconds since 1970. */
export function createdOf(body: JsonObject): number | undefined {
  const time = Date.parse(asString(body.created_at) ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** Entries as OpenAI has them, in a plain list. https://docs.ollama.com/api/chat */
export function logprobsOf({ logprobs }: JsonObject): JsonObject | undefined {
  return Array.isArray(logprobs) ? { content: asArray(logprobs) } : undefined;
}

/** When the answer was made and how long each part of it took, in nanoseconds. */
export function answerExtension(body: JsonObject): JsonObject | undefined {
  return givenMembers(body, answerMembers);
}

export function messageExtension(message: JsonObject): JsonObject | undefined {
  return givenMembers(message, messageMembers);
}

/** The first choice as an answer: the API knows no more than one. */
export function encodeAnswer(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const choice = answer.choices[0];
  const message = { role: 'assistant', ...encodeParts(choice?.parts ?? []), ...choice?.extensions?.[dialect] };
  const logprobs = asObject(choice?.logprobs)?.content;
  return {
    model: reply.model,
    created_at: timestamp(answer.created ?? reply.created),
    message,
    done: true,
    ...encodeEnd(choice, reply),
    ...(answer.usage !== undefined && encodeUsage(answer.usage)),
    ...(logprobs != null && { logprobs }),
    ...answer.extensions?.[dialect],
  };
}

/** Why a choice ended. */
export interface AnswerEnd {
  readonly finishReason: FinishReason;
  readonly rawFinishReason?: string | undefined;
}

/** How an answer ends, and how long it took where nobody else says so. */
export function encodeEnd(choice: AnswerEnd | undefined, { served }: ReplyContext): JsonObject {
  return {
    done_reason: encodeDoneReason(choice?.finishReason ?? 'stop', choice?.rawFinishReason),
    ...(served !== undefined && { total_duration: Math.round(served.elapsed() * nanosecondsPerMillisecond) }),
  };
}

const nanosecondsPerMillisecond = 1_000_000;

/** @param seconds since 1970 */
export function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Refusals are text here. What only other dialects have, and encrypted thinking, has no place. */
function encodeParts(parts: readonly Part[]): JsonObject {
  const joined = (...types: readonly Part['type'][]): string =>
    parts.map((part) => ('text' in part && types.includes(part.type) ? part.text : '')).join('');
  const thinking = joined('reasoning');
  const calls = parts.filter((part) => part.type === 'tool-call').map(encodeAnswerCall);
  return {
    content: joined('text', 'refusal'),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** A call as the API answers with it. Arguments that are no object, because they broke off, become `{}`. */
export function encodeAnswerCall(call: Pick<ToolCallPart, 'id' | 'name' | 'arguments'>, index: number): JsonObject {
  const id = realId(call.id);
  return {
    ...(id !== undefined && { id }),
    function: { index, name: call.name, arguments: parseArguments(call.arguments) ?? {} },
  };
}
