import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { type Dropped, encodeContent, withExtensions } from './content-encode.ts';
import { messageFields } from './message-fields.ts';
import { accepts, acceptsField, type ModelProfile } from './model-profile.ts';
import { encodeReasoningDetails } from './reasoning.ts';
import { isLegacyCallId, nineAlphanumericIds } from './tool-call-ids.ts';
import { emptyObject, type MutableJson } from './wire.ts';

export interface EncodedMessages {
  readonly messages: readonly JsonObject[];
  readonly dropped: readonly string[];
}

/** @throws GatewayError `unsupported_parameter` when a message holds media the provider has no form for */
export function encodeMessages(messages: readonly Message[], profile: ModelProfile): EncodedMessages {
  const encoder = new MessageEncoder(profile);
  for (const message of messages) encoder.add(message);
  return encoder.result();
}

class MessageEncoder {
  readonly #profile: ModelProfile;
  readonly #encoded: JsonObject[] = [];
  readonly #dropped: Dropped = new Set();
  readonly #idOf: (id: string) => string;
  /** Images and files of tool results that have to wait until all results of the turn are told. */
  #media: Part[] = [];

  constructor(profile: ModelProfile) {
    this.#profile = profile;
    this.#idOf = profile.toolCallIds === 'nine-alphanumerics' ? nineAlphanumericIds() : (id) => id;
  }

  add(message: Message): void {
    if (message.role === 'tool') {
      for (const part of message.parts) if (part.type === 'tool-result') this.#addResult(part, message);
      return;
    }
    this.#addMedia();
    this.#push(message.role === 'assistant' ? this.#assistant(message) : this.#said(message), message);
  }

