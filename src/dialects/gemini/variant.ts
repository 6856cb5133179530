/**
 * How a provider of this wire format deviates from the Gemini API of Google AI Studio. Patterns are tried on the
 * provider's own model name, without anchors: the same model is `gemini-2.5-pro`, `models/gemini-2.5-pro` or
 * `publishers/google/models/gemini-2.5-pro`.
 */
export interface GeminiVariant {
  /** Models that read JSON Schema; the others get the older OpenAPI subset. @default Gemini 2.5 and later */
  readonly jsonSchema?: RegExp;
  /** Models whose thinking is set by `thinkingBudget`. @default Gemini 2.5 and the `-latest` aliases */
  readonly thinkingBudget?: RegExp;
  /** Models whose thinking is set by `thinkingLevel`. @default Gemini 3 and later */
  readonly thinkingLevel?: RegExp;
  /** Models that refuse a function call in the history without a thought signature. @default Gemini 3 and later */
  readonly signedCalls?: RegExp;
  /** Models that fetch https URLs by themselves. @default Gemini 2.5 and later */
  readonly fetchedUrls?: RegExp;
  /** Models that take media inside a function response. @default Gemini 3 and later */
  readonly mediaInToolResults?: RegExp;
  /** Models that take function declarations together with a JSON response format. @default Gemini 3 and later */
  readonly jsonWithTools?: RegExp;
  /** Models without `systemInstruction`: the text is put before the first user turn. @default Gemma 1 to 3 */
  readonly withoutSystemInstruction?: RegExp;
  /** Top-level request fields beyond those of the Gemini API, e.g. `labels` on Vertex AI. @default none */
  readonly requestFields?: readonly string[];
}

const gemini25AndLater = /gemini-(?:2\.5|[3-9]|\d\d)|gemini-(?:pro|flash)[a-z-]*-latest/;
const gemini3AndLater = /gemini-(?:[3-9]|\d\d)|gemini-(?:pro|flash)[a-z-]*-latest/;
/** Image, speech and live models take no thinking settings. */
const textModel = '(?!.*(?:image|tts|audio|live))';

const defaults: Required<GeminiVariant> = {
  jsonSchema: gemini25AndLater,
  // The aliases move from one generation to the next: Gemini 3 still takes a budget, while 2.5 refuses a level.
  thinkingBudget: new RegExp(`gemini-2\\.5${textModel}|gemini-(?:pro|flash)[a-z-]*-latest`),
  thinkingLevel: new RegExp(`gemini-(?:[3-9]|\\d\\d)${textModel}`),
  signedCalls: gemini3AndLater,
  fetchedUrls: gemini25AndLater,
  mediaInToolResults: gemini3AndLater,
  jsonWithTools: gemini3AndLater,
  withoutSystemInstruction: /gemma-[1-3]/,
  requestFields: [],
};

export function resolveVariant(variant: GeminiVariant | undefined): Required<GeminiVariant> {
  return { ...defaults, ...variant };
}

/** What one model can do. */
export interface ModelTraits {
  readonly model: string;
  readonly jsonSchema: boolean;
  readonly thinking: 'budget' | 'level' | 'none';
  readonly signedCalls: boolean;
  readonly fetchedUrls: boolean;
  readonly mediaInToolResults: boolean;
  readonly jsonWithTools: boolean;
  readonly systemInstruction: boolean;
}

export function traitsOf(model: string, variant: Required<GeminiVariant>): ModelTraits {
  return {
    model,
    jsonSchema: variant.jsonSchema.test(model),
    thinking: thinkingOf(model, variant),
    signedCalls: variant.signedCalls.test(model),
    fetchedUrls: variant.fetchedUrls.test(model),
    mediaInToolResults: variant.mediaInToolResults.test(model),
    jsonWithTools: variant.jsonWithTools.test(model),
    systemInstruction: !variant.withoutSystemInstruction.test(model),
  };
}

function thinkingOf(model: string, variant: Required<GeminiVariant>): ModelTraits['thinking'] {
  if (variant.thinkingBudget.test(model)) return 'budget';
  return variant.thinkingLevel.test(model) ? 'level' : 'none';
}
