import type { ChatEvent, Part } from '../dialects/canonical.ts';
import { estimateTextTokens } from '../dialects/token-estimate/text-tokens.ts';
import { type Tokenizer, tokenizerOf } from '../dialects/token-estimate/tokenizer.ts';

/** Characters that are kept for the estimate; what comes after is taken to be alike. Every open stream holds this much. */
const keptLength = 8 * 1024;

/**
 * How much a model has generated, as far as it was delivered: what stands in for a provider's count where there is none.
 * Reasoning that a provider keeps to itself is not in it.
 */
export class OutputMeter {
  readonly #model: string;
  /** Found when somebody asks for tokens: of most answers the provider says how many there are. */
  #tokenizer: Tokenizer | undefined;
  #text = '';
  #length = 0;
  #toolCalls = 0;
  /** Of the text, what the provider has counted. */
  #counted = 0;
  #estimated = -1;
  #tokens = 0;

  /** @param model the provider's name of it */
  constructor(model: string) {
    this.#model = model;
  }

  /** What a step of a stream adds. */
  event(event: ChatEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
        this.#add(event.text);
        return;
      case 'tool-call-start':
        this.#toolCalls += 1;
        this.#add(event.name);
        return;
      case 'tool-call-delta':
        this.#add(event.arguments);
        return;
      default:
    }
  }

  part(part: Part): void {
    if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') {
      this.#add(part.text);
    } else if (part.type === 'tool-call') {
      this.#toolCalls += 1;
      this.#add(part.name + part.arguments);
    }
  }

  /** Characters so far. */
  get length(): number {
    return this.#length;
  }

  /** Tokens so far at the very most: no text has more than bytes, which are at most three for a UTF-16 unit. */
  get atMost(): number {
    return this.#inModelTokens(this.#length * 3);
  }

  /** Tokens so far, by estimate; never 0 when something was delivered. */
  get tokens(): number {
    if (this.#estimated === this.#length) return this.#tokens;
    this.#estimated = this.#length;
    const known = this.#text === '' ? 0 : Math.max(1, estimateTextTokens(this.#text));
    this.#tokens = this.#inModelTokens((known * this.#length) / Math.max(1, this.#text.length));
    return this.#tokens;
  }

  /** The provider has counted what was delivered so far. */
  markCounted(): void {
    this.#counted = this.#length;
  }

  /** The share of the output that the provider has counted, from 0 to 1. */
  get countedShare(): number {
    return this.#length === 0 ? 0 : this.#counted / this.#length;
  }

  #inModelTokens(tokens: number): number {
    this.#tokenizer ??= tokenizerOf(this.#model);
    const { rate, perToolCall } = this.#tokenizer;
    return Math.ceil(tokens * rate + this.#toolCalls * perToolCall);
  }

  #add(text: string): void {
    this.#length += text.length;
    if (this.#text.length < keptLength) this.#text += text;
  }
}
