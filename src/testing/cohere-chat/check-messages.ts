import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { Refusal } from '../personality.ts';
import { invalid, refuseExtra } from './invalid.ts';

const fieldsOf: Readonly<Record<string, string>> = {
  system: 'role content',
  user: 'role content',
  assistant: 'role content tool_plan tool_calls citations',
  tool: 'role content tool_call_id',
};

export function checkMessages(body: JsonObject): Refusal | undefined {
  const messages = asArray(body.messages).map((message) => asObject(message) ?? {});
  if (!Array.isArray(body.messages) || messages.length === 0) return invalid('messages must not be empty');
  return firstRefusal([
    () => refuseAny(messages, checkMessage),
    () => checkSystem(messages),
    () => checkToolTurns(messages),
    () =>
      messages.some(({ role }) => role === 'user' || role === 'tool')
        ? undefined
        : invalid('message must be at least 1 token long or tool results must be specified.'),
  ]);
}

function checkMessage(message: JsonObject, index: number): Refusal | undefined {
  const known = fieldsOf[asString(message.role) ?? ''];
  if (known === undefined) {
    return invalid(`Invalid role in messages at index ${index}. Role must be one of: user, assistant, system, tool`);
  }
  return firstRefusal([
    () => refuseExtra(message, known),
    () => checkContent(message, index),
    () => refuseAny(asArray(message.tool_calls), (call) => checkCall(asObject(call) ?? {}, index)),
  ]);
}

const partTypes: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  user: ['text', 'image_url'],
  assistant: ['text', 'thinking'],
  tool: ['text', 'document'],
};

function checkContent({ role, content, tool_calls: calls }: JsonObject, index: number): Refusal | undefined {
  const isEmpty = content == null || content === '' || (Array.isArray(content) && content.length === 0);
  const mayBeEmpty = role === 'tool' || (role === 'assistant' && asArray(calls).length > 0);
  if (isEmpty) return mayBeEmpty ? undefined : { status: 400, message: 'message must not be empty in a turn' };
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return invalid(`content of the message at index ${index} must be a string or an array`);
  const allowed = partTypes[asString(role) ?? ''] ?? [];
  return refuseAny(asArray(content), (value) => checkPart(asObject(value) ?? {}, allowed, index));
}

function checkPart(part: JsonObject, allowed: readonly string[], index: number): Refusal | undefined {
  const type = asString(part.type) ?? '';
  if (!allowed.includes(type)) {
    return invalid(`content type '${type}' is not supported in the message at index ${index}`);
  }
  const value = part[type];
  if (type === 'document') return asObject(value) === undefined ? invalid('document must be an object') : undefined;
  if (type !== 'image_url') return typeof value === 'string' ? undefined : invalid(`${type} must be a string`);
  const url = asString(asObject(value)?.url) ?? '';
  return /^(?:https?:\/\/|data:image\/[a-z+]+;base64,[A-Za-z0-9+/]+={0,2}$)/.test(url)
    ? undefined
    : invalid('image_url.url must be a URL or a base64 data URL');
}

function checkCall(call: JsonObject, index: number): Refusal | undefined {
  const called = asObject(call.function);
  const complete = typeof call.id === 'string' && call.type === 'function' && typeof called?.name === 'string';
  if (!complete) return invalid(`tool call in the message at index ${index} needs an id, a type and a function`);
  return typeof called.arguments === 'string' ? undefined : invalid('tool call arguments must be a JSON string');
}

function checkSystem(messages: readonly JsonObject[]): Refusal | undefined {
  const late = messages.some(({ role }, index) => role === 'system' && index > 0);
  return late ? { status: 400, message: 'system turn must be the first in the list' } : undefined;
}

/** Results answer the calls of the assistant's turn before them, and all of these. */
function checkToolTurns(messages: readonly JsonObject[]): Refusal | undefined {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const id = asString(message.tool_call_id) ?? '';
      if (!open.delete(id)) return invalid(`tool_call_id '${id}' does not match a tool call of the message before`);
      continue;
    }
    if (open.size > 0) return invalid(`all tool calls need a result, missing: ${[...open].join(', ')}`);
    open = new Set(asArray(message.tool_calls).map((call) => asString(asObject(call)?.id) ?? ''));
  }
  return undefined;
}
