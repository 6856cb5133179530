import { errorBody } from '../../core/error-body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { refusalDetails } from './encode-response.ts';
import { encodeStopReason } from './finish-reason.ts';
import { encodeUsage } from './usage.ts';
import { dialect, ownValue } from './wire.ts';

/** A content block that has begun. Only the first one that has not ended is on the wire; later ones wait in `held`. */
interface Lane {
  readonly kind: 'text' | 'thinking' | 'tool';
  /** Number of the tool call; -1 for text and thinking. */
  readonly call: number;
  /** The block as it starts. */
  readonly block: JsonObject;
  held: string[];
  hasEnded: boolean;
}

const noUsage: Usage = { inputTokens: 0, outputTokens: 0 };

/**
 * The event grammar of https://platform.claude.com/docs/en/build-with-claude/streaming: blocks one after another, each
 * opened and closed. Parts that overlap (parallel tool calls) wait for the one before them to end.
 */
export class AnthropicStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #reply: ReplyContext;
  #isStarted = false;
  #isOver = false;
  /** Index of the block on the wire. */
  #index = 0;
  #lanes: Lane[] = [];
  #refusal = '';
  #citationLists = 0;
  #callers: JsonObject | undefined;
  #finish: Extract<ChatEvent, { type: 'finish' }> | undefined;
  #unknownReason: string | undefined;
  #answerFields: JsonObject = {};
  #usage: Usage | undefined;

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
        return this.#text(event.text);
      case 'reasoning-delta':
        return this.#thinking(event.text);
      case 'tool-call-delta':
        return this.#arguments(event.index, event.arguments);
      case 'tool-call-start':
        return this.#openToolCall(event);
      case 'tool-call-end':
        return this.#end((lane) => lane.call === event.index);
      case 'part-end':
        return this.#endPart(ownValue(event.signature));
      case 'reasoning-redacted':
        return this.#redacted(ownValue(event.redacted));
      case 'extension-part':
        return event.part.dialect === dialect ? this.#whole(event.part.data) : '';
      case 'extension':
        return event.dialect === dialect ? this.#extend(event.data, event.choice) : '';
      case 'refusal-delta':
        this.#refusal += event.text;
        return '';
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

  #start(id = ''): string {
    if (this.#isStarted) return '';
    this.#isStarted = true;
    const message = {
      id: id === '' ? this.#reply.fallbackId : id,
      type: 'message',
      role: 'assistant',
      model: this.#reply.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: encodeUsage(noUsage),
    };
    return frame('message_start', { type: 'message_start', message });
  }

  #text(text: string): string {
    const opened = this.#openPart('text', { type: 'text', text: '' });
    return opened + this.#deliver(this.#lanes.at(-1), `{"type":"text_delta","text":${JSON.stringify(text)}}`);
  }

  #thinking(text: string): string {
    const opened = this.#openPart('thinking', { type: 'thinking', thinking: '', signature: '' });
    if (text === '') return opened;
    return opened + this.#deliver(this.#lanes.at(-1), `{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
  }

  #arguments(call: number, text: string): string {
    const lane = this.#lanes.find((candidate) => candidate.call === call);
    return this.#deliver(lane, `{"type":"input_json_delta","partial_json":${JSON.stringify(text)}}`);
  }

  #openToolCall({ id, name, index }: Extract<ChatEvent, { type: 'tool-call-start' }>): string {
    const caller = this.#callers?.[id];
    const block = { type: 'tool_use', id, name, input: {}, ...(caller !== undefined && { caller }) };
    return this.#endPart(undefined) + this.#open({ kind: 'tool', call: index, block, held: [], hasEnded: false });
  }

  /** Opens a part unless the one that is open is of its kind. */
  #openPart(kind: 'text' | 'thinking', block: JsonObject): string {
    const last = this.#lanes.at(-1);
    if (last !== undefined && last.kind === kind && !last.hasEnded) return '';
    return this.#endPart(undefined) + this.#open({ kind, call: -1, block, held: [], hasEnded: false });
  }

  #open(lane: Lane): string {
    this.#lanes.push(lane);
    return this.#lanes.length === 1 ? this.#start() + this.#blockStart(lane) : '';
  }

  #deliver(lane: Lane | undefined, delta: string): string {
    if (lane === undefined) return '';
    if (lane === this.#lanes[0]) return this.#blockDelta(delta);
    lane.held.push(delta);
    return '';
  }

  #endPart(signature: string | undefined): string {
    const open = this.#lanes.at(-1);
    if (open === undefined || open.kind === 'tool' || open.hasEnded) return '';
    const signed =
      signature === undefined || open.kind !== 'thinking'
        ? ''
        : this.#deliver(open, `{"type":"signature_delta","signature":${JSON.stringify(signature)}}`);
    return signed + this.#end((lane) => lane === open);
  }

  /** Ends a lane. When it is the one on the wire, the next ones follow as far as they have come. */
  #end(isMeant: (lane: Lane) => boolean): string {
    const ended = this.#lanes.find((lane) => !lane.hasEnded && isMeant(lane));
    if (ended === undefined) return '';
    ended.hasEnded = true;
    let frames = '';
    while (this.#lanes[0]?.hasEnded === true) {
      this.#lanes.shift();
      frames += this.#blockStop();
      const next = this.#lanes[0];
      if (next === undefined) break;
      frames += this.#blockStart(next);
      for (const delta of next.held) frames += this.#blockDelta(delta);
      next.held = [];
    }
    return frames;
  }

  #redacted(data: string | undefined): string {
    return data === undefined ? '' : this.#whole({ type: 'redacted_thinking', data });
  }

  /** A block that comes at once. Its input is streamed as clients expect it: after the start, as JSON text. */
  #whole(data: JsonObject): string {
    const input = asObject(data.input);
    const block = input === undefined ? data : { ...data, input: {} };
    const lane: Lane = { kind: 'text', call: -1, block, held: [], hasEnded: false };
    const opened = this.#endPart(undefined) + this.#open(lane);
    const delta = { type: 'input_json_delta', partial_json: JSON.stringify(input) };
    const filled = input === undefined ? '' : this.#deliver(lane, JSON.stringify(delta));
    return opened + filled + this.#end((candidate) => candidate === lane);
  }

  #extend(data: JsonObject, choice: number | undefined): string {
    if (choice === undefined) {
      this.#answerFields = { ...this.#answerFields, ...data };
      return '';
    }
    this.#unknownReason = asString(data.stop_reason) ?? this.#unknownReason;
    this.#callers = asObject(data.callers) ?? this.#callers;
    return this.#cite(asArray(data.citations));
  }

  /** `lists` holds the citations of each text part so far; the last are those of the one that is open. */
  #cite(lists: readonly unknown[]): string {
    const open = this.#lanes.at(-1);
    if (lists.length <= this.#citationLists || open?.kind !== 'text' || open.hasEnded) return '';
    this.#citationLists = lists.length;
    return asArray(lists.at(-1))
      .map((citation) => this.#deliver(open, JSON.stringify({ type: 'citations_delta', citation })))
      .join('');
  }

  #stop(): string {
    let frames = this.#start();
    for (const lane of [...this.#lanes]) frames += this.#end((candidate) => candidate === lane);
    const { usage, stop_details: stopDetails, container, ...fields } = this.#answerFields;
    const details = stopDetails ?? (this.#refusal === '' ? undefined : refusalDetails(this.#refusal));
    const delta = {
      stop_reason: this.#unknownReason ?? this.#stopReason(),
      stop_sequence: this.#finish?.stopSequence ?? null,
      ...(details !== undefined && { stop_details: details }),
      ...(container !== undefined && { container }),
    };
    const counts = { ...encodeUsage(this.#usage ?? noUsage), ...asObject(usage) };
    frames += frame('message_delta', { type: 'message_delta', delta, usage: counts, ...fields });
    this.#isOver = true;
    return frames + frame('message_stop', { type: 'message_stop' });
  }

  fail(error: GatewayError): string {
    return frame('error', errorBody(error, 'anthropic-messages'));
  }

  #stopReason(): string {
    return encodeStopReason({
      reason: this.#finish?.reason ?? 'stop',
      rawReason: this.#finish?.rawReason,
      stopSequence: this.#finish?.stopSequence,
      refusal: this.#refusal,
    });
  }

  #blockStart({ block }: Lane): string {
    return frame('content_block_start', { type: 'content_block_start', index: this.#index, content_block: block });
  }

  #blockDelta(delta: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${delta}}\n\n`;
  }

  #blockStop(): string {
    const index = this.#index++;
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
  }
}

function frame(event: string, data: JsonObject): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
