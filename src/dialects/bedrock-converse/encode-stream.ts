import { bedrockErrorType, errorBody } from '../../core/error-body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import { awsEventStream, eventFrame, exceptionFrame } from '../../wire/aws-event-stream-framing.ts';
import type { ChatEvent } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { BlockLanes, newLane } from './block-lanes.ts';
import { latencyOf } from './encode-response.ts';
import { encodeStopReason } from './finish-reason.ts';
import { encodeUsage } from './usage.ts';
import { wholeBlock } from './whole-block.ts';
import { dialect, ownValue } from './wire.ts';

const noUsage: Usage = { inputTokens: 0, outputTokens: 0 };

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
export class BedrockStreamEncoder implements StreamEncoder {
  readonly contentType = awsEventStream.mediaType;
  readonly #reply: ReplyContext;
  readonly #lanes = new BlockLanes();
  #state: 'unstarted' | 'started' | 'over' = 'unstarted';
  #citationLists = 0;
  #finish: Extract<ChatEvent, { type: 'finish' }> | undefined;
  #unknownReason: string | undefined;
  #answerFields: JsonObject = {};
  #usage: Usage | undefined;

  constructor(reply: ReplyContext) {
    this.#reply = reply;
  }

  encode(event: ChatEvent): Uint8Array | '' {
    // A message is one choice, and nothing follows its end.
    if (this.#state === 'over' || ('choice' in event && (event.choice ?? 0) !== 0)) return '';
    const frames: Uint8Array[] = [];
    this.#encode(event, frames);
    const [first] = frames;
    if (first === undefined) return '';
    return frames.length === 1 ? first : Buffer.concat(frames);
  }

  fail(error: GatewayError): Uint8Array {
    return exceptionFrame(exceptionType(error), JSON.stringify(errorBody(error, dialect)));
  }

  #encode(event: ChatEvent, frames: Uint8Array[]): void {
    switch (event.type) {
      case 'start':
        this.#start(frames);
        return;
      case 'text-delta':
      case 'refusal-delta':
        this.#say('text', event.text === '' ? undefined : `{"text":${JSON.stringify(event.text)}}`, frames);
        return;
      case 'reasoning-delta':
        this.#say('reasoning', event.text === '' ? undefined : reasoningDelta('text', event.text), frames);
        return;
      case 'part-end':
        this.#endPart(ownValue(event.signature), frames);
        return;
      case 'reasoning-redacted':
        this.#redacted(ownValue(event.redacted), frames);
        return;
      case 'tool-call-start':
        this.#begin(newLane('tool', { toolUse: { toolUseId: event.id, name: event.name } }, event.index), frames);
        return;
      case 'tool-call-delta':
        this.#lanes.deliver(this.#lanes.ofCall(event.index), inputDelta(event.arguments), frames);
        return;
      case 'tool-call-end':
        this.#lanes.end(this.#lanes.ofCall(event.index), frames);
        return;
      case 'extension-part':
        if (event.part.dialect === dialect) this.#whole(event.part.data, frames);
        return;
      case 'extension':
        if (event.dialect === dialect) this.#extend(event.data, event.choice, frames);
        return;
      case 'finish':
        this.#finish = event;
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'done':
        this.#stop(frames);
        return;
      case 'logprobs':
      case 'error':
        return;
    }
  }

  #start(frames: Uint8Array[]): void {
    if (this.#state !== 'unstarted') return;
    this.#state = 'started';
    frames.push(eventFrame('messageStart', '{"role":"assistant"}'));
  }

