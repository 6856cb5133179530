import type { EmbeddingFormat } from '../dialects/embeddings/format.ts';
import type { ImageFormat } from '../dialects/images/format.ts';
import type { ProviderInstance } from './provider.ts';

/** One way to ask a provider for something other than a chat answer. */
export interface Endpoint {
  /** Path and query below the base URL. */
  path(model: string): string;
  /** Tested against the provider's own name of the model. @default all of the provider's models */
  readonly models?: RegExp;
  /** Where `path` begins, for what does not lie below the path of the base URL. @default 'base' */
  readonly below?: 'base' | 'origin';
}

/** One way to ask a provider for embeddings. */
export interface EmbeddingEndpoint extends Endpoint {
  /** The wire format, with this provider's deviations. */
  readonly format: EmbeddingFormat;
  /** What one request may hold. More is split into several requests. @default anything */
  readonly limits?: EmbeddingLimits;
}

export interface EmbeddingLimits {
  /** Inputs in one request. */
  readonly inputs?: number;
  /**
   * Tokens of all inputs in one request. They are estimated, two bytes of UTF-8 to a token, so that requests rather
   * come out too small.
   */
  readonly tokens?: number;
}

/** One way to ask a provider for pictures. */
export interface ImageEndpoint extends Endpoint {
  /** The wire format, with this provider's deviations. */
  readonly format: ImageFormat;
  /** Pictures one request may ask for. More are asked for in several requests. @default as many as the caller wants */
  readonly picturesPerRequest?: number;
}

/** The endpoint that gives embeddings of this model; `undefined` when the provider has none. */
export function embeddingEndpoint(instance: ProviderInstance, model: string): EmbeddingEndpoint | undefined {
  return firstFor(instance.embeddings ?? instance.provider.embeddings, model);
}

/** The endpoint that makes pictures with this model; `undefined` when the provider has none. */
export function imageEndpoint(instance: ProviderInstance, model: string): ImageEndpoint | undefined {
  return firstFor(instance.images ?? instance.provider.images, model);
}

function firstFor<Kind extends Endpoint>(endpoints: readonly Kind[] | undefined, model: string): Kind | undefined {
  return endpoints?.find(({ models }) => models?.test(model) ?? true);
}

/** Path and query below the origin. */
export function endpointPath({ basePath }: ProviderInstance, endpoint: Endpoint, model: string): string {
  return endpoint.below === 'origin' ? endpoint.path(model) : basePath + endpoint.path(model);
}
