import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message, Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { encodeContent, shortest } from './encode-content.ts';
import { dialect, ownExtensions } from './wire.ts';

export interface MessageContext {
  /** Whether the target takes the thinking of earlier turns. */
  readonly thinking: 'accepted' | 'refused';
  readonly dropped: Set<string>;
}

/**
 * Messages as the API wants them: one system message, and first ("system turn must be the first in the list",
 * https://docs.cohere.com/reference/errors), one message per tool result, no message without content.
 *
 * @throws GatewayError `invalid_request` when nothing is left to send
 */
export function encodeMessages(messages: readonly Message[], context: MessageContext): JsonObject[] {
  const instructions: JsonObject[] = [];
  let own: JsonObject = {};
  const turns: JsonObject[] = [];
  for (const message of messages) {
    if (message.name !== undefined) context.dropped.add('messages.name');
    if (message.role !== 'system' && message.role !== 'developer') {
      turns.push(...encodeTurn(message, context));
      continue;
    }
    own = { ...own, ...ownExtensions(message.extensions, context.dropped) };
    instructions.push(...encodeInstructions(message, context));
  }
  if (turns.length === 0) return [soleTurn(instructions)];
  return instructions.length === 0 ? turns : [{ role: 'system', content: shortest(instructions), ...own }, ...turns];
}

/** Instructions are text alone. */
function encodeInstructions({ parts }: Message, { dropped }: MessageContext): JsonObject[] {
  return encodeContent(parts, dropped).filter((part) => {
    if (part.type !== 'image_url') return true;
    dropped.add('image_url');
    return false;
  });
}

/** The API answers nobody who says nothing; so instructions alone are said by the user. */
function soleTurn(instructions: readonly JsonObject[]): JsonObject {
  if (instructions.length > 0) return { role: 'user', content: shortest(instructions) };
  const message = 'messages: there is nothing in them that the model can read.';
  throw new GatewayError('invalid_request', { param: 'messages', message });
}

function encodeTurn(message: Message, context: MessageContext): JsonObject[] {
  const results = message.parts.filter((part) => part.type === 'tool-result');
  const turns = results.map((result) => encodeResult(result, context));
  const own = ownExtensions(message.extensions, context.dropped);
  if (message.role === 'assistant') return [...turns, ...encodeAssistant(message.parts, own, context)];
  const content = encodeContent(message.parts, context.dropped);
  return content.length === 0 ? turns : [...turns, { role: 'user', content: shortest(content), ...own }];
}

/** Images cannot be results here, and are reported. */
function encodeResult(result: ToolResultPart, { dropped }: MessageContext): JsonObject {
  const content = encodeContent(result.content, dropped).filter((part) => {
    if (part.type !== 'image_url') return true;
    dropped.add('image_url');
    return false;
  });
  if (result.isError === true) dropped.add('is_error');
  return {
    role: 'tool',
    tool_call_id: result.toolCallId,
    content: content.length === 0 ? '' : shortest(content),
    ...ownExtensions(result.extensions, dropped),
  };
}

function encodeAssistant(parts: readonly Part[], own: JsonObject, context: MessageContext): JsonObject[] {
  const calls = parts.filter((part) => part.type === 'tool-call');
  const content: JsonObject[] = [];
  let plan = '';
  for (const part of parts) {
    if (part.type !== 'reasoning') content.push(...encodeContent([part], context.dropped));
    else if (part.redacted !== undefined) context.dropped.add('reasoning_content');
    else if (isPlan(part)) plan += part.text;
    else if (context.thinking === 'accepted') content.push(...encodeThinking(part, context.dropped));
    else if (calls.length > 0) plan += part.text;
    else if (part.text !== '') context.dropped.add('reasoning_content');
  }
  if (content.length === 0 && calls.length === 0 && plan === '') return [];
  return [
    {
      role: 'assistant',
      ...(content.length > 0 && { content: shortest(content) }),
      ...(plan !== '' && { tool_plan: plan }),
      ...(calls.length > 0 && { tool_calls: calls.map((call) => encodeCall(call, context.dropped)) }),
      ...own,
    },
  ];
}

function isPlan({ extensions }: ReasoningPart): boolean {
  return extensions?.[dialect]?.tool_plan === true;
}

/** Reasoning that only its own provider can read stays with it. */
function encodeThinking({ text, extensions }: ReasoningPart, dropped: Set<string>): JsonObject[] {
  return text === '' ? [] : [{ type: 'thinking', thinking: text, ...ownExtensions(extensions, dropped) }];
}

function encodeCall(call: ToolCallPart, dropped: Set<string>): JsonObject {
  ownExtensions(call.extensions, dropped);
  return wireCall(call);
}

/** A tool call of a message or of an answer. */
export function wireCall({ id, name, arguments: text }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: text === '' ? '{}' : text } };
}
