import { errorBody } from '../../core/error-body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import type { ChatEvent, Opaque } from '../canonical.ts';
import type { ReplyContext, StreamEncoder } from '../dialect.ts';
import { ChoiceEncoder } from './choice-encoder.ts';
import { encodeUsage } from './usage.ts';
import { emptyObject } from './wire.ts';

/**
 * Writes chunks: https://platform.openai.com/docs/api-reference/chat-streaming. Everything that is the same in all
 * chunks of a stream is put into text once.
 */
export class OpenAIStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #reply: ReplyContext;
  readonly #choices = new Map<number, ChoiceEncoder>();
  #head = '';
  /** Members of the answer that stand in every chunk, as `,"member":value`. */
  #words = '';
  readonly #wordMembers = emptyObject();
  /** Members of the answer that stand in the next chunk only. */
  #objects = '';
  #originalUsage: JsonObject | undefined;
  readonly #tail: string;

  constructor(reply: ReplyContext) {
    this.#reply = reply;
    this.#tail = reply.includeUsage ? ',"usage":null}\n\n' : '}\n\n';
  }

  encode(event: ChatEvent): string {
    switch (event.type) {
      case 'text-delta':
        return this.#text(event.choice, event.text);
      case 'start':
        this.#start(event.id, event.created);
        return '';
      case 'extension':
        this.#extension(event);
        return '';
      case 'usage':
        return this.#reply.includeUsage ? this.#usage(encodeUsage(event.usage, this.#originalUsage)) : '';
      case 'done':
        return 'data: [DONE]\n\n';
      case 'error':
        return '';
      case 'logprobs':
        this.#choice(event.choice).noteLogprobs(event.logprobs);
        return '';
      case 'reasoning-redacted':
        return this.#redacted(event.choice, event.redacted);
      default: {
        const choice = this.#choice(event.choice);
        return this.#chunks(choice, choice.encode(event));
      }
    }
  }

  fail(error: GatewayError): string {
    return `data: ${JSON.stringify(errorBody(error, 'openai-chat'))}\n\n`;
  }

  #start(id: string, created: number | undefined): void {
    const { model, fallbackId, created: now } = this.#reply;
    const identity = {
      id: id === '' ? fallbackId : id,
      object: 'chat.completion.chunk',
      created: created ?? now,
      model,
    };
    this.#head = `data: ${JSON.stringify(identity).slice(0, -1)}`;
  }

  #choice(index: number): ChoiceEncoder {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new ChoiceEncoder(index);
      this.#choices.set(index, choice);
    }
    return choice;
  }

  #text(index: number, text: string): string {
    const choice = this.#choice(index);
    return this.#chunk(choice, choice.text(text));
  }

  #redacted(index: number, redacted: Opaque): string {
    const choice = this.#choice(index);
    return this.#chunks(choice, choice.redacted(redacted));
  }

  #chunks(choice: ChoiceEncoder, bodies: readonly string[]): string {
    let text = '';
    for (const body of bodies) text += this.#chunk(choice, body);
    return text;
  }

  /** A chunk with one choice, given as the text after `"index":n,`. */
  #chunk(choice: ChoiceEncoder, body: string): string {
    if (body === '') return '';
    return `${this.#head}${this.#takeMembers()},"choices":[{"index":${choice.index},${body}}]${this.#tail}`;
  }

  #usage(usage: JsonObject): string {
    return `${this.#head}${this.#takeMembers()},"choices":[],"usage":${JSON.stringify(usage)}}\n\n`;
  }

  #takeMembers(): string {
    if (this.#objects === '') return this.#words;
    const members = this.#words + this.#objects;
    this.#objects = '';
    return members;
  }

  #extension({ choice, dialect, data }: Extract<ChatEvent, { type: 'extension' }>): void {
    if (dialect !== 'openai-chat') return;
    if (choice !== undefined) {
      this.#choice(choice).noteMembers(data);
      return;
    }
    for (const [key, value] of Object.entries(data)) {
      if (key === 'usage') this.#originalUsage = asObject(value);
      else if (typeof value === 'object' && value !== null) this.#objects += `,${memberText(key, value)}`;
      else this.#wordMembers[key] = value;
    }
    this.#words = membersText(this.#wordMembers);
  }
}

function membersText(members: JsonObject): string {
  return Object.entries(members)
    .map(([key, value]) => `,${memberText(key, value)}`)
    .join('');
}

function memberText(key: string, value: unknown): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}
