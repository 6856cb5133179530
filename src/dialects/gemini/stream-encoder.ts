import { errorBody } from '../../core/error-body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, ToolCallPart } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { finishedFields } from './candidate.ts';
import { encodeCall } from './parts.ts';
import { blockedPrompt } from './response.ts';
import { encodeUsage } from './usage.ts';
import { thoughtSignature } from './wire.ts';

type Finish = Extract<ChatEvent, { type: 'finish' }>;
type CallStart = Extract<ChatEvent, { type: 'tool-call-start' }>;

/** What one choice has said so far, as far as later chunks depend on it. */
interface ChoiceState {
  readonly calls: Map<number, { readonly start: CallStart; arguments: string }>;
  readonly logprobs: JsonValue[];
  thinking: boolean;
  finish: Finish | undefined;
  extension: JsonObject | undefined;
}

/**
 * Writes a stream as Gemini's callers read it: text as it comes, function calls whole, and one last chunk with every
 * finish reason, the usage, and what only Gemini has. A stream that breaks off never gets that chunk.
 */
export class GeminiStreamEncoder implements StreamEncoder {
  readonly contentType: string;
  readonly #reply: ReplyContext;
  /** Without `alt=sse` a stream is one JSON array that arrives element by element. */
  readonly #isArray: boolean;
  #elements = 0;
  readonly #choices = new Map<number, ChoiceState>();
  /** End of every chunk but the last. */
  #tail = '';
  #id = '';
  #started = false;
  #hasOutput = false;
  #usage: Usage | undefined;
  #extension: JsonObject = {};

  constructor(reply: ReplyContext) {
    this.#reply = reply;
    this.#isArray = reply.origin?.framing === 'json-array';
    this.contentType = this.#isArray ? 'application/json; charset=utf-8' : 'text/event-stream; charset=utf-8';
    this.#start('');
  }

  encode(event: ChatEvent): string {
    const chunk = this.#encode(event);
    if (chunk === '') return '';
    const end = event.type === 'done' && this.#isArray ? ']' : '';
    return this.#frame(chunk) + end;
  }

  fail(error: GatewayError): string {
    return this.#frame(JSON.stringify(errorBody(error, 'gemini')));
  }

  #frame(chunk: string): string {
    if (!this.#isArray) return `data: ${chunk}\r\n\r\n`;
    this.#elements += 1;
    return `${this.#elements === 1 ? '[' : ',\r\n'}${chunk}`;
  }

  #encode(event: ChatEvent): string {
    switch (event.type) {
      case 'start':
        this.#started = true;
        this.#start(event.id);
        return '';
      case 'text-delta':
      case 'refusal-delta':
        this.#choice(event.choice).thinking = false;
        return event.text === '' ? '' : this.#chunk(event.choice, `{"text":${JSON.stringify(event.text)}}`);
      case 'reasoning-delta':
        this.#choice(event.choice).thinking = true;
        return event.text === ''
          ? ''
          : this.#chunk(event.choice, `{"text":${JSON.stringify(event.text)},"thought":true}`);
      case 'part-end':
        return this.#endPart(event);
      case 'tool-call-start':
        this.#choice(event.choice).calls.set(event.index, { start: event, arguments: '' });
        return '';
      case 'tool-call-delta':
        this.#continueCall(event);
        return '';
      case 'tool-call-end':
        return this.#endCall(event.choice, event.index);
      case 'extension-part':
        return event.part.dialect === 'gemini' ? this.#chunk(event.choice, JSON.stringify(event.part.data)) : '';
      case 'done':
        // Gemini has no end marker: with nothing to encode there is nothing to end.
        return this.#started ? this.#last() : '';
      default:
        this.#keep(event);
        return '';
    }
  }

  #start(id: string): void {
    this.#id = id === '' ? this.#reply.fallbackId : id;
    const { model } = this.#reply;
    this.#tail = `,"modelVersion":${JSON.stringify(model)},"responseId":${JSON.stringify(this.#id)}}`;
  }

  #chunk(choice: number, part: string): string {
    this.#hasOutput = true;
    return `{"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":${choice}}]${this.#tail}`;
  }

  #endPart({ choice, signature }: Extract<ChatEvent, { type: 'part-end' }>): string {
    const state = this.#choice(choice);
    const thought = state.thinking ? { thought: true } : {};
    state.thinking = false;
    if (signature?.dialect !== 'gemini') return '';
    return this.#chunk(choice, JSON.stringify({ text: '', ...thought, ...thoughtSignature(signature) }));
  }

  #continueCall(event: Extract<ChatEvent, { type: 'tool-call-delta' }>): void {
    const call = this.#choice(event.choice).calls.get(event.index);
    if (call !== undefined) call.arguments += event.arguments;
  }

  #endCall(choice: number, index: number): string {
    const { calls } = this.#choice(choice);
    const call = calls.get(index);
    if (call === undefined) return '';
    calls.delete(index);
    const { id, name, signature } = call.start;
    const part: ToolCallPart = {
      type: 'tool-call',
      id,
      name,
      arguments: call.arguments,
      ...(signature && { signature }),
    };
    return this.#chunk(choice, JSON.stringify(encodeCall(part, new Set())));
  }

  #keep(event: ChatEvent): void {
    if (event.type === 'usage') this.#usage = event.usage;
    else if (event.type === 'finish') this.#choice(event.choice).finish = event;
    else if (event.type === 'logprobs') this.#choice(event.choice).logprobs.push(...asArray(event.logprobs.content));
    else if (event.type === 'extension' && event.dialect === 'gemini') this.#extend(event.choice, event.data);
  }

  #extend(choice: number | undefined, data: JsonObject): void {
    if (choice === undefined) {
      this.#extension = { ...this.#extension, ...data };
      return;
    }
    const state = this.#choice(choice);
    state.extension = { ...state.extension, ...data };
  }

  #last(): string {
    const { usageMetadata, ...rest } = this.#extension;
    const kept = asObject(usageMetadata);
    const usage = this.#usage === undefined ? kept : encodeUsage(this.#usage, kept);
    const finished = [...this.#choices]
      .sort(([left], [right]) => left - right)
      .flatMap(([, state]) => (state.finish === undefined ? [] : [lastOf(state, state.finish)]));
    const blocked = blockedPrompt(rest) !== undefined && !this.#hasOutput;
    const chunk = {
      ...rest,
      ...(!blocked && { candidates: finished }),
      ...(usage && this.#reply.includeUsage && { usageMetadata: usage }),
      modelVersion: this.#reply.model,
      responseId: this.#id,
    };
    return JSON.stringify(chunk);
  }

  #choice(index: number): ChoiceState {
    let state = this.#choices.get(index);
    if (state === undefined) {
      state = { calls: new Map(), logprobs: [], thinking: false, finish: undefined, extension: undefined };
      this.#choices.set(index, state);
    }
    return state;
  }
}

/** A candidate of the last chunk, with the empty text Google's own last chunk has. */
function lastOf(state: ChoiceState, finish: Finish): JsonObject {
  return {
    content: { parts: [{ text: '' }], role: 'model' },
    ...finishedFields({
      index: finish.choice,
      finishReason: finish.reason,
      ...(finish.rawReason !== undefined && { rawFinishReason: finish.rawReason }),
      ...(state.logprobs.length > 0 && { logprobs: { content: state.logprobs } }),
      ...(state.extension && { extensions: { gemini: state.extension } }),
    }),
  };
}
