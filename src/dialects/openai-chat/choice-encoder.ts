import { asObject, type JsonObject } from '../../core/json.ts';
import type { ChatEvent, FinishReason, Opaque, Part, ReasoningPart } from '../canonical.ts';
import { joinedLogprobs } from '../collect/choice-collector.ts';
import { encodeReasoningDetail } from './reasoning.ts';
import { callSignatureField } from './response-encode.ts';
import { isLegacyCallId } from './tool-call-ids.ts';

/** Events of one choice that become chunks. */
type ChoiceEvent = Exclude<
  ChatEvent,
  { type: 'start' | 'usage' | 'extension' | 'error' | 'done' | 'logprobs' | 'reasoning-redacted' }
>;

interface WrittenCall {
  readonly legacy: boolean;
  hasArguments: boolean;
}

/** Writes the chunks of one choice, each as the text that follows `"index":n,`. */
export class ChoiceEncoder {
  readonly index: number;
  #roleIsTold = false;
  /** For the next chunk: they stand beside the text they belong to. */
  #logprobs: JsonObject | undefined;
  readonly #calls = new Map<number, WrittenCall>();
  #legacy = false;
  #members = '';
  #messageMembers = '';
  /** Reasoning since the last signature, to stand beside the next one. */
  #reasoning: ReasoningPart[] = [];
  #open: 'text' | 'reasoning' | undefined;
  #details = 0;

  constructor(index: number) {
    this.index = index;
  }

  text(text: string): string {
    if (text === '') return '';
    this.#open = 'text';
    return this.#roleIsTold
      ? this.#body(`{"content":${JSON.stringify(text)}}`)
      : this.#first(`"content":${JSON.stringify(text)}`);
  }

  noteLogprobs(logprobs: JsonObject): void {
    this.#logprobs = joinedLogprobs(this.#logprobs, logprobs);
  }

  /** Members of the choice that only this dialect knows; they stand in its last chunk. */
  noteMembers({ message, ...members }: JsonObject): void {
    this.#members += inner(members).replace(/^(?=.)/, ',');
    this.#messageMembers = inner(asObject(message) ?? {});
  }

  encode(event: ChoiceEvent): readonly string[] {
    switch (event.type) {
      case 'text-delta':
        return [this.text(event.text)];
      case 'reasoning-delta':
        return [this.#reason(event.text)];
      case 'refusal-delta':
        return [event.text === '' ? '' : this.#delta(`"refusal":${JSON.stringify(event.text)}`)];
      case 'part-end':
        return [this.#endPart(event.signature)];
      case 'tool-call-start':
        return [this.#startCall(event)];
      case 'tool-call-delta':
        return [this.#continueCall(event.index, event.arguments)];
      case 'tool-call-end':
        return [this.#endCall(event.index)];
      case 'extension-part':
        return [this.#extensionPart(event.part)];
      case 'finish':
        return this.#finish(event.reason);
    }
  }

  redacted(redacted: Opaque): readonly string[] {
    return [this.#detail({ type: 'reasoning', text: '', redacted })];
  }

  #body(delta: string, finishReason = 'null'): string {
    const logprobs = this.#logprobs === undefined ? 'null' : JSON.stringify(this.#logprobs);
    this.#logprobs = undefined;
    return `"delta":${delta},"logprobs":${logprobs},"finish_reason":${finishReason}`;
  }

  /** The first chunk of a choice names the role. */
  #first(members: string): string {
    this.#roleIsTold = true;
    return this.#body(`{"role":"assistant",${members}}`);
  }

  #delta(members: string): string {
    return this.#roleIsTold ? this.#body(`{${members}}`) : this.#first(`"content":null,${members}`);
  }

  #reason(text: string): string {
    const last = this.#open === 'reasoning' ? this.#reasoning.pop() : undefined;
    this.#open = 'reasoning';
    this.#reasoning.push({ type: 'reasoning', text: (last?.text ?? '') + text });
    return text === '' ? '' : this.#delta(`"reasoning_content":${JSON.stringify(text)}`);
  }

  #endPart(signature: Opaque | undefined): string {
    const open = this.#open;
    this.#open = undefined;
    if (signature === undefined || signature.value === '') return '';
    if (open !== 'reasoning') return this.#detail({ type: 'text', text: '', signature });
    const signed = this.#reasoning.pop();
    return this.#detail({ type: 'reasoning', text: signed?.text ?? '', signature });
  }

  /** An opaque entry. One that signs stands after those for text that nobody signed: readers take all text from here. */
  #detail(part: Part): string {
    const signs = part.type === 'reasoning' && part.signature !== undefined;
    const unsigned = signs ? this.#reasoning.map((plain) => this.#plainEntry(plain)) : [];
    if (signs) this.#reasoning = [];
    const entry = encodeReasoningDetail(part, this.#details++);
    return this.#delta(`"reasoning_details":${JSON.stringify([...unsigned, entry])}`);
  }

  #plainEntry(part: ReasoningPart): JsonObject {
    return { type: 'reasoning.text', text: part.text, format: 'unknown', index: this.#details++ };
  }

  #startCall(event: Extract<ChatEvent, { type: 'tool-call-start' }>): string {
    this.#open = undefined;
    const { index, id, name, signature } = event;
    const legacy = isLegacyCallId(id);
    this.#calls.set(index, { legacy, hasArguments: false });
    if (legacy) {
      this.#legacy = true;
      return this.#delta(`"function_call":${JSON.stringify({ name, arguments: '' })}`);
    }
    const call = {
      index,
      id,
      type: 'function',
      function: { name, arguments: '' },
      ...(signature?.dialect === 'gemini' && callSignatureField(signature.value)),
    };
    return this.#delta(`"tool_calls":[${JSON.stringify(call)}]`);
  }

  #continueCall(index: number, text: string): string {
    const call = this.#calls.get(index);
    if (call === undefined || text === '') return '';
    call.hasArguments = true;
    const called = `{"arguments":${JSON.stringify(text)}}`;
    return call.legacy
      ? this.#delta(`"function_call":${called}`)
      : this.#delta(`"tool_calls":[{"index":${index},"function":${called}}]`);
  }

  /** A call without arguments takes none: `{}` is what parsers of arguments expect. */
  #endCall(index: number): string {
    return this.#calls.get(index)?.hasArguments === false ? this.#continueCall(index, '{}') : '';
  }

  #extensionPart(part: Extract<ChatEvent, { type: 'extension-part' }>['part']): string {
    this.#open = undefined;
    // A content part has no place in a stream whose content is text.
    if (part.dialect !== 'openai-chat' || typeof part.data.type === 'string') return '';
    return this.#delta(inner(part.data));
  }

  #finish(reason: FinishReason): readonly string[] {
    const word = this.#legacy && reason === 'tool_calls' ? 'function_call' : reason;
    const pending = [...this.#calls.keys()].map((index) => this.#endCall(index));
    const role = this.#roleIsTold ? '' : this.#first('"content":""');
    return [...pending, role, this.#body(`{${this.#messageMembers}}`, `"${word}"`) + this.#members];
  }
}

/** The members of an object as text, without its braces. */
function inner(object: JsonObject): string {
  return JSON.stringify(object).slice(1, -1);
}
