import type { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import { namedModels } from '../core/named-models.ts';
import { usdText } from '../core/usd.ts';
import type { Engine } from '../failover/engine.ts';
import type { RateCard, TokenRates } from '../prices/index.ts';
import { createCatalogue, type ListedModel } from '../providers/catalogue.ts';
import { factsOf, targetPricing } from '../providers/facts/facts-of.ts';
import { abilities, type ModelFacts } from '../providers/facts/model-facts.ts';
import type { Planner } from '../providers/planner.ts';
import type { Target } from '../providers/provider.ts';
import { candidateOf } from '../providers/target.ts';

/** What a caller may know of a model, in no dialect's words. */
export interface ModelCard {
  /** `provider/model`, or a public name. */
  readonly id: string;
  /** Other names that lead to it. */
  readonly names: readonly string[];
  readonly facts: ModelFacts;
  /** What no vendor's list has a word for; the same in every dialect. */
  readonly details: JsonObject;
}

export interface ModelCards {
  /** Those the caller may use, with the prices and the health of this moment. */
  visibleTo(call: Call): readonly ModelCard[];
}

export interface CardSources {
  readonly planner: Planner;
  readonly engine: Pick<Engine, 'health'>;
}

export function modelCards({ planner, engine }: CardSources): ModelCards {
  const catalogue = createCatalogue(planner.instances, planner.chains);
  const facts = new Map(catalogue.listed.map((model) => [model, factsOfModel(model)]));
  return {
    visibleTo(call) {
      const models = [...catalogue.listed, ...catalogue.named(call.get(namedModels) ?? [])];
      const allowed = allowedTargets(call, models);
      const out = targetsOut(engine);
      return models
        .filter(({ targets }) => targets.some(({ id }) => allowed.has(id)))
        .map((model) => {
          const known = facts.get(model) ?? factsOfModel(model);
          const available = model.targets.some(({ id }) => !out.has(id));
          return {
            id: model.id,
            names: model.names,
            facts: known,
            details: detailsOf(model, known, { at: call.runtime.wallTime(), available }),
          };
        });
    },
  };
}

/** A public name can do what one of its targets can: requests go to those that fit them. */
function factsOfModel({ targets }: ListedModel): ModelFacts {
  return joinFacts(targets.map(factsOf));
}

/** What the capabilities in front (a key's models, ...) let the caller use. */
function allowedTargets(call: Call, listed: readonly ListedModel[]): ReadonlySet<string> {
  let candidates = listed.flatMap((model) => model.targets).map(candidateOf);
  for (const capability of call.capabilities) {
    candidates = [...(capability.onPlan?.(call, candidates).candidates ?? candidates)];
  }
  return new Set(candidates.map(({ provider, model }) => `${provider}/${model}`));
}

function targetsOut({ health }: CardSources['engine']): ReadonlySet<string> {
  const out = health.snapshot().filter(({ status }) => status === 'ejected' || status === 'probing');
  return new Set(out.map(({ target }) => target));
}

function joinFacts(facts: readonly ModelFacts[]): ModelFacts {
  const joined: Record<string, boolean | number> = {};
  for (const ability of abilities) {
    const values = facts.map((known) => known[ability]);
    if (values.includes(true)) joined[ability] = true;
    else if (values.length > 0 && !values.includes(undefined)) joined[ability] = false;
  }
  for (const size of ['contextWindow', 'maxOutputTokens'] as const) {
    const sizes = facts.flatMap((known) => known[size] ?? []);
    if (sizes.length > 0) joined[size] = Math.max(...sizes);
  }
  return joined;
}

interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly available: boolean;
}

function detailsOf({ targets, providers }: ListedModel, facts: ModelFacts, { at, available }: Moment): JsonObject {
  const [first] = targets;
  const known = abilities.flatMap((ability) =>
    facts[ability] === undefined ? [] : [[snakeCase(ability), facts[ability]] as const],
  );
  return {
    provider: providers[0] ?? null,
    targets: targets.map(({ id }) => id),
    price: first === undefined ? null : priceOf(first, at),
    context_window: facts.contextWindow ?? null,
    max_output_tokens: facts.maxOutputTokens ?? null,
    capabilities: Object.fromEntries(known),
    available,
  };
}

/** The first target's prices: what a call costs as long as nothing fails. */
function priceOf(target: Target, at: number): JsonObject | null {
  const card = targetPricing(target).rates(at);
  if (card === null) return null;
  return {
    unit: 'usd_per_million_tokens',
    ...ratesOf(card.tokens, (nanoUsd) => Number(usdText(nanoUsd))),
    ...piecesOf(card),
    ...(card.longPrompts.length > 0 && {
      long_prompts: card.longPrompts.map(({ above, tokens }) => ({
        above,
        ...ratesOf(tokens, (nanoUsd) => Number(usdText(nanoUsd))),
      })),
    }),
    nano_usd: ratesOf(card.tokens, Number),
    version: card.version,
  };
}

function ratesOf(rates: TokenRates, written: (nanoUsd: bigint) => number): JsonObject {
  return Object.fromEntries(Object.entries(rates).map(([kind, rate]) => [snakeCase(kind), written(rate)]));
}

/** US dollars per piece; the names say of what. */
function piecesOf({ request, images, audioHour, characters, webSearches }: RateCard): JsonObject {
  const usd = (nanoUsd: bigint): number => Number(usdText(nanoUsd));
  return {
    ...(request !== undefined && { usd_per_request: usd(request) }),
    ...(images.length > 0 && { images: images.map(({ nanoUsd, ...kind }) => ({ ...kind, usd: usd(nanoUsd) })) }),
    ...(audioHour !== undefined && { usd_per_audio_hour: usd(audioHour) }),
    ...(characters !== undefined && { usd_per_million_characters: usd(characters) }),
    ...(webSearches !== undefined && { usd_per_thousand_web_searches: usd(webSearches) }),
  };
}

/** `cacheWrite1h` is `cache_write_1h`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]|(?<=[a-z])\d+/g, (part) => `_${part.toLowerCase()}`);
}
