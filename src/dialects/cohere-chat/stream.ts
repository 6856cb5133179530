import { asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { malformed } from '../malformed-event.ts';
import { givenMembers } from '../other-members.ts';
import { parseFrame } from '../parse-frame.ts';
import { decodeErrorBody, decodeFailure } from './error.ts';
import { decodeFinishReason, isFailure } from './finish-reason.ts';
import { answerExtensions } from './response.ts';
import { StreamParts } from './stream-parts.ts';
import { decodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

const endKeys: ReadonlySet<string> = new Set(['finish_reason', 'usage', 'error', 'error_type']);

/**
 * https://docs.cohere.com/docs/streaming. `message-end` is the last event the API documents; the `[DONE]` behind it may
 * be missing.
 */
export class CohereStreamDecoder implements StreamDecoder {
  readonly #parts = new StreamParts();
  #isStarted = false;
  #isFinished = false;
  #isOver = false;
  #usage: JsonObject | undefined;
  usageReports = 0;

  push({ event, data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#isOver || data === '') return false;
    if (data === '[DONE]') {
      this.end(out);
      return false;
    }
    const body = asObject(parseFrame(data));
    const fault = body === undefined ? malformed('it is no JSON object') : this.#read(body, body.type ?? event, out);
    if (fault !== undefined) {
      out.push({ type: 'error', fault });
      this.#isOver = true;
    }
    return false;
  }

  get usageSoFar(): Usage | undefined {
    return this.#usage && decodeUsage(this.#usage);
  }

  /** A stream without `message-end` was cut. */
  end(out: ChatEvent[]): void {
    if (this.#isFinished && !this.#isOver) {
      const usage = this.usageSoFar;
      if (usage !== undefined) out.push({ type: 'usage', usage });
      out.push({ type: 'done' });
    }
    this.#isOver = true;
  }

  #read(body: JsonObject, type: JsonValue | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    if (type === 'message-end') return this.#end(body, out);
    if (type === 'message-start') {
      this.#start(asString(body.id) ?? '', out);
      return undefined;
    }
    // A failure that is no event: what a proxy sends in place of one.
    if (type === undefined && (typeof body.message === 'string' || isJsonObject(body.error))) {
      return decodeErrorBody(body);
    }
    // Anything after the end, events for debugging, and whatever the API adds.
    return this.#isFinished ? undefined : this.#parts.read(body, type, out);
  }

  #start(id: string, out: ChatEvent[]): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    out.push({ type: 'start', id, model: '' });
  }

  /** Of several reports of usage the last one counts. */
  #end(body: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    const delta = asObject(body.delta);
    if (delta === undefined) return malformed('message-end has no delta');
    const raw = asString(delta.finish_reason);
    if (isFailure(raw) || typeof delta.error === 'string') return decodeFailure(delta);
    if (isJsonObject(delta.usage)) {
      this.#usage = delta.usage;
      this.usageReports += 1;
    }
    if (raw === undefined || this.#isFinished) return undefined;
    this.#isFinished = true;
    this.#start(asString(body.id) ?? '', out);
    this.#parts.close(out);
    const data = answerExtensions(givenMembers(delta, endKeys), this.#usage);
    if (data !== undefined) out.push({ type: 'extension', dialect, data });
    out.push({
      type: 'finish',
      choice: 0,
      reason: decodeFinishReason(raw, this.#parts.toolCallCount),
      rawReason: raw,
    });
    return undefined;
  }
}
