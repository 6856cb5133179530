import { asArray, asObject, type JsonObject } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { type ModelTraits, traitsOf } from './models.ts';
import type { BedrockVariant } from './variant.ts';
import { canonicalRequestKeys, ownRequestKeys } from './wire.ts';

/**
 * How a caller's body may go on as it is: unchanged, because the path has the model. It may not where the API does not
 * know a top-level key, where a field is written for one family of models, and where the conversation is not in the
 * order the API wants.
 */
export function passThrough(
  body: JsonObject,
  target: EncodeTarget,
  variant: BedrockVariant,
): readonly Splice[] | undefined {
  for (const key in body) {
    if (!canonicalRequestKeys.has(key) && !ownRequestKeys.has(key)) return undefined;
  }
  const traits = traitsOf(target.model, variant.models);
  const fitsModel =
    body.additionalModelRequestFields === undefined &&
    (body.system === undefined || traits.system === 'accepted') &&
    (body.outputConfig === undefined || traits.structuredOutput === 'accepted') &&
    takesTools(asObject(body.toolConfig), traits);
  const taken = takenBlocks(traits, body.toolConfig);
  return fitsModel && isInOrder(asArray(body.messages), taken) ? [] : undefined;
}

function takesTools(config: JsonObject | undefined, { tools, toolChoices }: ModelTraits): boolean {
  if (config === undefined) return true;
  const [choice] = Object.keys(asObject(config.toolChoice) ?? {});
  return tools === 'accepted' && (choice === undefined || toolChoices.some((known) => known === choice));
}

/** Blocks that need no look into them. Those of tools are refused where no tools are declared. */
function takenBlocks({ cachePoints, tools, images }: ModelTraits, toolConfig: unknown): ReadonlySet<string> {
  return new Set([
    'text',
    ...(cachePoints === 'accepted' ? ['cachePoint'] : []),
    ...(images === 'accepted' ? ['image'] : []),
    ...(tools === 'accepted' && toolConfig !== undefined ? ['toolUse', 'toolResult', 'reasoningContent'] : []),
  ]);
}

/** User and assistant in turns, the user first. */
function isInOrder(messages: readonly unknown[], taken: ReadonlySet<string>): boolean {
  let expected = 'user';
  for (const message of messages) {
    const { role, content } = asObject(message) ?? {};
    if (role !== expected || !Array.isArray(content) || content.length === 0) return false;
    expected = role === 'user' ? 'assistant' : 'user';
    for (const block of content) {
      const kind = Object.keys(asObject(block) ?? {})[0] ?? '';
      if (!taken.has(kind)) return false;
    }
  }
  return messages.length > 0;
}
