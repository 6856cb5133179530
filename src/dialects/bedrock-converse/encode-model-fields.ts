import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { planThinking } from '../anthropic-messages/encode-reasoning.ts';
import type { ModelTraits as ClaudeTraits } from '../anthropic-messages/models.ts';
import { encodeSampling } from '../anthropic-messages/sampling.ts';
import type { ChatRequest, ReasoningOptions } from '../canonical.ts';
import type { EncodeTarget } from '../dialect.ts';
import { effortOfBudget, forbidsReasoning, wantsReasoning } from '../reasoning-wish.ts';
import type { ModelTraits } from './models.ts';
import { unlessEmpty } from './wire.ts';

export interface InferenceInput {
  readonly request: ChatRequest;
  readonly target: EncodeTarget;
  readonly traits: ModelTraits;
  /** What Anthropic says of the model, if it is a Claude. */
  readonly claude: ClaudeTraits | undefined;
  /** Fields a Converse caller gave the model beyond what the canonical form holds. */
  readonly own: JsonObject;
  /** Why a Claude would refuse a thinking budget for this request, if it would. */
  readonly budgetRefused: boolean;
  readonly dropped: Set<string>;
}

export interface EncodedInference {
  readonly inferenceConfig?: JsonObject;
  readonly additionalModelRequestFields?: JsonObject;
}

/** What a family of models makes of the request: its limits, and the fields it has beyond them. */
interface Inference {
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly fields: JsonObject;
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html */
export function encodeInference(input: InferenceInput): EncodedInference {
  const { maxTokens, temperature, topP, fields } = familyOf(input);
  const stopSequences = encodeStop(input);
  const inferenceConfig = unlessEmpty({
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stopSequences.length > 0 && { stopSequences }),
  });
  const additionalModelRequestFields = unlessEmpty(merged(input.own, fields));
  return {
    ...(inferenceConfig !== undefined && { inferenceConfig }),
    ...(additionalModelRequestFields !== undefined && { additionalModelRequestFields }),
  };
}

function familyOf(input: InferenceInput): Inference {
  const { claude, traits } = input;
  if (claude !== undefined && traits.reasoning === 'thinking') return claudeInference(input, claude);
  return traits.reasoning === 'reasoningConfig' ? nova2Inference(input) : plainInference(input);
}

function encodeStop({ request: { stop = [] }, dropped }: InferenceInput): readonly string[] {
  const sequences = stop.filter((sequence) => sequence.trim() !== '');
  if (sequences.length < stop.length) dropped.add('stop');
  return sequences;
}

/**
 * Claude thinks here as it does at Anthropic's. Without a bound the answer may be as long as the model can write, so a
 * budget always fits.
 */
