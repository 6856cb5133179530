/** How a provider deviates from OpenAI's embeddings. */
export interface OpenAIEmbeddingVariant {
  /**
   * Members it takes beside `model` and `input`; the rest is left out and reported, or, with `all`, passed on.
   * @default dimensions, user
   */
  readonly parameters?: readonly string[] | 'all';
  /** Its name for the length of vectors. @default 'dimensions' */
  readonly dimensionsField?: string;
  /** Models whose vectors can be shortened; the others refuse the parameter. @default all */
  readonly shortened?: RegExp;
  /** Whether it writes vectors in base64 when it is asked to. @default true */
  readonly base64?: boolean;
  /** What base64 holds. @default 'float32' */
  readonly base64Holds?: 'float32' | 'int8';
  /** Whether it takes token ids in place of text. @default true */
  readonly tokenIds?: boolean;
}

export type ResolvedVariant = Required<OpenAIEmbeddingVariant>;

const defaults: ResolvedVariant = {
  parameters: ['dimensions', 'user'],
  dimensionsField: 'dimensions',
  shortened: /^/,
  base64: true,
  base64Holds: 'float32',
  tokenIds: true,
};

export function resolveVariant(variant: OpenAIEmbeddingVariant): ResolvedVariant {
  return { ...defaults, ...variant };
}

export function accepts({ parameters }: ResolvedVariant, name: string): boolean {
  return parameters === 'all' || parameters.includes(name);
}