  result(): EncodedMessages {
    this.#addMedia();
    return { messages: this.#encoded, dropped: [...this.#dropped] };
  }

  #push(wire: MutableJson, message: Message): void {
    if (message.name !== undefined) {
      if (acceptsField(this.#profile, 'name')) wire.name = message.name;
      else this.#dropped.add('messages.name');
    }
    this.#encoded.push(withExtensions(wire, message, this.#profile, this.#dropped));
  }

  #said(message: Message): MutableJson {
    return { role: this.#roleOf(message.role), content: this.#content(message.parts) ?? '' };
  }

  #roleOf(role: Message['role']): string {
    const { instructionRoles } = this.#profile;
    if ((role !== 'system' && role !== 'developer') || instructionRoles === 'both') return role;
    return instructionRoles;
  }

  #content(parts: readonly Part[]): JsonValue | undefined {
    return encodeContent(parts, this.#profile, this.#dropped);
  }

  #assistant(message: Message): MutableJson {
    const { parts } = message;
    const calls = parts.filter((part) => part.type === 'tool-call');
    const fields = this.#fields(parts);
    const refusal = this.#refusal(parts);
    const audio = fields.audio ?? message.extensions?.['openai-chat']?.audio;
    const hasCalls = calls.length > 0 || fields.tool_calls !== undefined;
    const needsNoText = hasCalls || refusal.refusal !== undefined || audio !== undefined;
    const wire: MutableJson = {
      role: 'assistant',
      content: this.#saidByAssistant(parts) ?? (needsNoText ? null : ''),
      ...refusal,
      ...this.#reasoning(parts),
      ...fields,
    };
    const [legacy] = calls.filter((call) => this.#isLegacy(call.id));
    const others = calls.filter((call) => call !== legacy).map((call) => this.#call(call));
    if (legacy !== undefined) wire.function_call = { name: legacy.name, arguments: legacy.arguments };
    if (others.length > 0)
      wire.tool_calls = [...others, ...(Array.isArray(fields.tool_calls) ? fields.tool_calls : [])];
    return wire;
  }

  /** Refusals go back as such, or as the text they are. */
  #saidByAssistant(parts: readonly Part[]): JsonValue | undefined {
    const refusalsAreText = !acceptsField(this.#profile, 'refusal');
    const said = parts.flatMap((part): Part[] =>
      part.type === 'refusal' && refusalsAreText ? [{ type: 'text', text: part.text }] : [part],
    );
    // An empty text only carries a signature.
    const content = this.#content(said.filter((part) => part.type !== 'text' || part.text !== '' || !part.signature));
    const thinking = this.#profile.reasoningHistory === 'thinking-parts' ? thinkingParts(parts) : [];
    if (thinking.length === 0) return content;
    const rest =
      typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : [];
    return [...thinking, ...rest];
  }

  #refusal(parts: readonly Part[]): MutableJson {
    const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
    return refusal !== '' && acceptsField(this.#profile, 'refusal') ? { refusal } : {};
  }

  #reasoning(parts: readonly Part[]): MutableJson {
    const { reasoningHistory, reasoningDetails } = this.#profile;
    const text = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
    // DeepSeek refuses a turn of its thinking mode that made calls and holds none; an empty one will do:
    // https://api-docs.deepseek.com/guides/thinking_mode#tool-calls
    const required = this.#profile.reasoningParameter === 'thinking' && parts.some((part) => part.type === 'tool-call');
    const details = reasoningDetails ? [...(encodeReasoningDetails(parts) ?? []), ...signedCalls(parts)] : [];
    const named = reasoningHistory === 'reasoning' || reasoningHistory === 'reasoning_content';
    const isHidden = parts.some((part) => part.type === 'reasoning' && part.redacted !== undefined);
    const isLost = isHidden || (reasoningHistory === 'none' && text !== '');
    if (isLost && !reasoningDetails) this.#dropped.add('reasoning_content');
    return {
      ...(named && (text !== '' || required) && { [reasoningHistory]: text }),
      ...(details.length > 0 && { reasoning_details: details }),
    };
  }

  /** Members of the message that only this dialect knows, e.g. the audio of an earlier answer. */
  #fields(parts: readonly Part[]): MutableJson {
    const fields = emptyObject();
    for (const [key, value] of Object.entries(messageFields(parts))) {
      // What a model cited is no part of what is told to the next one.
      if (key === 'tool_calls' || acceptsField(this.#profile, key)) fields[key] = value;
    }
    return fields;
  }

  #call(call: ToolCallPart): JsonObject {
    const wire: MutableJson = {
      id: this.#idOf(call.id),
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    };
    const { signature } = call;
    if (signature?.dialect === 'gemini' && acceptsField(this.#profile, 'extra_content')) {
      wire.extra_content = { google: { thought_signature: signature.value } };
    }
    return withExtensions(wire, call, this.#profile, this.#dropped);
  }

  #isLegacy(id: string): boolean {
    return isLegacyCallId(id) && accepts(this.#profile, 'functions');
  }

  #addResult(result: ToolResultPart, message: Message): void {
    const { toolCallId, toolName } = result;
    const keepsMedia = this.#profile.toolResultMedia;
    const told = keepsMedia ? result.content : result.content.filter((part) => !isMedia(part));
    if (!keepsMedia) this.#media.push(...result.content.filter(isMedia));
    const content = this.#content(told) ?? '';
    const wire: MutableJson = this.#isLegacy(toolCallId)
      ? { role: 'function', name: toolName ?? '', content }
      : { role: 'tool', tool_call_id: this.#idOf(toolCallId), content };
    if (toolName !== undefined && acceptsField(this.#profile, 'name')) wire.name = toolName;
    withExtensions(wire, result, this.#profile, this.#dropped);
    this.#encoded.push(withExtensions(wire, message, this.#profile, this.#dropped));
  }

  #addMedia(): void {
    if (this.#media.length === 0) return;
    this.#encoded.push({ role: 'user', content: this.#content(this.#media) ?? '' });
    this.#media = [];
  }
}

function isMedia(part: Part): boolean {
  return part.type === 'image' || part.type === 'file';
}

/** https://docs.mistral.ai/capabilities/reasoning/ */
function thinkingParts(parts: readonly Part[]): JsonObject[] {
  return parts.flatMap((part) =>
    part.type === 'reasoning' && part.text !== ''
      ? [{ type: 'thinking', thinking: [{ type: 'text', text: part.text }] }]
      : [],
  );
}

/** Gemini's signatures of tool calls, as OpenRouter carries them: an encrypted entry with the call's id. */
function signedCalls(parts: readonly Part[]): JsonObject[] {
  return parts.flatMap((part) =>
    part.type === 'tool-call' && part.signature?.dialect === 'gemini'
      ? [{ type: 'reasoning.encrypted', data: part.signature.value, id: part.id, format: 'google-gemini-v1' }]
      : [],
  );
}
