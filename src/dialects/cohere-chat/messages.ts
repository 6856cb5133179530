import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Message, ReasoningPart, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { decodeContent } from './content.ts';
import { withExtensions } from './wire.ts';

const assistantKeys: ReadonlySet<string> = new Set(['role', 'content', 'tool_plan', 'tool_calls']);
const plainKeys: ReadonlySet<string> = new Set(['role', 'content']);
const toolKeys: ReadonlySet<string> = new Set(['role', 'content', 'tool_call_id']);

/** @throws GatewayError `invalid_request` naming the place, as in `messages.0.content.1` */
export function decodeMessages(messages: JsonValue | undefined): Message[] {
  if (!Array.isArray(messages)) throw refusal('messages', 'must be an array');
  return asArray(messages).map((message, index) => {
    if (!isJsonObject(message)) throw refusal(`messages.${index}`, 'must be an object');
    return decodeMessage(message, `messages.${index}`);
  });
}

function decodeMessage(message: JsonObject, place: string): Message {
  switch (message.role) {
    case 'user':
    case 'system':
      return {
        role: message.role,
        parts: requiredContent(message, place),
        ...withExtensions(givenMembers(message, plainKeys)),
      };
    case 'assistant':
      return decodeAssistant(message, place);
    case 'tool':
      return { role: 'tool', parts: [decodeResult(message, place)] };
    default:
      throw refusal(`${place}.role`, 'must be "user", "assistant", "system" or "tool"');
  }
}

function requiredContent(message: JsonObject, place: string) {
  if (message.content == null) throw refusal(`${place}.content`, 'is required');
  return decodeContent(message.content, `${place}.content`);
}

function decodeAssistant(message: JsonObject, place: string): Message {
  const plan = asString(message.tool_plan) ?? '';
  const calls = asArray(message.tool_calls).map((value, index) => {
    const call = isJsonObject(value) ? decodeCall(value) : undefined;
    if (call === undefined) throw refusal(`${place}.tool_calls.${index}`, 'is not a valid tool call');
    return call;
  });
  const extensions = givenMembers(message, assistantKeys);
  return {
    role: 'assistant',
    parts: [
      ...decodeContent(message.content, `${place}.content`),
      ...(plan === '' ? [] : [{ ...planPart(plan), ...withExtensions({ tool_plan: true }) }]),
      ...calls,
    ],
    ...withExtensions(withoutEmptyCitations(extensions)),
  };
}

/** Clients send back empty lists of citations with every turn. */
function withoutEmptyCitations(extensions: JsonObject | undefined): JsonObject | undefined {
  if (extensions === undefined || !Array.isArray(extensions.citations) || extensions.citations.length > 0) {
    return extensions;
  }
  const { citations: _, ...rest } = extensions;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** What the model writes before it calls tools: a chain of thought, as Cohere has it, and no part of the answer. */
export function planPart(text: string): ReasoningPart {
  return { type: 'reasoning', text };
}

/** A tool call of a message or of an answer. No arguments at all are an empty object. */
export function decodeCall(call: JsonObject): ToolCallPart | undefined {
  const called = asObject(call.function);
  const id = asString(call.id);
  const name = asString(called?.name);
  if (id === undefined || name === undefined) return undefined;
  return { type: 'tool-call', id, name, arguments: asString(called?.arguments) || '{}' };
}

function decodeResult(message: JsonObject, place: string): ToolResultPart {
  const toolCallId = asString(message.tool_call_id);
  if (toolCallId === undefined) throw refusal(`${place}.tool_call_id`, 'is required');
  const content = decodeContent(message.content, `${place}.content`).filter((part) => part.type !== 'reasoning');
  return { type: 'tool-result', toolCallId, content, ...withExtensions(givenMembers(message, toolKeys)) };
}
