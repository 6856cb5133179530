import type { ImageParameter } from '../other-parameters.ts';

/** What some models of a provider take. The first rule whose pattern fits a model counts. */
export interface ImageModelRule {
  /** Tested against the provider's own name of the model. */
  readonly models: RegExp;
  /** Parameters they take beside `model`, `prompt` and `n`; with `all`, whatever a caller sends. */
  readonly parameters: readonly ImageParameter[] | 'all';
  /** Further members of the request they take. @default none */
  readonly others?: readonly string[];
  /** Their words for quality, by the caller's; a word that is not named goes on as it is. @default none */
  readonly qualities?: Readonly<Record<string, string>>;
  /** Whether they can show a picture while it is made. @default false */
  readonly streams?: boolean;
}

/** OpenAI's own models: https://platform.openai.com/docs/api-reference/images/create */
export const openaiImageModels: readonly ImageModelRule[] = [
  {
    models: /^dall-e-2/,
    parameters: ['size', 'response_format', 'user'],
  },
  {
    models: /^dall-e/,
    parameters: ['size', 'quality', 'style', 'response_format', 'user'],
    qualities: { low: 'standard', medium: 'standard', high: 'hd' },
  },
  {
    // Always base64: a `response_format` is refused.
    models: /^/,
    parameters: ['size', 'quality', 'background', 'output_format', 'output_compression', 'moderation', 'user'],
    qualities: { standard: 'medium', hd: 'high' },
    streams: true,
  },
];

const unknown: ImageModelRule = { models: /^/, parameters: [] };

export function ruleOf(rules: readonly ImageModelRule[], model: string): ImageModelRule {
  return rules.find(({ models }) => models.test(model)) ?? unknown;
}

export function takes({ parameters, others = [] }: ImageModelRule, name: string): boolean {
  return parameters === 'all' || [...parameters, ...others].some((parameter) => parameter === name);
}
