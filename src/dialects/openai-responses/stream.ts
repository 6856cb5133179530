import { asObject, asString, isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { parseFrame } from '../parse-frame.ts';
import { eventFault, responseFault } from './error.ts';
import { decodeFinish } from './finish-reason.ts';
import { type ItemDecoder, itemDecoder } from './item-decoder.ts';
import { isCall, restOfItem } from './output-items.ts';
import { createdAt, itemsOf, ownMembers } from './response.ts';
import { decodeUsage } from './usage.ts';

const choice = 0;

const malformed: UpstreamFault = {
  kind: 'invalid_response',
  message: 'A frame of the stream could not be read.',
  code: 'malformed_frame',
};

/**
 * https://platform.openai.com/docs/api-reference/responses-streaming
 *
 * What an event means is in its `type`; some providers send no `event:` lines, some add `[DONE]`.
 */
export class ResponsesStreamDecoder implements StreamDecoder {
  /** By `output_index`; null once an item is done. */
  readonly #items = new Map<number, ItemDecoder | null>();
  /** What the items say beyond their parts, in the order in which they began. */
  readonly #rests: JsonObject[] = [];
  #started = false;
  #over = false;
  #calls = 0;
  #hasCall = false;
  #doneItems = 0;
  #out: ChatEvent[] = [];
  /** Usage is cumulative wherever it stands. */
  #usage: JsonObject | undefined;
  usageReports = 0;

  push({ event, data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#over || data === '' || data === '[DONE]') return false;
    this.#out = out;
    const body = parseFrame(data);
    if (isJsonObject(body)) this.#event(body, event);
    // Frames of other kinds (`event: ping`) need not be JSON.
    else if (event === undefined || event === 'message' || event.startsWith('response.')) this.#fail(malformed);
    else if (event === 'error') this.#fail({ kind: 'server_error', message: '' });
    return false;
  }

  /** A stream that ends without its last event was cut. */
  end(): void {
    this.#over = true;
  }

  get usageSoFar(): Usage | undefined {
    return this.#usage && decodeUsage(this.#usage);
  }

  #event(body: JsonObject, name: string | undefined): void {
    const type = asString(body.type) ?? name;
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#noteUsage(asObject(body.response) ?? {});
        this.#start(asObject(body.response) ?? {});
        return;
      case 'response.output_item.added':
        this.#add(indexOf(body), asObject(body.item) ?? {});
        return;
      case 'response.output_item.done':
        this.#done(indexOf(body), asObject(body.item) ?? {});
        return;
      case 'response.completed':
      case 'response.incomplete':
        this.#complete(asObject(body.response) ?? {});
        return;
      case 'response.failed':
      case 'response.cancelled':
        this.#fail(responseFault(asObject(body.response) ?? {}) ?? { kind: 'server_error', message: '' });
        return;
      case 'error':
        this.#fail(eventFault(body));
        return;
      default:
        if (typeof body.output_index === 'number') this.#items.get(body.output_index)?.event(body);
        else if (type === undefined && isJsonObject(body.error)) this.#fail(eventFault(body));
    }
  }

  #start(response: JsonObject): void {
    if (this.#started) return;
    this.#started = true;
    const id = asString(response.id) ?? '';
    const model = asString(response.model) ?? '';
    const created = createdAt(response);
    this.#out.push(created === undefined ? { type: 'start', id, model } : { type: 'start', id, model, created });
    const data = ownMembers(response, undefined);
    if (Object.keys(data).length > 0) this.#out.push({ type: 'extension', dialect: 'openai-responses', data });
  }

  #add(index: number, item: JsonObject): void {
    // Some servers give every item the same place: what begins after another is done is a new one.
    if (this.#items.get(index)) return;
    const place = this.#rests.length;
    const listener = {
      onRest: (rest: JsonObject): void => this.#noteRest(place, rest),
      emit: (event: ChatEvent): void => void this.#out.push(event),
    };
    this.#noteRest(place, restOfItem(item));
    if (isCall(item)) this.#hasCall = true;
    this.#items.set(index, itemDecoder(item, listener, this.#calls));
    if (item.type === 'function_call') this.#calls += 1;
  }

  #noteRest(place: number, rest: JsonObject): void {
    this.#rests[place] = rest;
    this.#out.push({ type: 'extension', choice, dialect: 'openai-responses', data: { items: [...this.#rests] } });
  }

  #done(index: number, item: JsonObject): void {
    this.#add(index, item);
    this.#items.get(index)?.done(item);
    this.#items.set(index, null);
    this.#doneItems += 1;
  }

  #complete(response: JsonObject): void {
    const fault = responseFault(response);
    if (fault !== undefined) {
      this.#fail(fault);
      return;
    }
    this.#start(response);
    const told = this.#doneItems;
    itemsOf(response).forEach((item, index) => {
      if (index >= told && this.#items.get(index) !== null) this.#done(index, item);
    });
    this.#noteUsage(response);
    const usage = asObject(response.usage);
    const data = ownMembers(response, usage);
    if (Object.keys(data).length > 0) this.#out.push({ type: 'extension', dialect: 'openai-responses', data });
    const { reason, raw } = decodeFinish(response, this.#hasCall);
    this.#out.push({ type: 'finish', choice, reason, rawReason: raw });
    const counts = usage === undefined ? undefined : decodeUsage(usage);
    if (counts !== undefined) this.#out.push({ type: 'usage', usage: counts });
    this.#out.push({ type: 'done' });
    this.#over = true;
  }

  #noteUsage({ usage }: JsonObject): void {
    if (!isJsonObject(usage)) return;
    this.#usage = usage;
    this.usageReports += 1;
  }

  #fail(fault: UpstreamFault): void {
    this.#over = true;
    this.#out.push({ type: 'error', fault });
  }
}

function indexOf(event: JsonObject): number {
  return typeof event.output_index === 'number' ? event.output_index : 0;
}
