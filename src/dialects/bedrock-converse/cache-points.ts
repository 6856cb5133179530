import { asString, isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Extensions } from '../canonical.ts';
import type { ModelTraits } from './models.ts';

export interface FoundCachePoint {
  /** The block that goes behind the one these extensions belong to: one or none. */
  readonly cachePoint: readonly JsonObject[];
  /** The extensions without what became of it. */
  readonly extensions: Extensions | undefined;
}

/**
 * Other dialects mark the end of what is to be cached on the block itself, with `cache_control`; here a block of its own
 * follows. https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
export function cachePointOf(
  extensions: Extensions | undefined,
  traits: ModelTraits,
  dropped: Set<string>,
): FoundCachePoint {
  const name = (['anthropic-messages', 'openai-chat'] as const).find((dialect) =>
    isJsonObject(extensions?.[dialect]?.cache_control),
  );
  const { cache_control: control, ...rest } = (name && extensions?.[name]) ?? {};
  if (name === undefined || !isJsonObject(control)) return { cachePoint: [], extensions };
  const others = { ...extensions, [name]: rest };
  if (traits.cachePoints === 'refused') {
    dropped.add('cache_control');
    return { cachePoint: [], extensions: others };
  }
  const ttl = asString(control.ttl);
  return { cachePoint: [{ cachePoint: { type: 'default', ...(ttl !== undefined && { ttl }) } }], extensions: others };
}
