import type { EmbeddingRequest } from '../canonical/embedding.ts';

/** What a format must have a place for, besides the inputs. */
export type Expressible = 'dimensions' | 'input_type' | 'truncate' | 'user';

/**
 * Parameters of a request that a format cannot express, by the names OpenAI callers use. That inputs are not to be cut
 * counts as expressed: most providers refuse what is too long.
 */
export function inexpressible(request: EmbeddingRequest, expressed: readonly Expressible[]): readonly string[] {
  const { dimensions, purpose, purposeWord, truncate, user, others } = request;
  const asked: Readonly<Record<Expressible, boolean>> = {
    dimensions: dimensions !== undefined,
    input_type: purpose !== undefined || purposeWord !== undefined,
    truncate: truncate !== undefined && truncate !== 'none',
    user: user !== undefined,
  };
  const takes = new Set<string>(expressed);
  // A word that only some other provider knows has no translation.
  if (purpose === undefined) takes.delete('input_type');
  const missing = Object.entries(asked).flatMap(([name, wanted]) => (wanted && !takes.has(name) ? [name] : []));
  return [...missing, ...Object.keys(others ?? {})];
}
