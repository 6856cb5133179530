import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { gatewayMembers } from '../openai-chat/request-decode.ts';
import { isMadeUpItemId } from './item-ids.ts';
import { isForeignEnvelope } from './reasoning.ts';
import { providerState } from './state.ts';
import { accepts, type ResponsesProfile } from './variant.ts';

/**
 * How a caller's body may go to the provider as it is but for a few top-level members. `undefined` when anything in it
 * would have to be rewritten.
 */
export function passThrough(
  body: JsonObject,
  target: EncodeTarget,
  profile: ResponsesProfile,
): readonly Splice[] | undefined {
  if (typeof body.stream !== 'boolean' && body.stream !== undefined && body.stream !== null) return undefined;
  if (profile.instructions === 'message' && typeof body.instructions === 'string') return undefined;
  if (hasForeignItems(body.input)) return undefined;
  // What refers to the provider's own state cannot be rewritten, so the provider has the last word on it.
  const rewritable = providerState(body) === undefined;
  const splices: Splice[] = [];
  for (const key of Object.keys(body)) {
    if (gatewayMembers.has(key)) splices.push([key, undefined]);
    else if (rewritable && !mayStay(key, body, profile)) return undefined;
  }
  splices.push(['model', JSON.stringify(target.model)]);
  return splices;
}

function mayStay(key: string, body: JsonObject, profile: ResponsesProfile): boolean {
  if (key === 'model' || key === 'input' || key === 'stream') return true;
  // Some clients send what belongs to tools without any, and some providers answer 400 to that.
  const needsTools = key === 'tool_choice' || key === 'parallel_tool_calls';
  return accepts(profile, key) && (!needsTools || asArray(body.tools).length > 0);
}

/** Items that this gateway made of another provider's answer: ids and reasoning nobody else can make sense of. */
function hasForeignItems(input: JsonValue | undefined): boolean {
  return asArray(input).some((item) => {
    const { id, encrypted_content: encrypted } = asObject(item) ?? {};
    return (
      (typeof id === 'string' && isMadeUpItemId(id)) || (typeof encrypted === 'string' && isForeignEnvelope(encrypted))
    );
  });
}
