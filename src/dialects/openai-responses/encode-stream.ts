import { errorBody } from '../../core/error-body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatEvent, FinishReason, Opaque } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { encodeFinish } from './finish-reason.ts';
import { Frames } from './frames.ts';
import { type ItemPrefix, madeUpItemId } from './item-ids.ts';
import {
  CallWriter,
  type ItemPlace,
  type ItemStatus,
  MessageWriter,
  ReasoningWriter,
  reasoningItem,
  type WrittenItem,
  writeWhole,
} from './item-writers.ts';
import { inProgress, responseObject } from './response-object.ts';
import { encodeUsage } from './usage.ts';

/**
 * Writes the events of a response: https://platform.openai.com/docs/api-reference/responses-streaming. The object in the
 * last one is the whole answer.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #reply: ReplyContext;
  readonly #frames = new Frames();
  readonly #calls = new Map<number, { readonly index: number; readonly writer: CallWriter }>();
  readonly #output: JsonObject[] = [];
  #id: string;
  #created: number;
  #own: JsonObject | undefined;
  /** What the provider's items say beyond their parts, where it spoke this dialect. */
  #rests: readonly JsonValue[] = [];
  #begun = false;
  #items = 0;
  #open: { readonly index: number; readonly writer: MessageWriter | ReasoningWriter } | undefined;
  #logprobs: readonly JsonValue[] = [];
  #finish: JsonObject = encodeFinish('stop', undefined);
  #usage: JsonObject | undefined;

  constructor(reply: ReplyContext) {
    this.#reply = reply;
    this.#id = reply.fallbackId;
    this.#created = reply.created;
  }

  encode(event: ChatEvent): string {
    switch (event.type) {
      case 'start':
        if (event.id !== '') this.#id = event.id;
        this.#created = event.created ?? this.#created;
        return '';
      case 'extension':
        this.#note(event);
        return '';
      case 'usage':
        this.#usage = encodeUsage(event.usage, asObject(this.#own?.usage));
        return '';
      case 'error':
        return '';
      case 'done':
        return this.#begin() + this.#end();
      default:
        // A response has one choice.
        return event.choice === 0 ? this.#begin() + this.#step(event) : '';
    }
  }

  /**
   * The error and the failed response, in the order OpenAI sends them: its own client raises the former, others read the
   * latter.
   */
  fail(error: GatewayError): string {
    const reported = asObject(errorBody(error, 'openai-responses').error) ?? {};
    const { code, message, param = null } = reported;
    const first = this.#frames.frame('error', { code, message, param, error: reported });
    const failed = { status: 'failed', error: { code, message } };
    return first + this.#frames.frame('response.failed', { response: this.#response(failed) });
  }

  /** The whole answer, once all of it has been told. */
  response(): JsonObject {
    return this.#response(this.#finish);
  }

  #response(status: JsonObject): JsonObject {
    const state = { id: this.#id, created: this.#created, model: this.#reply.model, own: this.#own };
    // Places are taken in the order items begin; one that was never completed leaves none.
    return responseObject(state, { status, output: this.#output.filter(Boolean), usage: this.#usage });
  }

  #note({ choice, dialect, data }: Extract<ChatEvent, { type: 'extension' }>): void {
    if (dialect !== 'openai-responses') return;
    if (choice === undefined) this.#own = { ...this.#own, ...data };
    else if (choice === 0) this.#rests = asArray(data.items);
  }

  #begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    const response = this.#response(inProgress);
    return (
      this.#frames.frame('response.created', { response }) + this.#frames.frame('response.in_progress', { response })
    );
  }

  #step(event: Exclude<ChatEvent, { type: 'start' | 'extension' | 'usage' | 'error' | 'done' }>): string {
    switch (event.type) {
      case 'text-delta':
        return this.#say('output_text', event.text);
      case 'refusal-delta':
        return this.#say('refusal', event.text);
      case 'reasoning-delta':
        return this.#reason(event.text);
      case 'part-end':
        return this.#endPart(event.signature);
      case 'reasoning-redacted':
        return this.#redacted(event.redacted);
      case 'tool-call-start':
        return this.#startCall(event);
      case 'tool-call-delta':
        return this.#calls.get(event.index)?.writer.say(event.arguments) ?? '';
      case 'tool-call-end':
        return this.#endCall(event.index);
      case 'extension-part':
        return event.part.dialect === 'openai-responses' ? this.#whole(event.part.data) : '';
      case 'logprobs':
        this.#logprobs = [...this.#logprobs, ...asArray(event.logprobs.content)];
        return '';
      case 'finish':
        return this.#endAll(event.reason, event.rawReason);
    }
  }

  // ---- Items ----

  #place(prefix: ItemPrefix): ItemPlace {
    const index = this.#items;
    this.#items += 1;
    const rest = (): JsonObject | undefined => asObject(this.#rests[index]);
    const id = asString(rest()?.id) ?? madeUpItemId(prefix, this.#id, index);
    return { frames: this.#frames, index, id, rest };
  }

  #put(index: number, { text, item }: WrittenItem): string {
    this.#output[index] = item;
    return text;
  }

  #close(status: ItemStatus, signature?: Opaque): string {
    const open = this.#open;
    if (open === undefined) return '';
    this.#open = undefined;
    const { writer, index } = open;
    return this.#put(index, writer.kind === 'message' ? writer.end(status) : writer.end(signature));
  }

  #say(type: 'output_text' | 'refusal', text: string): string {
    const logprobs = this.#logprobs;
    this.#logprobs = [];
    const open = this.#open;
    if (open?.writer.kind === 'message' && !this.#isOver(open.index, open.writer)) {
      return open.writer.say(type, text, logprobs);
    }
    const closing = this.#close('completed');
    const place = this.#place('msg');
    const writer = new MessageWriter(place);
    this.#open = { index: place.index, writer };
    return closing + writer.begin() + writer.say(type, text, logprobs);
  }

  /** Whether the provider has begun another item, so that more text is another message. */
  #isOver(index: number, writer: MessageWriter): boolean {
    if (this.#rests.length <= this.#items) return false;
    return asArray(asObject(this.#rests[index])?.content).length <= writer.contents;
  }

  #reason(text: string): string {
    if (this.#open?.writer.kind === 'reasoning') return this.#open.writer.say(text);
    const closing = this.#close('completed');
    const place = this.#place('rs');
    const writer = new ReasoningWriter(place);
    this.#open = { index: place.index, writer };
    return closing + writer.begin() + writer.say(text);
  }

  /** Ends a content, or an item of reasoning. Texts have no signature here. */
  #endPart(signature: Opaque | undefined): string {
    if (this.#open?.writer.kind === 'message') return this.#open.writer.endContent();
    return this.#close('completed', signature);
  }

  #redacted(redacted: Opaque): string {
    const closing = this.#close('completed');
    const place = this.#place('rs');
    return closing + this.#put(place.index, writeWhole(place, reasoningItem(place, [], { redacted })));
  }

  #startCall({ index, id, name }: Extract<ChatEvent, { type: 'tool-call-start' }>): string {
    const closing = this.#close('completed');
    const place = this.#place('fc');
    const writer = new CallWriter(place, { id, name });
    this.#calls.set(index, { index: place.index, writer });
    return closing + writer.begin();
  }

  #endCall(index: number): string {
    const call = this.#calls.get(index);
    this.#calls.delete(index);
    return call === undefined ? '' : this.#put(call.index, call.writer.end());
  }

  #whole(item: JsonObject): string {
    const closing = this.#close('completed');
    const place = this.#place('msg');
    return closing + this.#put(place.index, writeWhole(place, item));
  }

  #endAll(reason: FinishReason, raw: string | undefined): string {
    const status = reason === 'length' || reason === 'content_filter' ? 'incomplete' : 'completed';
    const calls = [...this.#calls.keys()].map((index) => this.#endCall(index)).join('');
    this.#finish = encodeFinish(reason, raw);
    return this.#close(status) + calls;
  }

  #end(): string {
    const response = this.response();
    return this.#frames.frame(`response.${response.status === 'incomplete' ? 'incomplete' : 'completed'}`, {
      response,
    });
  }
}
