import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/** What is turned into one vector: a text as a rule, or several parts that belong together. */
export interface EmbeddingInput {
  readonly parts: readonly EmbeddingPart[];
}

export type EmbeddingPart =
  | { readonly type: 'text'; readonly text: string }
  /** A text as ids of the model's own tokeniser. */
  | { readonly type: 'tokens'; readonly tokens: readonly number[] }
  /** Base64 without a prefix. */
  | { readonly type: 'media'; readonly mediaType: string; readonly data: string };

/** What the vectors are for. Models that tell the sides of a search apart give different vectors for each. */
export type EmbeddingPurpose =
  | 'document'
  | 'query'
  | 'classification'
  | 'clustering'
  | 'similarity'
  | 'question-answering'
  | 'fact-verification'
  | 'code-query';

/** A request for vectors in no provider's words. The model's name is not part of it. */
export interface EmbeddingRequest {
  /** In order; the answer has one vector for each. At least one. */
  readonly inputs: readonly EmbeddingInput[];
  /** Length of the vectors. @default the model's own */
  readonly dimensions?: number;
  /** @default the provider's, for a provider that has to know: `document` */
  readonly purpose?: EmbeddingPurpose;
  /** The caller's own `input_type`; alone where it is one that only some provider knows. */
  readonly purposeWord?: string;
  /** What happens to an input longer than the model reads: refused, or cut at this end. @default refused, where the provider can be told */
  readonly truncate?: 'none' | 'start' | 'end';
  /** The caller's own id of its user. */
  readonly user?: string;
  /** What only a provider of the caller's own format can do, in one request, and nobody else can. */
  readonly nativeOnly?: { readonly param: string; readonly message: string };
  /** Members of the caller's format that have no place above, as they came. */
  readonly others?: JsonObject;
}

/** Numbers of one vector, as precise as they came. */
export type Vector = readonly number[] | Float32Array;

export interface EmbeddingAnswer {
  /** In the order of the inputs. */
  readonly vectors: readonly Vector[];
  /** Absent where the provider does not count. */
  readonly usage?: Usage;
}
