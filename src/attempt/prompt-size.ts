import type { JsonObject } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import { estimateTextTokens } from '../dialects/token-estimate/text-tokens.ts';
import { tokenizerOf } from '../dialects/token-estimate/tokenizer.ts';
import { eachPromptText } from './prompt-texts.ts';

/** Characters that are really looked at: the rest is taken to be alike. */
const sampleLength = 32 * 1024;
/** The estimate is up to a quarter too high for some languages; what is surely too long is longer than that. */
const certainty = 0.75;

/** How long a request's prompt is, as closely as anybody needs to know. */
export class PromptSize {
  readonly #body: RequestBody;
  #text: PromptText | undefined;
  #atLeast: number | undefined;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  /** No prompt has more tokens than its text has bytes. */
  get atMost(): number {
    return this.#body.bytes?.length ?? this.#read().length * 3;
  }

  /** Tokens as a model counts them, as near as an estimate comes. */
  tokensOf(model: string): number {
    return Math.ceil(estimate(this.#read()) * tokenizerOf(model).rate);
  }

  /** Tokens the prompt surely has, whatever the model. Media count nothing. */
  get atLeast(): number {
    this.#atLeast ??= Math.floor(estimate(this.#read()) * certainty);
    return this.#atLeast;
  }

  #read(): PromptText {
    this.#text ??= readText(this.#body.json);
    return this.#text;
  }
}

interface PromptText {
  readonly length: number;
  /** Its beginning, in pieces. */
  readonly sample: readonly string[];
}

function estimate({ length, sample }: PromptText): number {
  const text = sample.join('\n');
  return text.length === 0 ? 0 : (estimateTextTokens(text) * length) / text.length;
}

function readText(json: JsonObject): PromptText {
  const sample: string[] = [];
  let length = 0;
  let sampled = 0;
  eachPromptText(json, (text) => {
    length += text.length;
    if (sampled >= sampleLength) return;
    const piece = text.slice(0, sampleLength - sampled);
    sampled += piece.length;
    sample.push(piece);
  });
  return { length, sample };
}
