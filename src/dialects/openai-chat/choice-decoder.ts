import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatEvent, Opaque } from '../canonical.ts';
import { extensionPart } from './content-decode.ts';
import { decodeFinishReason } from './finish-reason.ts';
import { choiceMembers, messageMembers } from './members.ts';
import { cumulativeFields } from './message-fields.ts';
import { argumentsText, callSignature } from './messages-decode.ts';
import { decodeReasoningDetail, reasoningText } from './reasoning.ts';
import { decodeSaidPart, meaningful, meaningfulLogprobs } from './response-decode.ts';
import { ToolCallDecoder } from './tool-call-decoder.ts';
import { legacyCallId } from './tool-call-ids.ts';
import { emptyObject, type MutableJson } from './wire.ts';

/** Reads the pieces of one choice of a stream. */
export class ChoiceDecoder {
  readonly index: number;
  readonly #calls: ToolCallDecoder;
  #open: 'text' | 'reasoning' | 'refusal' | undefined;
  /** Reasoning told since the last signature. */
  #reasoning = '';
  #raw: string | undefined;
  #legacyCalls = 0;
  #customCalls = false;
  #textSignatures: Opaque[] = [];
  #own: MutableJson | undefined;
  #onMessage: MutableJson | undefined;
  /** OpenAI's audio models send no finish reason. */
  #hasAudio = false;

  constructor(index: number) {
    this.index = index;
    this.#calls = new ToolCallDecoder(index);
  }

  /** Whether the provider has said how the choice ended. */
  get finished(): boolean {
    return this.#raw !== undefined || this.#hasAudio;
  }

  push(choice: JsonObject, answerId: string, out: ChatEvent[]): void {
    const logprobs = choice.logprobs === undefined ? undefined : meaningfulLogprobs(choice.logprobs);
    // Before the text they belong to, so that an encoder can put both into one chunk.
    if (logprobs !== undefined) out.push({ type: 'logprobs', choice: this.index, logprobs });
    const delta = asObject(choice.delta) ?? asObject(choice.message);
    if (delta !== undefined) this.#delta(delta, answerId, out);
    if (typeof choice.finish_reason === 'string') this.#raw = choice.finish_reason;
    for (const key in choice) if (!choiceMembers.has(key)) this.#own = noted(this.#own, key, choice[key]);
  }

  /**
   * The choice is over. Said at the very end, because some providers repeat the finish reason, and go on after it.
   */
  end(out: ChatEvent[]): void {
    this.#signTexts(out);
    this.#calls.end(out);
    if (this.#legacyCalls > 0) out.push({ type: 'tool-call-end', choice: this.index, index: this.#calls.count });
    const own = meaningful(this.#own);
    const message = meaningful(this.#onMessage);
    if (own !== undefined || message !== undefined) {
      const data = { ...own, ...(message !== undefined && { message }) };
      out.push({ type: 'extension', choice: this.index, dialect: 'openai-chat', data });
    }
    const raw = this.#raw ?? '';
    const reason = decodeFinishReason(raw, this.#calls.count > 0 || this.#legacyCalls > 0 || this.#customCalls);
    out.push(
      raw === ''
        ? { type: 'finish', choice: this.index, reason }
        : { type: 'finish', choice: this.index, reason, rawReason: raw },
    );
  }

  #delta(delta: JsonObject, answerId: string, out: ChatEvent[]): void {
    const { content } = delta;
    if (typeof content === 'string' && content !== '' && isPlain(delta)) {
      // The way of nearly every chunk.
      this.#say('text', content, out);
      return;
    }
    const reasoning = reasoningText(delta);
    if (reasoning !== '') this.#say('reasoning', reasoning, out);
    if (delta.reasoning_details !== undefined) this.#details(delta.reasoning_details, reasoning !== '', out);
    this.#content(content, out);
    if (typeof delta.refusal === 'string' && delta.refusal !== '') this.#say('refusal', delta.refusal, out);
    for (const piece of asArray(delta.tool_calls)) if (isJsonObject(piece)) this.#call(piece, answerId, out);
    const legacy = asObject(delta.function_call);
    if (legacy !== undefined) this.#legacyCall(legacy, out);
    const signature = callSignature(delta);
    if (signature !== undefined) this.#textSignatures.push(signature);
    this.#fields(delta, out);
  }

  #say(type: 'text' | 'reasoning' | 'refusal', text: string, out: ChatEvent[]): void {
    this.#open = type;
    if (type === 'text') out.push({ type: 'text-delta', choice: this.index, text });
    else if (type === 'reasoning') {
      this.#reasoning += text;
      out.push({ type: 'reasoning-delta', choice: this.index, text });
    } else out.push({ type: 'refusal-delta', choice: this.index, text });
  }

  #content(content: JsonValue | undefined, out: ChatEvent[]): void {
    if (typeof content === 'string') {
      if (content !== '') this.#say('text', content, out);
      return;
    }
    const parts = isJsonObject(content) ? [{ type: 'text', text: JSON.stringify(content) }] : asArray(content);
    for (const part of parts.flatMap(decodeSaidPart)) {
      if (part.type === 'text' || part.type === 'reasoning') this.#say(part.type, part.text, out);
      else if (part.type === 'extension') this.#extension(part.data, out);
    }
  }

  #extension(data: JsonObject, out: ChatEvent[]): void {
    this.#open = undefined;
    out.push({ type: 'extension-part', choice: this.index, part: extensionPart(data) });
  }

