import { asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ReasoningOptions } from '../canonical.ts';
import { forbidsReasoning } from '../reasoning-wish.ts';
import type { ModelTraits } from './variant.ts';

/*
 * https://ai.google.dev/gemini-api/docs/thinking
 *
 * Gemini 2.5 takes a budget of tokens, Gemini 3 a level; both in one request are refused.
 */

/** Tokens per effort, as Google's own OpenAI-compatible API sets them. https://ai.google.dev/gemini-api/docs/openai#thinking */
const effortBudgets: ReadonlyMap<string, number> = new Map<string, number>([
  ['none', 0],
  ['minimal', 1024],
  ['low', 1024],
  ['medium', 8192],
  ['high', 24_576],
  ['xhigh', 32_768],
  ['max', 32_768],
]);

const effortLevels: ReadonlyMap<string, string> = new Map<string, string>([
  ['none', 'minimal'],
  ['minimal', 'minimal'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);

/** The model decides how much to think. */
const dynamicBudget = -1;

export function decodeReasoning(thinkingConfig: JsonObject | undefined): ReasoningOptions | undefined {
  if (thinkingConfig === undefined) return undefined;
  const { includeThoughts, thinkingBudget } = thinkingConfig;
  const level = asString(thinkingConfig.thinkingLevel)?.toLowerCase();
  const options: ReasoningOptions = {
    ...(level !== undefined && level !== 'thinking_level_unspecified' && { effort: level }),
    ...(typeof thinkingBudget === 'number' && decodeBudget(thinkingBudget)),
    ...(typeof includeThoughts === 'boolean' && { includeText: includeThoughts }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

function decodeBudget(budget: number): ReasoningOptions {
  if (budget === 0) return { enabled: false };
  return budget < 0 ? { enabled: true } : { budgetTokens: budget };
}

export interface EncodedReasoning {
  readonly thinkingConfig?: JsonObject;
  /** `not-possible` where the model cannot think, or be kept from thinking, as asked. */
  readonly wish: 'met' | 'not-possible';
}

/** @param ownBudget the budget as a Gemini caller wrote it: Gemini 3 still takes one instead of a level */
export function encodeReasoning(
  reasoning: ReasoningOptions,
  traits: ModelTraits,
  ownBudget: JsonValue | undefined,
): EncodedReasoning {
  const isOff = forbidsReasoning(reasoning);
  if (traits.thinking === 'none') return { wish: isOff || !asksForThinking(reasoning) ? 'met' : 'not-possible' };
  const { effort, budgetTokens, includeText } = reasoning;
  const keepsBudget = effort === undefined && budgetTokens !== undefined && budgetTokens === ownBudget;
  const byLevel = traits.thinking === 'level' && !keepsBudget;
  const amount = byLevel ? encodeLevel(reasoning, traits.model) : encodeBudget(reasoning, traits);
  const thinkingConfig = {
    ...amount,
    // Thoughts of a model that must not think are refused.
    ...(includeText !== undefined && amount?.thinkingBudget !== 0 && { includeThoughts: includeText }),
  };
  return {
    ...(Object.keys(thinkingConfig).length > 0 && { thinkingConfig }),
    wish: amount === undefined || (isOff && amount.thinkingBudget !== 0) ? 'not-possible' : 'met',
  };
}

function asksForThinking({ enabled, effort, budgetTokens, includeText }: ReasoningOptions): boolean {
  return enabled === true || effort !== undefined || budgetTokens !== undefined || includeText === true;
}

/** `undefined` for an effort nobody knows. */
function encodeBudget(reasoning: ReasoningOptions, traits: ModelTraits): JsonObject | undefined {
  const { enabled, effort, budgetTokens } = reasoning;
  if (enabled === false) return { thinkingBudget: withinRange(0, traits.model) };
  if (budgetTokens !== undefined) return { thinkingBudget: withinRange(budgetTokens, traits.model) };
  if (effort === undefined) return enabled === true ? { thinkingBudget: dynamicBudget } : {};
  const budget = effortBudgets.get(effort);
  return budget === undefined ? undefined : { thinkingBudget: withinRange(budget, traits.model) };
}

/** `undefined` for an effort nobody knows. */
function encodeLevel({ enabled, effort, budgetTokens }: ReasoningOptions, model: string): JsonObject | undefined {
  if (enabled === false) return { thinkingLevel: nearestLevel('minimal', model) };
  const wanted = effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens));
  if (wanted === undefined) return {};
  const level = effortLevels.get(wanted);
  return level === undefined ? undefined : { thinkingLevel: nearestLevel(level, model) };
}

function effortOfBudget(tokens: number): string {
  if (tokens <= 0) return 'minimal';
  if (tokens <= 1024) return 'low';
  return tokens <= 8192 ? 'medium' : 'high';
}

/** Smallest and largest budget per model; Pro cannot be kept from thinking. */
function withinRange(budget: number, model: string): number {
  if (/gemini-[3-9]/.test(model)) return budget;
  if (/pro/.test(model)) return clamp(budget, 128, 32_768);
  if (/lite/.test(model)) return budget <= 0 ? 0 : clamp(budget, 512, 24_576);
  return clamp(budget, 0, 24_576);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/**
 * Which levels exist depends on the model; none of Gemini 3 can be kept from thinking.
 *
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thinking
 */
function nearestLevel(level: string, model: string): string {
  if (level === 'minimal' && !takesMinimalLevel(model)) return 'low';
  // The first Gemini 3 Pro knows low and high alone.
  if (level === 'medium' && /gemini-3-pro/.test(model)) return 'high';
  return level;
}

function takesMinimalLevel(model: string): boolean {
  return /flash-lite|gemini-3(?:\.[1-6])?-flash/.test(model);
}
