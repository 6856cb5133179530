import { z } from 'zod';
import { type OwnPrices, type PriceTable, readOwnPrices } from '../../prices/index.ts';
import type { ModelAbilities } from './model-facts.ts';

/** What an operator knows of its models better than anybody. Names may hold `*` for any characters. */
export interface OwnFactsOptions {
  /**
   * What the models cost, in US dollars per million tokens: `{ "llama-3.3-70b": { input: 0, output: 0 } }`, or the path
   * of a JSON file that holds such an object. A model that is not in it keeps its public price.
   * @default the public prices; models on the operator's own machines (Ollama, vLLM) cost nothing
   */
  readonly prices?: PriceTable | string;
  /**
   * What the models can do: `{ "my-model": { tools: true, vision: false } }`. A request that needs what a model lacks goes
   * to another target.
   * @default what their vendors say
   */
  readonly capabilities?: Readonly<Record<string, ModelAbilities & { readonly maxOutputTokens?: number }>>;
  /**
   * Tokens that prompt and answer may have together: `{ "my-model": 32768 }`.
   * @default what their vendors say
   */
  readonly contextWindows?: Readonly<Record<string, number>>;
}

/** The same, read and checked. */
export interface OwnFacts {
  readonly prices?: OwnPrices;
  readonly capabilities?: NonNullable<OwnFactsOptions['capabilities']>;
  readonly contextWindows?: NonNullable<OwnFactsOptions['contextWindows']>;
}

const tokens = z.int('must be a whole number of tokens').positive('must be greater than 0');
const ability = z.boolean('must be true or false').exactOptional();
const modelAbilities = z.strictObject(
  {
    tools: ability,
    parallelTools: ability,
    toolChoice: ability,
    vision: ability,
    audioInput: ability,
    files: ability,
    jsonSchema: ability,
    jsonMode: ability,
    reasoning: ability,
    choices: ability,
    streaming: ability,
    embeddings: ability,
    images: ability,
    maxOutputTokens: tokens.exactOptional(),
  },
  'must be an object such as { tools: true, vision: false }',
);

/** Part of the schema of a provider's entry. */
export const ownFactsShape = {
  // Checked model by model where the prices are read.
  prices: z
    .union(
      [z.string(), z.record(z.string(), z.unknown())],
      'must be an object of models and their prices, or the path of a JSON file',
    )
    .exactOptional(),
  capabilities: z
    .record(z.string(), modelAbilities, 'must be an object of models and what they can do')
    .exactOptional(),
  contextWindows: z.record(z.string(), tokens, 'must be an object of models and numbers of tokens').exactOptional(),
};

type ParsedOwnFacts = z.output<z.ZodObject<typeof ownFactsShape>>;

/**
 * @param where how the operator knows the entry: `providers.openai`
 * @throws ConfigurationError
 */
export function readOwnFacts(
  { prices, capabilities, contextWindows }: ParsedOwnFacts,
  where: string,
): OwnFacts | undefined {
  if (prices === undefined && capabilities === undefined && contextWindows === undefined) return undefined;
  return {
    ...(prices !== undefined && { prices: readOwnPrices(prices, `${where}.prices`) }),
    ...(capabilities !== undefined && { capabilities }),
    ...(contextWindows !== undefined && { contextWindows }),
  };
}
