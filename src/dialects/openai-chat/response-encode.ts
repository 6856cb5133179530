import { asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatAnswer, Choice, Part, ToolCallPart } from '../canonical.ts';
import type { ReplyContext } from '../dialect.ts';
import { messageFields } from './message-fields.ts';
import { encodeReasoningDetails } from './reasoning.ts';
import { isLegacyCallId } from './tool-call-ids.ts';
import { encodeUsage } from './usage.ts';
import type { MutableJson } from './wire.ts';

/** https://platform.openai.com/docs/api-reference/chat/object */
export function encodeAnswer(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const { usage: originalUsage, ...own } = answer.extensions?.['openai-chat'] ?? {};
  return {
    id: answer.id === '' ? reply.fallbackId : answer.id,
    object: 'chat.completion',
    created: answer.created ?? reply.created,
    model: reply.model,
    choices: answer.choices.map(encodeChoice),
    ...(answer.usage !== undefined && { usage: encodeUsage(answer.usage, asObject(originalUsage)) }),
    ...own,
  };
}

function encodeChoice(choice: Choice): JsonObject {
  const { message, ...own } = choice.extensions?.['openai-chat'] ?? {};
  return {
    index: choice.index,
    message: encodeMessage(choice.parts, asObject(message)),
    logprobs: choice.logprobs ?? null,
    finish_reason: encodeFinishReason(choice),
    ...own,
  };
}

/** Whoever called in the form before tools is told so in its own word. */
function encodeFinishReason({ finishReason, parts }: Choice): string {
  const legacy = parts.some((part) => part.type === 'tool-call' && isLegacyCallId(part.id));
  return legacy && finishReason === 'tool_calls' ? 'function_call' : finishReason;
}

function encodeMessage(parts: readonly Part[], own: JsonObject | undefined): JsonObject {
  const texts = parts.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []));
  const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  const reasoning = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  const details = encodeReasoningDetails(parts);
  const calls = parts.filter((part) => part.type === 'tool-call');
  const fields = messageFields(parts);
  const message: MutableJson = {
    role: 'assistant',
    content: texts.length > 0 ? texts.join('') : saysNothing(parts) ? '' : null,
    refusal: refusal === '' ? null : refusal,
  };
  if (reasoning !== '') message.reasoning_content = reasoning;
  if (details !== undefined) message.reasoning_details = details;
  putCalls(message, calls, fields.tool_calls);
  return { ...message, ...fieldsOf(fields), ...own };
}

/** An answer without anything in it is an empty text, not the absence of one. */
function saysNothing(parts: readonly Part[]): boolean {
  return !parts.some((part) => part.type === 'tool-call' || part.type === 'refusal' || isField(part));
}

function isField(part: Part): boolean {
  return part.type === 'extension' && part.dialect === 'openai-chat';
}

function fieldsOf(fields: JsonObject): JsonObject {
  const { tool_calls: _, ...others } = fields;
  return others;
}

function putCalls(message: MutableJson, calls: readonly ToolCallPart[], custom: JsonValue | undefined): void {
  const legacy = calls.find((call) => isLegacyCallId(call.id));
  const encoded = calls.filter((call) => call !== legacy).map(encodeCall);
  const all = Array.isArray(custom) ? [...encoded, ...custom] : encoded;
  if (legacy !== undefined) message.function_call = { name: legacy.name, arguments: legacy.arguments };
  if (all.length > 0) message.tool_calls = all;
}

function encodeCall(call: ToolCallPart): JsonObject {
  const { id, name, signature, extensions } = call;
  return {
    id,
    type: 'function',
    function: { name, arguments: call.arguments },
    ...(signature?.dialect === 'gemini' && callSignatureField(signature.value)),
    ...extensions?.['openai-chat'],
  };
}

/** Google's place for it: https://ai.google.dev/gemini-api/docs/thought-signatures */
export function callSignatureField(signature: string): JsonObject {
  return { extra_content: { google: { thought_signature: signature } } };
}