  #begin(lane: ReturnType<typeof newLane>, frames: Uint8Array[]): void {
    this.#start(frames);
    this.#endPart(undefined, frames);
    this.#lanes.begin(lane, frames);
  }

  /** Continues the block of its kind, or begins one. */
  #say(kind: 'text' | 'reasoning', delta: string | undefined, frames: Uint8Array[]): void {
    if (this.#lanes.open?.kind !== kind) this.#begin(newLane(kind), frames);
    if (delta !== undefined) this.#lanes.deliver(this.#lanes.open, delta, frames);
  }

  #endPart(signature: string | undefined, frames: Uint8Array[]): void {
    const { open } = this.#lanes;
    if (open === undefined || open.kind === 'tool') return;
    if (signature !== undefined && open.kind === 'reasoning') {
      this.#lanes.deliver(open, reasoningDelta('signature', signature), frames);
    }
    this.#lanes.end(open, frames);
  }

  #redacted(redactedContent: string | undefined, frames: Uint8Array[]): void {
    if (redactedContent === undefined) return;
    const lane = newLane('whole');
    this.#begin(lane, frames);
    this.#lanes.deliver(lane, reasoningDelta('redactedContent', redactedContent), frames);
    this.#lanes.end(lane, frames);
  }

  #whole(data: JsonObject, frames: Uint8Array[]): void {
    const { start, deltas } = wholeBlock(data);
    const lane = newLane('whole', start);
    this.#begin(lane, frames);
    for (const delta of deltas) this.#lanes.deliver(lane, JSON.stringify(delta), frames);
    this.#lanes.end(lane, frames);
  }

  #extend(data: JsonObject, choice: number | undefined, frames: Uint8Array[]): void {
    if (choice === undefined) {
      this.#answerFields = { ...this.#answerFields, ...data };
      return;
    }
    this.#unknownReason = asString(data.stopReason) ?? this.#unknownReason;
    this.#cite(asArray(data.citations), frames);
  }

  /** `lists` holds the citations of each text part so far; the last are those of the one that is open. */
  #cite(lists: readonly unknown[], frames: Uint8Array[]): void {
    const { open } = this.#lanes;
    if (lists.length <= this.#citationLists || open?.kind !== 'text') return;
    this.#citationLists = lists.length;
    for (const citation of asArray(lists.at(-1))) this.#lanes.deliver(open, JSON.stringify({ citation }), frames);
  }

  /** What was never begun was said by the provider itself, whose frames went on as they were. */
  #stop(frames: Uint8Array[]): void {
    if (this.#state !== 'started') return;
    this.#state = 'over';
    this.#lanes.endAll(frames);
    const { usage, additionalModelResponseFields, ...fields } = this.#answerFields;
    const stopReason = this.#unknownReason ?? this.#stopReason();
    const stop = { stopReason, ...(additionalModelResponseFields !== undefined && { additionalModelResponseFields }) };
    const metadata = {
      usage: { ...encodeUsage(this.#usage ?? noUsage), ...asObject(usage) },
      metrics: { latencyMs: latencyOf(this.#reply) },
      ...fields,
    };
    frames.push(eventFrame('messageStop', JSON.stringify(stop)), eventFrame('metadata', JSON.stringify(metadata)));
  }

  #stopReason(): string {
    return encodeStopReason({
      reason: this.#finish?.reason ?? 'stop',
      rawReason: this.#finish?.rawReason,
      stopSequence: this.#finish?.stopSequence,
    });
  }
}

function reasoningDelta(member: 'text' | 'signature' | 'redactedContent', value: string): string {
  return `{"reasoningContent":{"${member}":${JSON.stringify(value)}}}`;
}

function inputDelta(text: string): string {
  return `{"toolUse":{"input":${JSON.stringify(text)}}}`;
}

/** The failures a stream has a frame for; a client raises no class of its own for any other. */
function exceptionType(error: GatewayError): string {
  switch (bedrockErrorType(error)) {
    case 'ThrottlingException':
      return 'throttlingException';
    case 'ServiceUnavailableException':
      return 'serviceUnavailableException';
    case 'InternalServerException':
      return 'internalServerException';
    case 'ModelErrorException':
    case 'ModelTimeoutException':
      return 'modelStreamErrorException';
    default:
      return 'validationException';
  }
}
