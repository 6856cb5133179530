import { PromptSize } from '../attempt/prompt-size.ts';
import { eachPromptText } from '../attempt/prompt-texts.ts';
import type { Call } from '../core/call.ts';
import { asNumber, asObject, type JsonObject } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import { tokenCount } from '../core/usage.ts';
import { dialectOf } from '../dialects/index.ts';

/** What limits have to know of a request. */
export interface RequestFacts {
  /** The name the caller asks for. */
  readonly model: string | undefined;
  /** What is set aside for prompt and answer; `undefined` for what uses no tokens. */
  readonly tokens: number | undefined;
  /** Tokens the prompt surely has. Costs more than the estimate: for when it matters. */
  surelyAtLeast(): number;
}

export const noFacts: RequestFacts = { model: undefined, tokens: undefined, surelyAtLeast: () => 0 };

/** Whether a call has a body that says something of its model and its tokens. */
export function hasFacts({ head: { method }, operation }: Call): boolean {
  return method === 'POST' && (usesTokens.has(operation) || operation === 'count-tokens');
}

const usesTokens: ReadonlySet<Call['operation']> = new Set(['chat', 'embeddings', 'images']);

/** @param outputTokens what is set aside for an answer without a bound */
export function readFacts(call: Call, body: RequestBody, outputTokens: number): RequestFacts {
  const { model } = dialectOf(call.dialect).request.envelope(body.json, call.origin);
  const answer = call.operation === 'chat' ? answerTokens(body.json, outputTokens) : 0;
  return {
    model: typeof model === 'string' && model !== '' ? model : undefined,
    tokens: usesTokens.has(call.operation) ? Math.max(1, promptTokens(body.json) + answer) : undefined,
    surelyAtLeast: () => new PromptSize(body).atLeast,
  };
}

/** What the answer may have, over all its choices: in the words of each dialect, read without decoding. */
function answerTokens(body: JsonObject, otherwise: number): number {
  const gemini = asObject(body.generationConfig) ?? asObject(body.generation_config);
  const bound =
    tokenCount(body.max_completion_tokens) ??
    tokenCount(body.max_tokens) ??
    tokenCount(body.max_output_tokens) ??
    tokenCount(gemini?.maxOutputTokens ?? gemini?.max_output_tokens) ??
    tokenCount(asObject(body.inferenceConfig)?.maxTokens) ??
    tokenCount(asObject(body.options)?.num_predict) ??
    otherwise;
  const choices = asNumber(body.n) ?? asNumber(gemini?.candidateCount ?? gemini?.candidate_count) ?? 1;
  return bound * Math.min(Math.max(1, Math.floor(choices)), mostChoices);
}

/** https://platform.openai.com/docs/api-reference/chat/create: the most that vendors give. */
const mostChoices = 128;

/** Characters of a text that are looked at to tell its script. */
const samples = 16;

/**
 * About how many tokens a prompt has. Quick and rough, since it is put right when the answer has ended: it counts
 * characters and looks at a few of them.
 */
export function promptTokens(body: JsonObject): number {
  let tokens = 0;
  eachPromptText(body, (text) => {
    tokens += text.length * tokensPerCharacter(text);
  });
  return Math.ceil(tokens);
}

/** A quarter of a token for Latin letters, two fifths for other alphabets, four fifths for Chinese, Japanese, Korean. */
function tokensPerCharacter(text: string): number {
  const step = Math.max(1, Math.floor(text.length / samples));
  let sum = 0;
  let looked = 0;
  for (let index = 0; index < text.length && looked < samples; index += step) {
    const code = text.charCodeAt(index);
    sum += code < 0x250 ? 0.25 : code < 0x2e80 ? 0.4 : 0.8;
    looked += 1;
  }
  return looked === 0 ? 0 : sum / looked;
}
