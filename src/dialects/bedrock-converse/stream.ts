import { asObject, asString, isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { malformed } from '../malformed-event.ts';
import { otherMembers } from '../other-members.ts';
import { parseFrame } from '../parse-frame.ts';
import { decodeExceptionFrame } from './error.ts';
import { decodeStopReason } from './finish-reason.ts';
import { answerExtensions, choiceExtensions, stopSequenceOf } from './response.ts';
import { BlockReader } from './stream-blocks.ts';
import { decodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

/** `p` is padding that hides how long the rest is. */
const endKeys: ReadonlySet<string> = new Set(['p', 'stopReason', 'usage']);

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 *
 * `metadata`, which has the counts, comes last; where it came before the stop reason, the stream ends with the connection.
 */
export class BedrockStreamDecoder implements StreamDecoder {
  readonly #blocks = new BlockReader();
  #isStarted = false;
  #stop: JsonObject | undefined;
  /** Fields of `messageStop` and `metadata`; of each, the last value counts. */
  #answer: JsonObject = {};
  #usage: JsonObject = {};
  #isOver = false;
  usageReports = 0;

  push({ event, data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#isOver || event === undefined) return false;
    const fault = /^(?:exception|error):/.test(event)
      ? decodeExceptionFrame(event, data)
      : this.#event(event, data, out);
    if (fault !== undefined) {
      out.push({ type: 'error', fault });
      this.#isOver = true;
    }
    return false;
  }

  get usageSoFar(): Usage | undefined {
    return decodeUsage(this.#usage);
  }

  /** A stream without `messageStop` was cut. */
  end(out: ChatEvent[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#stop === undefined) this.#pushUsage(out);
    else this.#finish(this.#stop, out);
  }

  #event(event: string, data: string, out: ChatEvent[]): UpstreamFault | undefined {
    if (!known.has(event)) return undefined;
    const body = asObject(parseFrame(data));
    if (body === undefined) return malformed('it is no JSON object');
    if (!this.#isStarted) {
      this.#isStarted = true;
      out.push({ type: 'start', id: '', model: '' });
    }
    return this.#read(event, body, out);
  }

  #read(event: string, body: JsonObject, out: ChatEvent[]): UpstreamFault | undefined {
    switch (event) {
      case 'contentBlockDelta':
        return this.#blocks.continue(body, out);
      case 'contentBlockStart':
        return this.#blocks.start(body, out);
      case 'contentBlockStop':
        this.#blocks.stop(body, out);
        return undefined;
      case 'messageStop':
        this.#stop = body;
        this.#keep(body);
        return undefined;
      case 'metadata':
        this.#keep(body);
        if (this.#stop === undefined) return undefined;
        this.#finish(this.#stop, out);
        this.#isOver = true;
        return undefined;
      default:
        return undefined;
    }
  }

  #keep(body: JsonObject): void {
    this.#answer = { ...this.#answer, ...otherMembers(body, endKeys) };
    this.#usage = { ...this.#usage, ...asObject(body.usage) };
    if (isJsonObject(body.usage)) this.usageReports += 1;
  }

  #finish(stop: JsonObject, out: ChatEvent[]): void {
    const raw = asString(stop.stopReason);
    const stopSequence = stopSequenceOf(stop.additionalModelResponseFields);
    this.#blocks.end(out);
    const ofChoice = choiceExtensions([], raw);
    const ofAnswer = answerExtensions(this.#answer, this.#usage);
    if (ofChoice !== undefined) out.push({ type: 'extension', choice: 0, dialect, data: ofChoice });
    if (ofAnswer !== undefined) out.push({ type: 'extension', dialect, data: ofAnswer });
    out.push({
      type: 'finish',
      choice: 0,
      reason: decodeStopReason(raw, this.#blocks.toolCallCount),
      ...(raw !== undefined && { rawReason: raw }),
      ...(stopSequence !== undefined && { stopSequence }),
    });
    this.#pushUsage(out);
    out.push({ type: 'done' });
  }

  #pushUsage(out: ChatEvent[]): void {
    const usage = decodeUsage(this.#usage);
    if (usage !== undefined) out.push({ type: 'usage', usage });
  }
}

const known: ReadonlySet<string> = new Set([
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
]);
