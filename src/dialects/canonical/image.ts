import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/** A request for pictures in no provider's words. The model's name is not part of it. */
export interface ImageRequest {
  readonly prompt: string;
  /** How many. @default 1 */
  readonly count: number;
  /** In pixels. @default the model's own choice */
  readonly size?: ImageSize;
  /** The provider's own words, such as `low`, `high`, `hd`. */
  readonly quality?: string;
  /** The provider's own words, such as `vivid`. */
  readonly style?: string;
  readonly background?: string;
  /** File format: `png`, `jpeg`, `webp`. */
  readonly outputFormat?: string;
  /** Percent, for formats that lose something. */
  readonly outputCompression?: number;
  /** How pictures come: a link, or the file itself in base64. @default the model's own way */
  readonly delivery?: 'url' | 'base64';
  readonly moderation?: string;
  /** The caller's own id of its user. */
  readonly user?: string;
  /** Members of the caller's format that have no place above, as they came. */
  readonly others?: JsonObject;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface ImageAnswer {
  readonly images: readonly GeneratedImage[];
  /** Absent where the provider does not count. */
  readonly usage?: Usage;
  /** Seconds since 1970, where the provider says. */
  readonly created?: number;
  /** What the provider says of all pictures alike (`background`, `output_format`, `quality`, `size`), in OpenAI's words. */
  readonly traits?: JsonObject;
  /** The provider's own usage object in OpenAI's form, with its details. */
  readonly usageDetails?: JsonObject;
}

/** One picture: a link, or base64 without a prefix. */
export interface GeneratedImage {
  readonly source: { readonly url: string } | { readonly base64: string };
  readonly mediaType?: string;
  /** The prompt the model made of the caller's. */
  readonly revisedPrompt?: string;
}
