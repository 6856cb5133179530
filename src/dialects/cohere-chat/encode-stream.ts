import type { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { type Lane, Lanes } from './lanes.ts';
import { encodeLogprobs } from './logprobs.ts';
import { frame } from './stream-frames.ts';
import { encodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

/**
 * The events of https://docs.cohere.com/docs/streaming: parts one after another, each opened and closed, but for a plan,
 * which only has deltas. Content and tool calls are numbered apart.
 */
export class CohereStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #reply: ReplyContext;
  readonly #lanes = new Lanes();
  #isStarted = false;
  #isOver = false;
  /** Whether the next reasoning is a plan. */
  #planAhead = false;
  #citations = 0;
  #finish: Extract<ChatEvent, { type: 'finish' }> | undefined;
  #usage: Usage | undefined;
  #answerFields: JsonObject = {};

  constructor(reply: ReplyContext) {
    this.#reply = reply;
  }

  encode(event: ChatEvent): string {
    // A message is one choice, and nothing follows its end.
    if (this.#isOver || ('choice' in event && (event.choice ?? 0) !== 0)) return '';
    switch (event.type) {
      case 'start':
        return this.#start(event.id);
      case 'text-delta':
      case 'refusal-delta':
        return this.#say('text', event.text);
      case 'reasoning-delta':
        return this.#reason(event.text);
      case 'tool-call-delta':
        return this.#lanes.deliverCall(event.index, event.arguments);
      case 'tool-call-start':
        return this.#start() + this.#lanes.openCall(event.index, event.id, event.name);
      case 'tool-call-end':
        return this.#lanes.endCall(event.index);
      case 'part-end':
        return this.#lanes.endPart();
      case 'extension-part':
        return event.part.dialect === dialect ? this.#start() + this.#lanes.whole(event.part.data) : '';
      case 'extension':
        return event.dialect === dialect ? this.#extend(event.data, event.choice) : '';
      case 'logprobs':
        return this.#logprobs(event.logprobs);
      case 'finish':
        this.#finish = event;
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'done':
        return this.#stop();
      default:
        return '';
    }
  }

  /**
   * The API's own word for an answer that failed. Its clients take it for an end, and raise an error because the
   * connection breaks behind it: so no `[DONE]`, at which they stop reading.
   */
  fail(error: GatewayError): string {
    const delta = { finish_reason: 'ERROR', usage: {}, error: error.message, error_type: error.code };
    return frame('message-end', { delta });
  }

  #start(id = ''): string {
    if (this.#isStarted) return '';
    this.#isStarted = true;
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
    return frame('message-start', { id: id === '' ? this.#reply.fallbackId : id, delta: { message } });
  }

  #reason(text: string): string {
    if (text === '') return '';
    const isPlan = this.#planAhead || this.#lanes.openPart === 'plan';
    this.#planAhead = false;
    return this.#say(isPlan ? 'plan' : 'thinking', text);
  }

  #say(kind: Exclude<Lane['kind'], 'tool'>, text: string): string {
    return text === '' ? '' : this.#start() + this.#lanes.say(kind, text);
  }

  #extend(data: JsonObject, choice: number | undefined): string {
    if (choice === undefined) {
      this.#answerFields = { ...this.#answerFields, ...data };
      return '';
    }
    if (data.tool_plan === true && !this.#lanes.hadPlan) this.#planAhead = true;
    return this.#cite(asArray(data.citations));
  }

  /** `citations` holds all so far. */
  #cite(citations: readonly JsonValue[]): string {
    let frames = '';
    for (const citation of citations.slice(this.#citations)) {
      const index = this.#citations++;
      const delta = { message: { citations: citation } };
      frames += this.#lanes.aside(frame('citation-start', { index, delta }) + frame('citation-end', { index }));
    }
    return frames === '' ? '' : this.#start() + frames;
  }

  /** They travel beside text; without a text to stand beside there is no place for them. */
  #logprobs(logprobs: JsonObject): string {
    if (this.#lanes.openPart !== 'text') return '';
    return encodeLogprobs(logprobs)
      .map((item) => this.#lanes.say('text', '', item))
      .join('');
  }

  #stop(): string {
    const frames = this.#start() + this.#lanes.endAll();
    this.#isOver = true;
    const { usage, ...fields } = this.#answerFields;
    const delta = {
      finish_reason: encodeFinishReason({
        reason: this.#finish?.reason ?? 'stop',
        rawReason: this.#finish?.rawReason,
        stopSequence: this.#finish?.stopSequence,
      }),
      ...(this.#usage !== undefined && { usage: encodeUsage(this.#usage, asObject(usage)) }),
      ...fields,
    };
    return `${frames}${frame('message-end', { delta })}data: [DONE]\n\n`;
  }
}
