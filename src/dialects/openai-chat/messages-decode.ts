import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type {
  ExtensionPart,
  Extensions,
  Message,
  Opaque,
  Part,
  Role,
  ToolCallPart,
  ToolResultPart,
} from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { decodeContent, extensionPart } from './content-decode.ts';
import { decodeReasoning, thinkingPartText } from './reasoning.ts';
import { legacyCallId } from './tool-call-ids.ts';
import { invalidRequest, jsonText } from './wire.ts';

const commonMembers = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
]);

const toolCallMembers = new Set(['id', 'type', 'index', 'function', 'extra_content']);

const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages */
export function decodeMessages(messages: JsonValue | undefined): readonly Message[] {
  if (!Array.isArray(messages)) throw invalidRequest('messages', 'must be an array of messages');
  if (messages.length === 0) throw invalidRequest('messages', 'must hold at least one message');
  return messages.map((message, index) => decodeMessage(message, index));
}

function decodeMessage(message: JsonValue, index: number): Message {
  const where = `messages[${index}]`;
  if (!isJsonObject(message)) throw invalidRequest(where, 'must be an object');
  const role = message.role;
  if (typeof role !== 'string' || !roles.has(role)) throw invalidRequest(`${where}.role`, 'must be a known role');
  const name = asString(message.name);
  const extensions = extensionsOf(message);
  return {
    ...decodeRole({ role, message, where, index }),
    ...(name !== undefined && role !== 'function' && { name }),
    ...(extensions !== undefined && { extensions }),
  };
}

interface MessageContext {
  readonly role: string;
  readonly message: JsonObject;
  readonly where: string;
  readonly index: number;
}

function decodeRole({ role, message, where, index }: MessageContext): { role: Role; parts: readonly Part[] } {
  switch (role) {
    case 'tool':
      return { role, parts: [decodeToolResult(message, where)] };
    case 'function':
      return { role: 'tool', parts: [decodeFunctionResult(message, where, index)] };
    case 'assistant':
      return { role, parts: decodeAssistantParts(message, where, index) };
    case 'system':
    case 'developer':
      return { role, parts: decodeContent(message.content, `${where}.content`) };
    default:
      return { role: 'user', parts: decodeContent(message.content, `${where}.content`) };
  }
}

/** SDKs send answers back with everything in them, most of it empty (`annotations: []`, `audio: null`). */
function extensionsOf(message: JsonObject): Extensions | undefined {
  const others = Object.entries(otherMembers(message, commonMembers) ?? {});
  const meaningful = others.filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0));
  return meaningful.length === 0 ? undefined : { 'openai-chat': Object.fromEntries(meaningful) };
}

function decodeToolResult(message: JsonObject, where: string): ToolResultPart {
  if (typeof message.tool_call_id !== 'string') throw invalidRequest(`${where}.tool_call_id`, 'must be a string');
  const toolName = asString(message.name);
  return {
    type: 'tool-result',
    toolCallId: message.tool_call_id,
    ...(toolName !== undefined && { toolName }),
    content: decodeResultContent(message, where),
  };
}

function decodeResultContent(message: JsonObject, where: string): ToolResultPart['content'] {
  return decodeContent(message.content, `${where}.content`).map((part, index) =>
    part.type === 'audio' ? extensionPart(asObject(asArray(message.content)[index]) ?? {}) : part,
  );
}

/** A result in the form before tools: it names the function, and answers the call just before it. */
function decodeFunctionResult(message: JsonObject, where: string, index: number): ToolResultPart {
  if (typeof message.name !== 'string') throw invalidRequest(`${where}.name`, 'must be a string');
  return {
    type: 'tool-result',
    toolCallId: legacyCallId(index - 1),
    toolName: message.name,
    content: decodeResultContent(message, where),
  };
}

