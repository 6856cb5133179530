import { errorBody } from '../../core/error-body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { asArray, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, FinishReason } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { encodeAnswerCall, encodeEnd, timestamp } from './response.ts';
import { encodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  arguments: string;
}

/**
 * A line for every piece of text, one for each tool call as soon as it is whole, and the last line with the end and the
 * usage. https://docs.ollama.com/api/streaming
 */
export class OllamaStreamEncoder implements StreamEncoder {
  readonly contentType = 'application/x-ndjson';
  readonly #reply: ReplyContext;
  readonly #calls = new Map<number, OpenCall>();
  /** All of a line up to its message: model and time do not change. */
  #head: string;
  #callsSent = 0;
  #logprobs: JsonValue[] = [];
  #finishReason: FinishReason = 'stop';
  #rawFinishReason: string | undefined;
  #usage: Usage | undefined;
  #messageFields: JsonObject = {};
  #answerFields: JsonObject = {};
  #isOver = false;

  constructor(reply: ReplyContext) {
    this.#reply = reply;
    this.#head = this.#headAt(timestamp(reply.created));
  }

  encode(event: ChatEvent): string {
    // A message is one choice, and nothing follows its end.
    if (this.#isOver || ('choice' in event && (event.choice ?? 0) !== 0)) return '';
    switch (event.type) {
      case 'start':
        if (event.created !== undefined) this.#head = this.#headAt(timestamp(event.created));
        return '';
      case 'text-delta':
      // The API has no refusals: what a caller reads is the text.
      case 'refusal-delta':
        return event.text === '' ? '' : this.#line(`"content":${JSON.stringify(event.text)}`);
      case 'reasoning-delta':
        return event.text === '' ? '' : this.#line(`"content":"","thinking":${JSON.stringify(event.text)}`);
      case 'tool-call-start':
        this.#calls.set(event.index, { id: event.id, name: event.name, arguments: '' });
        return '';
      case 'tool-call-delta':
        return this.#continueCall(event.index, event.arguments);
      case 'tool-call-end':
        return this.#endCall(event.index);
      case 'logprobs':
        this.#logprobs.push(...asArray(event.logprobs.content));
        return '';
      case 'extension':
        return event.dialect === dialect ? this.#extend(event.data, event.choice) : '';
      case 'finish':
        this.#finishReason = event.reason;
        this.#rawFinishReason = event.rawReason;
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'done':
        return this.#end();
      default:
        return '';
    }
  }

  fail(error: GatewayError): string {
    return `${JSON.stringify(errorBody(error, dialect))}\n`;
  }

  #headAt(time: string): string {
    return `{"model":${JSON.stringify(this.#reply.model)},"created_at":"${time}","message":{"role":"assistant",`;
  }

  #line(message: string): string {
    if (this.#logprobs.length === 0) return `${this.#head}${message}},"done":false}\n`;
    const logprobs = JSON.stringify(this.#logprobs);
    this.#logprobs = [];
    return `${this.#head}${message}},"done":false,"logprobs":${logprobs}}\n`;
  }

  #continueCall(index: number, text: string): string {
    const call = this.#calls.get(index);
    if (call !== undefined) call.arguments += text;
    return '';
  }

  #endCall(index: number): string {
    const call = this.#calls.get(index);
    if (call === undefined) return '';
    this.#calls.delete(index);
    const encoded = encodeAnswerCall(call, this.#callsSent++);
    return this.#line(`"content":"","tool_calls":[${JSON.stringify(encoded)}]`);
  }

  #extend(data: JsonObject, choice: number | undefined): string {
    if (choice === undefined) this.#answerFields = { ...this.#answerFields, ...data };
    else this.#messageFields = { ...this.#messageFields, ...data };
    return '';
  }

  #end(): string {
    const calls = [...this.#calls.keys()].map((index) => this.#endCall(index)).join('');
    const { created_at: createdAt, ...fields } = this.#answerFields;
    const head = typeof createdAt === 'string' ? this.#headAt(createdAt) : this.#head;
    const message = JSON.stringify({ content: '', ...this.#messageFields }).slice(1);
    const end = {
      done: true,
      ...encodeEnd({ finishReason: this.#finishReason, rawFinishReason: this.#rawFinishReason }, this.#reply),
      ...(this.#usage !== undefined && encodeUsage(this.#usage)),
      ...(this.#logprobs.length > 0 && { logprobs: this.#logprobs }),
      ...fields,
    };
    this.#isOver = true;
    return `${calls}${head}${message},${JSON.stringify(end).slice(1)}\n`;
  }
}
