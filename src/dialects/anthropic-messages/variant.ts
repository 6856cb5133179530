import type { ModelTraits } from './models.ts';

/** How a host of the Messages API deviates from Anthropic's own. */
export interface AnthropicVariant {
  /**
   * Value of `anthropic_version` in the body, for hosts that name the model in the path: `vertex-2023-10-16` on Vertex
   * AI, `bedrock-2023-05-31` on Bedrock. `model` is then left out of the body.
   * @default absent: the version travels as a header
   */
  readonly bodyVersion?: string;
  /**
   * Whether the host fetches images and documents from URLs. Vertex AI and Bedrock answer 400.
   * @default 'fetched'
   */
  readonly urlSources?: 'fetched' | 'refused';
  /** Models the built-in table does not know, or knows wrongly. The first match counts. */
  readonly models?: readonly ModelTraits[];
}
