import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration } from '../core/units.ts';
import { type HealthSettings, ownHealthShape } from '../routing/health-settings.ts';
import type { AzureOptions } from './azure-options.ts';
import type { BedrockOptions } from './bedrock-options.ts';
import { type OwnFactsOptions, ownFactsShape } from './facts/own-facts.ts';
import type { Timeouts } from './provider.ts';
import type { VertexOptions } from './vertex-options.ts';

/**
 * The `providers` section: one entry per provider, under its own name or one of the operator's choice. Cloud providers
 * have options beside the common ones: where they are reached, and as whom.
 */
export type ProvidersOptions = Readonly<
  Record<string, ProviderOptions | AzureOptions | BedrockOptions | VertexOptions>
>;

/**
 * One provider. A known one (`openai`, `anthropic`, `gemini` or `google`, ...) needs only its key, and not even that
 * when its environment variable holds one: `openai: {}`.
 */
export interface ProviderOptions extends OwnFactsOptions, HealthSettings {
  /**
   * Which provider this is, when the entry has a name of its own: `my-vllm: { type: 'openai-compatible', ... }`,
   * `openai-eu: { type: 'openai', ... }`.
   * @default the entry's name
   */
  readonly type?: string;
  /**
   * The provider's key. Give `apiKey` or `apiKeys`, not both.
   * @default the provider's environment variable (`OPENAI_API_KEY`, ...), for an entry under the provider's own name
   */
  readonly apiKey?: string;
  /**
   * Several keys of one provider, used in turn; one that is refused or out of rate is left out for a while.
   * @default the keys in the provider's environment variable, separated by commas
   */
  readonly apiKeys?: readonly string[];
  /**
   * Where the provider listens: `http` or `https`, without credentials, query or fragment. A URL without a path gets
   * the one of the provider's API (`/v1`).
   * @default the provider's environment variable (`OPENAI_BASE_URL`, ...), else the provider's public address
   */
  readonly baseUrl?: string;
  /**
   * Model names that are served here. Callers may then use them without the provider's name in front, and no other
   * bare name resolves to this entry.
   * @default the names known to belong to the provider, such as `gpt-...` for OpenAI
   */
  readonly models?: readonly string[];
  /**
   * Time limits of one attempt.
   * @default { connect: '2s', firstToken: '60s', idle: '30s', total: '10m' }
   */
  readonly timeouts?: ProviderTimeouts;
  /**
   * Share among the entries of equal priority that serve the same model.
   * @default 1
   */
  readonly weight?: number;
  /**
   * The entry with the lower number is tried first.
   * @default 1
   */
  readonly priority?: number;
  /**
   * Headers every request to the provider carries besides its credential, e.g. `openai-organization`.
   * @default those the provider's API asks for
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Time limits of one attempt. */
export interface ProviderTimeouts {
  /**
   * Until the connection stands.
   * @default '2s'
   */
  readonly connect?: Duration;
  /**
   * Until the first output; for an answer that is not a stream, until the whole of it.
   * @default '60s'
   */
  readonly firstToken?: Duration;
  /**
   * Longest silence inside a running stream.
   * @default '30s'
   */
  readonly idle?: Duration;
  /**
   * The whole attempt, its stream included.
   * @default '10m'
   */
  readonly total?: Duration;
}

export const defaultTimeouts: Timeouts = { connect: 2_000, firstToken: 60_000, idle: 30_000, total: 600_000 };

const timeLimit = duration.refine((milliseconds) => milliseconds > 0, 'must be longer than nothing');
const key = z.string('must be a text');
const listError = { error: 'must be a list with at least one entry' };

const timeoutsSchema = z.strictObject(
  {
    connect: timeLimit.default(defaultTimeouts.connect),
    firstToken: timeLimit.default(defaultTimeouts.firstToken),
    idle: timeLimit.default(defaultTimeouts.idle),
    total: timeLimit.default(defaultTimeouts.total),
  },
  'must be an object such as { connect: "2s", firstToken: "60s" }',
);

const schema = z.strictObject(
  {
    type: z.string('must be the name of a provider').optional(),
    apiKey: key.optional(),
    apiKeys: z.array(key, listError).min(1, listError).optional(),
    baseUrl: z.string('must be a URL, such as "https://api.example.com/v1"').optional(),
    models: z.array(z.string('must be a model name'), listError).min(1, listError).optional(),
    timeouts: timeoutsSchema.default(defaultTimeouts),
    ...ownHealthShape,
    weight: z.number('must be a number').positive('must be greater than 0').default(1),
    priority: z.int('must be a whole number').nonnegative('must be 0 or greater').default(1),
    headers: z.record(z.string(), z.string('must be a text'), 'must be an object of names and texts').optional(),
    ...ownFactsShape,
  },
  'must be an object; {} takes the key from the environment',
);

/** One entry with defaults filled in; what only makes sense together with its provider is still unchecked. */
export type ParsedProviderOptions = z.output<typeof schema>;

export interface EntryContext {
  /** How the operator knows the entry: `providers.openai`. */
  readonly where: string;
  /** Options that only this provider has. */
  readonly own: z.ZodRawShape;
}

/**
 * The common options of an entry; those that its provider has besides are checked, and left to its connector.
 *
 * @throws ConfigurationError
 */
export function parseProviderOptions(value: unknown, { where, own }: EntryContext): ParsedProviderOptions {
  parseOptions(schema.extend(own), value, where);
  return parseOptions(schema.strip(), value, where);
}
