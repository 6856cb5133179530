import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { type ModelTraits, traitsOf } from './models.ts';
import { isForced } from './tools.ts';
import type { AnthropicVariant } from './variant.ts';
import { requestKeys } from './wire.ts';

/**
 * How a caller's body may go on as it is: with the target's name of the model, or, where the host has that in the path,
 * with the version in its place. It may not where the API does not know a top-level key, where it names URLs to a host
 * that fetches none, and where the target's model would not take what was written for another one; for the very model it
 * names, the API is the better judge.
 */
export function passThrough(
  body: JsonObject,
  target: EncodeTarget,
  variant: AnthropicVariant,
): readonly Splice[] | undefined {
  if (typeof body.max_tokens !== 'number' || !Array.isArray(body.messages)) return undefined;
  for (const key in body) {
    if (!requestKeys.has(key)) return undefined;
  }
  const { maxOutputTokens: bound } = target;
  // A thinking budget must stay below the bound, and it is deep inside.
  if (bound !== undefined && body.thinking !== undefined) return undefined;
  if (variant.urlSources === 'refused' && asArray(body.messages).some(namesUrl)) return undefined;
  if (body.model !== target.model && !takes(body, traitsOf(target.model, variant.models))) return undefined;
  const bounded: Splice[] = bound === undefined ? [] : [['max_tokens', JSON.stringify(bound)]];
  if (variant.bodyVersion !== undefined) {
    return [...bounded, ['model', undefined], ['anthropic_version', JSON.stringify(variant.bodyVersion)]];
  }
  return body.model === target.model ? bounded : [...bounded, ['model', JSON.stringify(target.model)]];
}

/** Whether a message, or a block in it, has an image or a document that is only named. */
function namesUrl(holder: JsonValue): boolean {
  const object = asObject(holder);
  return asObject(object?.source)?.type === 'url' || asArray(object?.content).some(namesUrl);
}

function takes(body: JsonObject, traits: ModelTraits): boolean {
  const maxTokens = asNumber(body.max_tokens) ?? Number.NaN;
  return (
    maxTokens <= traits.maxOutputTokens &&
    takesThinking(body, maxTokens, traits) &&
    takesSampling(body, traits) &&
    takesTools(body, traits) &&
    takesOutputConfig(body, traits) &&
    (traits.systemTurns === 'accepted' ||
      !asArray(body.messages).some((message) => asObject(message)?.role === 'system'))
  );
}

function takesThinking({ thinking, tool_choice: choice }: JsonObject, maxTokens: number, traits: ModelTraits): boolean {
  if (thinking === undefined) return true;
  switch (asObject(thinking)?.type) {
    case 'enabled': {
      const budget = asNumber(asObject(thinking)?.budget_tokens) ?? 0;
      const takesBudget = traits.thinking === 'budget' || traits.thinking === 'budget-or-adaptive';
      return takesBudget && budget >= 1024 && budget < maxTokens && !isForced(choice);
    }
    case 'adaptive':
      return traits.thinking === 'adaptive' || traits.thinking === 'budget-or-adaptive';
    case 'disabled':
      return traits.thinking !== 'none' && traits.thinkingOff === 'accepted';
    default:
      return false;
  }
}

function takesSampling(body: JsonObject, traits: ModelTraits): boolean {
  const { temperature, top_p: topP, top_k: topK } = body;
  if (temperature === undefined && topP === undefined && topK === undefined) return true;
  if (traits.sampling === 'none') return false;
  const thinks = body.thinking !== undefined && asObject(body.thinking)?.type !== 'disabled';
  if (thinks) return topP === undefined && topK === undefined && temperature === 1;
  const inRange =
    temperature === undefined || (typeof temperature === 'number' && temperature >= 0 && temperature <= 1);
  return inRange && (traits.sampling === 'all' || temperature === undefined || topP === undefined);
}

function takesTools({ tools, tool_choice: choice }: JsonObject, traits: ModelTraits): boolean {
  if (choice !== undefined && asArray(tools).length === 0) return false;
  if (isForced(choice) && traits.forcedToolChoice === 'refused') return false;
  return traits.structuredOutput === 'accepted' || !asArray(tools).some((tool) => asObject(tool)?.strict === true);
}

function takesOutputConfig({ output_config: config }: JsonObject, traits: ModelTraits): boolean {
  if (config === undefined) return true;
  const { effort, format } = asObject(config) ?? {};
  if (format !== undefined && traits.structuredOutput === 'refused') return false;
  return effort === undefined || traits.efforts.includes(asString(effort) ?? '');
}
