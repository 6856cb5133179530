import { asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { malformed } from '../malformed-event.ts';
import { givenMembers } from '../other-members.ts';
import { parseFrame } from '../parse-frame.ts';
import { decodeErrorObject } from './error.ts';
import { decodeStopReason } from './finish-reason.ts';
import { answerExtensions, choiceExtensions, refusalText } from './response.ts';
import { BlockReader } from './stream-blocks.ts';
import { decodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

const endKeys: ReadonlySet<string> = new Set(['stop_reason', 'stop_sequence']);
const messageDeltaKeys: ReadonlySet<string> = new Set(['type', 'delta', 'usage']);
const noKeys: ReadonlySet<string> = new Set();

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export class AnthropicStreamDecoder implements StreamDecoder {
  readonly #blocks = new BlockReader();
  #isStarted = false;
  #isFinished = false;
  #isOver = false;
  /** Fields of `message_start` and `message_delta`; of each, the last value counts. */
  #message: JsonObject = {};
  #usage: JsonObject = {};
  usageReports = 0;

  push({ event, data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#isOver || data === '' || data === '[DONE]' || event === 'ping') return false;
    const body = asObject(parseFrame(data));
    const fault = body === undefined ? malformed('it is no JSON object') : this.#read(body, body.type ?? event, out);
    if (fault !== undefined) {
      out.push({ type: 'error', fault });
      this.#isOver = true;
    }
    return false;
  }

  get usageSoFar(): Usage | undefined {
    return decodeUsage(this.#usage);
  }

  /** A stream without `message_stop` was cut: what it reported of usage is all there is. */
  end(out: ChatEvent[]): void {
    if (this.#isFinished && !this.#isOver) this.#pushUsage(out);
    this.#isOver = true;
  }

  #read(body: JsonObject, type: JsonValue | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    switch (type) {
      case 'content_block_delta':
        return this.#blocks.continue(body, out);
      case 'content_block_start':
        return this.#blocks.start(body, out);
      case 'content_block_stop':
        this.#blocks.stop(body, out);
        return undefined;
      case 'message_start':
        return this.#start(body, out);
      case 'message_delta':
        this.#finish(body, out);
        return undefined;
      case 'message_stop':
        this.#stop(out);
        return undefined;
      case 'error':
        return decodeErrorObject(body);
      default:
        // Pings, and whatever the API adds: https://platform.claude.com/docs/en/build-with-claude/streaming#other-events
        return undefined;
    }
  }

  #start({ message }: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    if (!isJsonObject(message)) return malformed('message_start has no message');
    this.#message = message;
    this.#usage = asObject(message.usage) ?? {};
    if (this.#isStarted) return undefined;
    this.#isStarted = true;
    out.push({ type: 'start', id: asString(message.id) ?? '', model: asString(message.model) ?? '' });
    return undefined;
  }

  /** The answer's end. Counts come again here, complete, and replace those of `message_start` one by one. */
  #finish(body: JsonObject, out: ChatEvent[]): void {
    const delta = asObject(body.delta) ?? {};
    this.#usage = { ...this.#usage, ...givenMembers(asObject(body.usage) ?? {}, noKeys) };
    if (isJsonObject(body.usage)) this.usageReports += 1;
    this.#message = { ...this.#message, ...givenMembers(body, messageDeltaKeys), ...givenMembers(delta, endKeys) };
    const raw = asString(delta.stop_reason);
    if (raw === undefined || this.#isFinished) return;
    this.#isFinished = true;
    this.#pushEnd(raw, asString(delta.stop_sequence), out);
  }

  #pushEnd(raw: string, stopSequence: string | undefined, out: ChatEvent[]): void {
    const refusal = refusalText(this.#message.stop_details);
    const ofChoice = choiceExtensions([], {}, raw);
    const ofAnswer = answerExtensions(this.#message, this.#usage);
    if (refusal !== '') out.push({ type: 'refusal-delta', choice: 0, text: refusal }, { type: 'part-end', choice: 0 });
    if (ofChoice !== undefined) out.push({ type: 'extension', choice: 0, dialect, data: ofChoice });
    if (ofAnswer !== undefined) out.push({ type: 'extension', dialect, data: ofAnswer });
    out.push({
      type: 'finish',
      choice: 0,
      reason: decodeStopReason(raw, this.#blocks.toolCallCount),
      rawReason: raw,
      ...(stopSequence !== undefined && { stopSequence }),
    });
  }

  /** `message_stop` without a reason before it ends nothing: the stream counts as cut. */
  #stop(out: ChatEvent[]): void {
    if (!this.#isFinished) return;
    this.#pushUsage(out);
    out.push({ type: 'done' });
    this.#isOver = true;
  }

  #pushUsage(out: ChatEvent[]): void {
    const usage = decodeUsage(this.#usage);
    if (usage !== undefined) out.push({ type: 'usage', usage });
  }
}
