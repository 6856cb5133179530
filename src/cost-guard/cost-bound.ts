import type { Candidate } from '../core/capability.ts';
import type { NanoUsd } from '../core/cost.ts';
import type { DialectName } from '../core/dialect-name.ts';
import type { Operation } from '../core/inbound.ts';
import type { BillableUsage, RateCard } from '../prices/index.ts';
import { factsOf, targetPricing } from '../providers/facts/facts-of.ts';
import type { Target } from '../providers/provider.ts';
import { surfaceFor } from '../providers/surface.ts';
import { candidateOf } from '../providers/target.ts';
import type { PromptBound } from './prompt-bound.ts';

/** What a request asks for, as far as it decides on its price. */
export interface AskedWork {
  readonly operation: Operation;
  /** The caller's, which decides on the surface that is asked. */
  readonly dialect: DialectName;
  readonly prompt: PromptBound;
  /** Answers or pictures it wants at once. */
  readonly answers: number;
  /** The bound on generated tokens the caller sent, for each answer. */
  readonly outputTokens: number | undefined;
}

export interface OutputDefaults {
  /** The operator's bound for callers who send none. */
  readonly defaultMaxOutputTokens: number | undefined;
  /** An answer shorter than this is of no use. */
  readonly leastOutputTokens: number;
}

/** What a request can cost at one target. */
export interface TargetBound extends Candidate {
  /** What reading the prompt costs at most. */
  readonly prompt: NanoUsd;
  /** Nano-USD for a million generated tokens. */
  readonly outputRate: number;
  /** Answers that are generated at once. */
  readonly answers: number;
  /** Generated tokens it may have, for each answer; 0 where nothing is generated that tokens count. */
  readonly outputTokens: number;
  /** The fewest that a bound may name there. */
  readonly fewestOutputTokens: number;
  /** Whether the caller sent that bound. */
  readonly boundByCaller: boolean;
  /** Everything together. */
  readonly most: NanoUsd;
  /** The least that buys a useful answer. */
  readonly least: NanoUsd;
}

/** Where neither the caller nor the operator nor anybody's facts say how long an answer may be. */
const usualMaxOutputTokens = 4_096;
/** The most that a picture of any model with a price by tokens has, and to spare. */
const tokensPerPicture = 8_192;

/** `undefined` where a price is not known. */
export function boundAt(
  target: Target,
  work: AskedWork,
  context: OutputDefaults & { readonly wallTime: number },
): TargetBound | undefined {
  const candidate = candidateOf(target);
  if (work.operation === 'images') return pictureBound(candidate, target, work, context.wallTime);
  const pricing = targetPricing(target);
  const usage = promptUsage(work.prompt);
  const prompt = pricing.priceOf(usage, context.wallTime)?.nanoUsd;
  if (prompt === undefined) return undefined;
  if (work.operation !== 'chat') return fixed(candidate, prompt);
  const card = pricing.rates(context.wallTime);
  const outputRate = card === null ? undefined : outputRateOf(card, usage.inputTokens);
  if (outputRate === undefined) return undefined;
  const fewestOutputTokens = fewestAt(target, work.dialect);
  const outputTokens = Math.max(fewestOutputTokens, outputBound(target, work, context));
  const { answers } = work;
  const useful = Math.max(fewestOutputTokens, Math.min(outputTokens, context.leastOutputTokens));
  return {
    ...candidate,
    prompt,
    outputRate,
    answers,
    outputTokens,
    fewestOutputTokens,
    boundByCaller: work.outputTokens !== undefined && work.outputTokens <= outputTokens,
    most: prompt + costOf(outputTokens * answers, outputRate),
    least: prompt + costOf(useful * answers, outputRate),
  };
}

function fewestAt({ instance, model }: Target, caller: DialectName): number {
  return surfaceFor(instance, model, caller)?.dialect.request.leastOutputTokens ?? 1;
}

/** Rounded up: a bound is never too low. */
export function costOf(tokens: number, rate: number): NanoUsd {
  return Math.ceil((tokens * rate) / 1_000_000);
}

function promptUsage({ tokens, writesCache }: PromptBound): BillableUsage {
  return {
    inputTokens: tokens,
    outputTokens: 0,
    ...(writesCache && { cacheWriteTokens: tokens, cacheWrite1hTokens: tokens }),
  };
}

/** The dearest kind of text a model generates; of several prices by length, the one of this prompt. */
function outputRateOf({ tokens, longPrompts }: RateCard, promptTokens: number): number | undefined {
  const rates = longPrompts.findLast(({ above }) => promptTokens > above)?.tokens ?? tokens;
  if (rates.output === undefined) return undefined;
  return Math.max(Number(rates.output), Number(rates.reasoning ?? rates.output));
}

/** Generated tokens for each answer: the caller's own bound where it sent one and the model can, what is usual otherwise. */
function outputBound(target: Target, { outputTokens, prompt }: AskedWork, defaults: OutputDefaults): number {
  const { maxOutputTokens, contextWindow } = factsOf(target);
  if (outputTokens !== undefined) return Math.max(1, Math.min(outputTokens, maxOutputTokens ?? outputTokens));
  const wanted = defaults.defaultMaxOutputTokens ?? maxOutputTokens ?? usualMaxOutputTokens;
  // A prompt that seems to fill the window may yet be shorter than its bound.
  const room = Math.max(defaults.leastOutputTokens, (contextWindow ?? Number.POSITIVE_INFINITY) - prompt.tokens);
  return Math.min(wanted, maxOutputTokens ?? wanted, room);
}

function pictureBound(
  candidate: Candidate,
  target: Target,
  { prompt, answers }: AskedWork,
  wallTime: number,
): TargetBound | undefined {
  const card = targetPricing(target).rates(wallTime);
  if (card === null) return undefined;
  if (card.images.length > 0) {
    const dearest = card.images.reduce((most, { nanoUsd }) => (nanoUsd > most ? nanoUsd : most), 0n);
    return fixed(candidate, Number(dearest) * answers + costOf(prompt.tokens, Number(card.tokens.input ?? 0n)));
  }
  const rate = card.tokens.outputImage ?? card.tokens.output;
  if (rate === undefined || card.tokens.input === undefined) return undefined;
  const pictures = costOf(tokensPerPicture * answers, Number(rate));
  return fixed(candidate, pictures + costOf(prompt.tokens, Number(card.tokens.input)));
}

function fixed(candidate: Candidate, cost: NanoUsd): TargetBound {
  return {
    ...candidate,
    prompt: cost,
    outputRate: 0,
    answers: 1,
    outputTokens: 0,
    fewestOutputTokens: 0,
    boundByCaller: true,
    most: cost,
    least: cost,
  };
}