  #details(entries: JsonValue, textIsTold: boolean, out: ChatEvent[]): void {
    const details = asArray(entries).flatMap((entry) => (isJsonObject(entry) ? [decodeReasoningDetail(entry)] : []));
    // Entries that sign may repeat the whole text they sign.
    const repeated = details.some((detail) => detail.signature !== undefined);
    const told = textIsTold || (repeated && details.map((detail) => detail.text).join('') === this.#reasoning);
    for (const detail of details) {
      if (detail.text !== '' && !told) this.#say('reasoning', detail.text, out);
      if (detail.textSignature !== undefined) this.#textSignatures.push(detail.textSignature);
      if (detail.redacted !== undefined) {
        this.#open = undefined;
        out.push({ type: 'reasoning-redacted', choice: this.index, redacted: detail.redacted });
      }
      if (detail.signature !== undefined) this.#sign('reasoning', detail.signature, out);
    }
  }

  #sign(type: 'text' | 'reasoning', signature: Opaque, out: ChatEvent[]): void {
    if (this.#open !== type) this.#say(type, '', out);
    this.#open = undefined;
    if (type === 'reasoning') this.#reasoning = '';
    out.push({ type: 'part-end', choice: this.index, signature });
  }

  #signTexts(out: ChatEvent[]): void {
    for (const signature of this.#textSignatures) this.#sign('text', signature, out);
  }

  #call(piece: JsonObject, answerId: string, out: ChatEvent[]): void {
    this.#open = undefined;
    if (piece.custom !== undefined) this.#customCalls = true;
    this.#calls.push(piece, answerId, out);
  }

  /** The one call of the form before tools: https://platform.openai.com/docs/api-reference/chat-streaming */
  #legacyCall(call: JsonObject, out: ChatEvent[]): void {
    const index = this.#calls.count;
    const name = asString(call.name);
    if (this.#legacyCalls === 0 && name !== undefined && name !== '') {
      this.#legacyCalls = 1;
      this.#open = undefined;
      out.push({ type: 'tool-call-start', choice: this.index, index, id: legacyCallId(0), name });
    }
    const text = asString(call.arguments) ?? (isJsonObject(call.arguments) ? argumentsText(call.arguments) : '');
    if (text === '' || this.#legacyCalls === 0) return;
    out.push({ type: 'tool-call-delta', choice: this.index, index, arguments: text });
  }

  #fields(delta: JsonObject, out: ChatEvent[]): void {
    for (const key in delta) {
      const value = delta[key];
      if (!messageMembers.has(key)) this.#onMessage = noted(this.#onMessage, key, value);
      else if (cumulativeFields.has(key)) this.#cumulative(key, value, out);
    }
  }

  #cumulative(key: string, value: JsonValue | undefined, out: ChatEvent[]): void {
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return;
    if (key === 'audio') this.#hasAudio = true;
    this.#extension({ [key]: value }, out);
  }
}

/** A delta that can hold nothing but text. */
function isPlain(delta: JsonObject): boolean {
  for (const key in delta) if (key !== 'content' && key !== 'role') return false;
  return true;
}

/** Later values replace earlier ones, but saying nothing does not. */
function noted(members: MutableJson | undefined, key: string, value: JsonValue | undefined): MutableJson | undefined {
  if (value === null || value === undefined) return members;
  const noting = members ?? emptyObject();
  noting[key] = value;
  return noting;
}
