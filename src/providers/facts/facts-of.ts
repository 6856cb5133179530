import type { ModelPricing } from '../../prices/index.ts';
import { entryFor, pricingOf } from '../../prices/index.ts';
import type { Target } from '../provider.ts';
import { claudeFacts } from './claude.ts';
import { geminiFacts } from './gemini.ts';
import { bedrockFacts, cohereFacts, deepseekFacts, groqFacts, mistralFacts, ollamaFacts } from './hosted.ts';
import { type FactRule, factsByRules, type ModelFacts } from './model-facts.ts';
import { openModelFacts } from './open-models.ts';
import { openaiFacts } from './openai.ts';

/**
 * Rules by provider. Not there: Azure, whose names are the operator's own, and servers of one's own, where a name
 * promises nothing.
 */
const rulesByProvider: ReadonlyMap<string, readonly FactRule[]> = new Map([
  ['openai', openaiFacts],
  ['gemini', geminiFacts],
  ['vertex', geminiFacts],
  ['mistral', mistralFacts],
  ['groq', [...openModelFacts, ...groqFacts]],
  ['together', openModelFacts],
  ['hugging-face', openModelFacts],
  ['fireworks', openModelFacts],
  ['cerebras', openModelFacts],
  ['nvidia', openModelFacts],
  ['deepseek', deepseekFacts],
  ['cohere', cohereFacts],
  ['bedrock', [...openModelFacts, ...bedrockFacts]],
  ['ollama', ollamaFacts],
]);

/** Where Claude is served under its own name. */
const servesClaude: ReadonlySet<string> = new Set(['anthropic', 'bedrock', 'vertex']);

/** Targets are kept by the planner, so what is known of them is kept with them. */
const factsByTarget = new WeakMap<Target, ModelFacts>();
const pricingByTarget = new WeakMap<Target, ModelPricing>();

/** What is known of a target's model: what the operator says, else what its vendor does. */
export function factsOf(target: Target): ModelFacts {
  const known = factsByTarget.get(target);
  if (known !== undefined) return known;
  const facts = collectFacts(target);
  factsByTarget.set(target, facts);
  return facts;
}

/** What is known of a target's prices. */
export function targetPricing(target: Target): ModelPricing {
  const known = pricingByTarget.get(target);
  if (known !== undefined) return known;
  const { instance, model } = target;
  const isAnyServer = instance.provider.baseUrl === undefined;
  const pricing = pricingOf({
    provider: instance.provider.name,
    model,
    ...(instance.own?.prices && { own: instance.own.prices }),
    ...(isAnyServer && { address: instance.origin + instance.basePath }),
  });
  pricingByTarget.set(target, pricing);
  return pricing;
}

function collectFacts(target: Target): ModelFacts {
  const { model, instance } = target;
  const { own, provider } = instance;
  const contextWindow = namesAreModels(provider.name) ? targetPricing(target).contextWindow : undefined;
  const ownWindow = own?.contextWindows && entryFor(own.contextWindows, model);
  return {
    ...(contextWindow !== undefined && { contextWindow }),
    ...vendorFacts(provider.name, model),
    ...(own?.capabilities && entryFor(own.capabilities, model)),
    ...(ownWindow !== undefined && { contextWindow: ownWindow }),
  };
}

/** An Azure deployment may be called like another model than the one that runs there. */
function namesAreModels(provider: string): boolean {
  return provider !== 'azure';
}

function vendorFacts(provider: string, model: string): ModelFacts {
  if (model.includes('claude') && servesClaude.has(provider)) return claudeFacts(model);
  return factsByRules(rulesByProvider.get(provider) ?? [], model);
}
