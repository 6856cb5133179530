import type { Dialect } from '../dialects/dialect.ts';
import type { OwnHealth } from '../routing/health-settings.ts';
import type { Connector } from './connector.ts';
import type { EmbeddingEndpoint, ImageEndpoint } from './endpoint.ts';
import type { OwnFacts } from './facts/own-facts.ts';
import type { ChatSurface } from './surface.ts';

/** A provider as data: what it speaks, where it listens, how it wants its key. One small file each. */
export interface Provider {
  /** Lower-case name, as in `provider/model`. */
  readonly name: string;
  /** Other names that mean the same (`google` for `gemini`). */
  readonly aliases?: readonly string[];
  /** The provider's own name for people. */
  readonly label: string;
  /** The wire format, with this provider's deviations. */
  readonly dialect: Dialect;
  /** Base URL without a trailing slash; absent where only the operator knows it (vLLM, any own server). */
  readonly baseUrl?: string;
  /** How a key travels; absent when the server takes none. */
  readonly credential?: CredentialPlacement;
  /** Whether it works without a key (a local server). */
  readonly keyOptional?: boolean;
  /** Environment variables that configure it, first match wins. */
  readonly environment: {
    readonly apiKey?: readonly string[];
    readonly baseUrl: string;
  };
  /** Headers every request carries, e.g. the API version. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bare model names that belong to it (`gpt-4o`, `claude-...`). Without patterns it is reached by `provider/model` only. */
  readonly models?: readonly RegExp[];
  /** Path and query below the base URL. */
  chatPath(model: string, stream: boolean): string;
  /** Which models `dialect` and `chatPath` serve, where another surface has some of its own. @default all */
  readonly chatModels?: RegExp;
  /** Further ways to ask it for a chat answer, e.g. OpenAI's Responses beside its chat completions. */
  readonly otherSurfaces?: readonly ChatSurface[];
  /** Where its own dialect asks how many tokens a prompt has, below the base URL. */
  readonly countTokensPath?: (model: string) => string;
  /** Ways to ask it for embeddings, the first one that has the model counts. @default it has none */
  readonly embeddings?: readonly EmbeddingEndpoint[];
  /** Ways to ask it for pictures, the first one that has the model counts. @default it makes none */
  readonly images?: readonly ImageEndpoint[];
  /** How it is reached where that takes more than a key and a base URL; it then decides on both, and on the surfaces. */
  readonly connector?: Connector;
  /** Where models are listed, for active checks and connection tests. */
  readonly modelsPath?: string;
  /** The provider's API reference, from which the above was taken. */
  readonly reference: string;
}

export type CredentialPlacement =
  | { readonly header: 'authorization'; readonly scheme: 'Bearer' }
  | { readonly header: 'x-api-key' | 'x-goog-api-key' | 'api-key' };

/** Adds the credential where that takes more than a header with a key: a signature, a token that expires. */
export interface Authorizer {
  /**
   * Headers that carry the credential for this request. Rejects when there is none to be had; the error's name is shown
   * to the operator, its text to nobody.
   */
  authorize(request: AuthorizedRequest): CredentialHeaders | Promise<CredentialHeaders>;
  /**
   * The provider answered with an error status. True when that is about the credential and another one may be had: the
   * request is then authorized anew and sent once more. Absent where there is only the one.
   */
  renew?(refusal: CredentialRefusal): boolean;
  /** What must not show where a provider repeats it: the tokens in use. */
  secrets(): readonly string[];
}

/** Lower-case names. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** An answer that may blame the credential. */
export interface CredentialRefusal {
  /** What `authorize` gave. */
  readonly credential: CredentialHeaders;
  readonly status: number;
  header(name: string): string | undefined;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** A request as it will be sent, but for its credential. */
export interface AuthorizedRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Name, value, name, value, ... */
  readonly headers: readonly string[];
  readonly body: Buffer | string;
  /** Milliseconds since 1970: signatures carry the time, tokens end at one. */
  readonly wallTime: number;
}

/** Time limits of one attempt, in milliseconds. */
export interface Timeouts {
  /** Until the connection stands. */
  readonly connect: number;
  /** From the start of the attempt until the first real output (the whole answer, when it is not a stream). */
  readonly firstToken: number;
  /** Longest silence after that. */
  readonly idle: number;
  /** The whole attempt, its stream included. */
  readonly total: number;
}

/** A provider as the operator configured it. */
export interface ProviderInstance {
  /** Name in the configuration: the provider's own, or one the operator chose. */
  readonly name: string;
  readonly provider: Provider;
  /** Ways to ask for a chat answer, the usual one first. */
  readonly surfaces: readonly ChatSurface[];
  /** Ways to ask for embeddings and pictures, where the operator's settings decide on their paths. @default the provider's */
  readonly embeddings?: readonly EmbeddingEndpoint[];
  readonly images?: readonly ImageEndpoint[];
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path prefix without a trailing slash; empty for none. */
  readonly basePath: string;
  /** In order; empty for a server that takes none. Secrets: never logged, never put into an error. */
  readonly apiKeys: readonly string[];
  /** Stands in place of a key. */
  readonly authorizer?: Authorizer;
  /** What every request carries besides the credential: the provider's headers and the operator's. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeouts: Timeouts;
  /** When its targets leave rotation. @default as all others */
  readonly health?: Partial<OwnHealth>;
  /** Share among targets of equal priority. */
  readonly weight: number;
  /** Lower is tried first. */
  readonly priority: number;
  /** Bare model names served here; with them, a bare name resolves to this instance. */
  readonly models: readonly string[];
  /** What the operator says of its models. */
  readonly own?: OwnFacts;
}

/** One model at one configured provider. */
export interface Target {
  /** `provider/model`. */
  readonly id: string;
  readonly instance: ProviderInstance;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly weight: number;
  readonly priority: number;
}
