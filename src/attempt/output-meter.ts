import { estimateTokenCount } from 'tokenx';
import type { ChatEvent, Part } from '../dialects/canonical.ts';

/** Characters that are kept for the estimate; what comes after is taken to be alike. Every open stream holds this much. */
const keptLength = 8 * 1024;

/** How much a model has generated, as far as it was delivered: what stands in for a provider's count where there is none. */
export class OutputMeter {
  #text = '';
  #length = 0;
  #counted = -1;
  #tokens = 0;

  /** What a step of a stream adds. */
  event(event: ChatEvent): void {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
        this.#add(event.text);
        return;
      case 'tool-call-start':
        this.#add(event.name);
        return;
      case 'tool-call-delta':
        this.#add(event.arguments);
        return;
      default:
    }
  }

  part(part: Part): void {
    if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') this.#add(part.text);
    else if (part.type === 'tool-call') this.#add(part.name + part.arguments);
  }

  /** Characters so far. No text has more tokens than bytes, which are at most three for a UTF-16 unit. */
  get length(): number {
    return this.#length;
  }

  /** Tokens so far, by estimate; never 0 when something was delivered. */
  get tokens(): number {
    if (this.#counted === this.#length) return this.#tokens;
    this.#counted = this.#length;
    const known = this.#text === '' ? 0 : Math.max(1, estimateTokenCount(this.#text));
    this.#tokens = Math.ceil((known * this.#length) / Math.max(1, this.#text.length));
    return this.#tokens;
  }

  #add(text: string): void {
    this.#length += text.length;
    if (this.#text.length < keptLength) this.#text += text;
  }
}