/** Reasoning, then what was said, then the calls: the order in which models produce them. */
function decodeAssistantParts(message: JsonObject, where: string, index: number): readonly Part[] {
  const { parts: reasoning, textSignatures } = decodeReasoning(message);
  const calls = decodeToolCalls(message, where, index);
  const refusal = asString(message.refusal) ?? '';
  const said = decodeSaid(message, where, calls.length > 0 || refusal !== '');
  return [
    ...reasoning,
    ...signTexts(said, textSignatures),
    ...(refusal === '' ? [] : [{ type: 'refusal', text: refusal } as const]),
    ...calls,
  ];
}

function decodeSaid(message: JsonObject, where: string, saysMore: boolean): readonly Part[] {
  const { content } = message;
  // Beside calls or a refusal an empty text says nothing, and other providers refuse it.
  if (content === '' && saysMore) return [];
  if (!Array.isArray(content)) return decodeContent(content, `${where}.content`);
  return content.flatMap((part, position): readonly Part[] => decodeSaidPart(part, `${where}.content[${position}]`));
}

function decodeSaidPart(part: JsonValue, where: string): readonly Part[] {
  const object = asObject(part);
  if (object?.type === 'refusal' && typeof object.refusal === 'string') {
    return [{ type: 'refusal', text: object.refusal }];
  }
  const thinking = object === undefined ? undefined : thinkingPartText(object);
  if (thinking !== undefined) return [{ type: 'reasoning', text: thinking }];
  return decodeContent([part], where);
}

/** Gives texts their signatures back, the first to the first; signatures without a text stand on an empty one. */
export function signTexts(parts: readonly Part[], signatures: readonly Opaque[]): readonly Part[] {
  if (signatures.length === 0) return parts;
  const waiting = [...signatures];
  const signed = parts.map((part): Part => {
    const signature = part.type === 'text' ? waiting.shift() : undefined;
    return part.type === 'text' && signature !== undefined ? { ...part, signature } : part;
  });
  return [...signed, ...waiting.map((signature) => ({ type: 'text', text: '', signature }) as const)];
}

function decodeToolCalls(message: JsonObject, where: string, index: number): readonly (ToolCallPart | ExtensionPart)[] {
  const legacy = asObject(message.function_call);
  const calls = asArray(message.tool_calls).map((call, position) => {
    const at = `${where}.tool_calls[${position}]`;
    if (!isJsonObject(call)) throw invalidRequest(at, 'must be an object');
    if (typeof call.id !== 'string') throw invalidRequest(`${at}.id`, 'must be a string');
    return decodeToolCall(call, call.id);
  });
  const name = asString(legacy?.name);
  if (name === undefined || name === '') return calls;
  return [...calls, { type: 'tool-call', id: legacyCallId(index), name, arguments: argumentsText(legacy?.arguments) }];
}

/** A whole tool call, of a request's history or of an answer. Calls of custom tools travel as they are. */
export function decodeToolCall(call: JsonObject, fallbackId: string): ToolCallPart | ExtensionPart {
  const called = asObject(call.function);
  const name = asString(called?.name);
  if (name === undefined) return extensionPart({ tool_calls: [call] });
  const signature = callSignature(call);
  const others = otherMembers(call, toolCallMembers);
  return {
    type: 'tool-call',
    id: asString(call.id) || fallbackId,
    name,
    arguments: argumentsText(called?.arguments),
    ...(signature !== undefined && { signature }),
    ...(others !== undefined && { extensions: { 'openai-chat': others } }),
  };
}

/** Arguments as text. Some servers send an object, or nothing where there are none. */
export function argumentsText(value: JsonValue | undefined): string {
  const text = jsonText(value);
  return text === '' ? '{}' : text;
}

/** Google's place for a signature: https://ai.google.dev/gemini-api/docs/thought-signatures */
export function callSignature(call: JsonObject): Opaque | undefined {
  const value = asString(asObject(asObject(call.extra_content)?.google)?.thought_signature);
  return value === undefined ? undefined : { dialect: 'gemini', value };
}