function claudeInference({ request, claude: _, ...input }: InferenceInput, traits: ClaudeTraits): Inference {
  const { own, dropped, budgetRefused } = input;
  const bound = request.maxOutputTokens;
  const lowered = bound === undefined ? undefined : Math.min(bound, traits.maxOutputTokens);
  if (lowered !== bound) dropped.add('max_tokens');
  const plan = planThinking({
    reasoning: request.reasoning,
    traits,
    maxTokens: lowered ?? traits.maxOutputTokens,
    paidFor: input.target.maxOutputTokens !== undefined,
    plainEffort: asString(asObject(own.output_config)?.effort),
    budgetRefused,
    dropped,
  });
  const thinks = plan.thinking !== undefined && plan.thinking.type !== 'disabled';
  const topP01 = within01(request.topP, 'top_p', dropped);
  const bounded = { ...request, ...(topP01 !== undefined && { topP: topP01 }) };
  const sampling = encodeSampling({ request: bounded, traits, thinks, dropped });
  const { temperature, top_p: topP, top_k: topK } = sampling;
  return {
    ...(lowered !== undefined && { maxTokens: plan.maxTokens }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    fields: {
      ...(topK !== undefined && { top_k: topK }),
      ...(plan.thinking !== undefined && { thinking: plan.thinking }),
      ...(plan.effort !== undefined && { output_config: { effort: plan.effort } }),
    },
  };
}

function plainInference(input: InferenceInput): Inference {
  const { request, traits, dropped } = input;
  const effort = traits.reasoning === 'reasoning_effort' ? gptOssEffort(request.reasoning, dropped) : undefined;
  if (traits.reasoning === 'none' && wantsReasoning(request.reasoning)) dropped.add('reasoning_effort');
  return {
    ...sampling(input),
    fields: { ...topK(input), ...(effort !== undefined && { reasoning_effort: effort }) },
  };
}

/**
 * Nova 2 takes neither sampling parameters nor a bound next to the highest effort.
 * https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
 */
function nova2Inference(input: InferenceInput): Inference {
  const { request, dropped } = input;
  const reasoningConfig = novaReasoning(request.reasoning, dropped);
  const fields = { ...topK(input), ...(reasoningConfig !== undefined && { reasoningConfig }) };
  if (reasoningConfig?.maxReasoningEffort !== 'high') return { ...sampling(input), fields };
  if (request.maxOutputTokens !== undefined) dropped.add('max_tokens');
  if (request.temperature !== undefined) dropped.add('temperature');
  if (request.topP !== undefined) dropped.add('top_p');
  return { fields };
}

/** Both run from 0 to 1 here; a higher temperature is lowered to 1 and reported. */
function sampling({ request, dropped }: InferenceInput): Omit<Inference, 'fields'> {
  const { maxOutputTokens: maxTokens, temperature, topP } = request;
  return {
    maxTokens,
    temperature: within01(temperature, 'temperature', dropped),
    topP: within01(topP, 'top_p', dropped),
  };
}

function within01(value: number | undefined, name: string, dropped: Set<string>): number | undefined {
  if (value === undefined) return undefined;
  const clamped = Math.min(1, Math.max(0, value));
  if (clamped !== value) dropped.add(name);
  return clamped;
}

function topK({ request, traits, dropped }: InferenceInput): JsonObject {
  if (request.topK === undefined) return {};
  switch (traits.topK) {
    case 'top_k':
    case 'k':
      return { [traits.topK]: request.topK };
    case 'inferenceConfig.topK':
      return { inferenceConfig: { topK: request.topK } };
    case 'none':
      dropped.add('top_k');
      return {};
  }
}

const efforts: Readonly<Record<string, string>> = { minimal: 'low', low: 'low', medium: 'medium', high: 'high' };

function gptOssEffort(reasoning: ReasoningOptions | undefined, dropped: Set<string>): string | undefined {
  if (reasoning === undefined) return undefined;
  const effort = forbidsReasoning(reasoning) ? undefined : nearestEffort(reasoning, dropped);
  // It cannot stop thinking: the lowest effort comes nearest.
  if (effort === undefined) dropped.add('reasoning_effort');
  return effort ?? 'low';
}

function novaReasoning(reasoning: ReasoningOptions | undefined, dropped: Set<string>): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  if (forbidsReasoning(reasoning)) return { type: 'disabled' };
  if (!wantsReasoning(reasoning)) return undefined;
  return { type: 'enabled', maxReasoningEffort: nearestEffort(reasoning, dropped) };
}

/** Effort in three words; a budget is the word it is nearest to, and reported. */
function nearestEffort({ effort, budgetTokens }: ReasoningOptions, dropped: Set<string>): string {
  if (effort === undefined && budgetTokens === undefined) return 'medium';
  const same = efforts[effort ?? ''];
  if (same !== effort) dropped.add('reasoning_effort');
  if (same !== undefined) return same;
  if (effort !== undefined || budgetTokens === undefined) return 'high';
  dropped.add('reasoning_effort');
  return effortOfBudget(budgetTokens);
}

/** Fields that both have are joined, as far as they are objects. */
function merged(own: JsonObject, fields: JsonObject): JsonObject {
  const joined = Object.entries(fields).map(([key, value]): [string, JsonObject[string]] => {
    const before = asObject(own[key]);
    const added = asObject(value);
    return [key, before !== undefined && added !== undefined ? { ...before, ...added } : value];
  });
  return { ...own, ...Object.fromEntries(joined) };
}
