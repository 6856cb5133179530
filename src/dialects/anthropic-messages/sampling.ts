import type { JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { ModelTraits } from './models.ts';

export interface SamplingInput {
  readonly request: ChatRequest;
  readonly traits: ModelTraits;
  /** Whether the request thinks: then sampling stays at its defaults. */
  readonly thinks: boolean;
  readonly dropped: Set<string>;
}

/**
 * `temperature` runs from 0 to 1 here; a higher one is lowered to 1 and reported. Values the API would refuse, for the
 * model or next to thinking, are left out and reported; what equals the default is no loss.
 * https://platform.claude.com/docs/en/api/messages/create
 */
export function encodeSampling(input: SamplingInput): JsonObject {
  const { request, traits, dropped } = input;
  const temperature = encodeTemperature(input);
  const topP = encodeTopP(input);
  const topK = traits.sampling === 'none' || input.thinks ? undefined : request.topK;
  if (request.topK !== undefined && topK === undefined) dropped.add('top_k');
  const both = temperature !== undefined && topP !== undefined && traits.sampling === 'one-of';
  if (both) dropped.add('top_p');
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && !both && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  };
}

function encodeTemperature({ request: { temperature }, traits, thinks, dropped }: SamplingInput): number | undefined {
  if (temperature === undefined) return undefined;
  if (traits.sampling === 'none' || (thinks && temperature !== 1)) {
    if (temperature !== 1) dropped.add('temperature');
    return undefined;
  }
  const clamped = Math.min(1, Math.max(0, temperature));
  if (clamped !== temperature) dropped.add('temperature');
  return clamped;
}

/** Next to thinking `top_p` may be 0.95 to 1; models without sampling parameters still take 0.99 and above. */
function encodeTopP({ request: { topP }, traits, thinks, dropped }: SamplingInput): number | undefined {
  if (topP === undefined) return undefined;
  const least = traits.sampling === 'none' ? 0.99 : thinks ? 0.95 : 0;
  if (topP >= least) return topP;
  dropped.add('top_p');
  return undefined;
}
