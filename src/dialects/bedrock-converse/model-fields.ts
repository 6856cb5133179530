import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { decodeThinking } from '../anthropic-messages/reasoning.ts';
import type { ReasoningOptions } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';

/** What `additionalModelRequestFields` says, whichever model it was written for. */
export interface DecodedModelFields {
  readonly topK?: number;
  readonly reasoning?: ReasoningOptions;
  /** Fields without a place in the canonical form. */
  readonly others: JsonObject | undefined;
}

const topKKey: ReadonlySet<string> = new Set(['topK']);
const effortKey: ReadonlySet<string> = new Set(['effort']);

/**
 * Each model family has its own words for top k and for reasoning.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
 */
export function decodeModelFields(fields: JsonObject): DecodedModelFields {
  const nova = asObject(fields.inferenceConfig);
  const topK = asNumber(fields.top_k) ?? asNumber(fields.k) ?? asNumber(nova?.topK);
  const reasoning = decodeReasoning(fields);
  const read = new Set(['inferenceConfig', 'thinking', 'reasoning_config', 'reasoningConfig', 'reasoning_effort']);
  if (topK !== undefined) for (const key of ['top_k', 'k']) read.add(key);
  const moreNova = nova && otherMembers(nova, topKKey);
  const config = asObject(fields.output_config);
  if (isThinking(fields) && config !== undefined) read.add('output_config');
  const moreConfig = isThinking(fields) && config !== undefined ? otherMembers(config, effortKey) : undefined;
  const others = {
    ...otherMembers(fields, read),
    ...(moreNova !== undefined && { inferenceConfig: moreNova }),
    ...(moreConfig !== undefined && { output_config: moreConfig }),
  };
  return {
    ...(topK !== undefined && { topK }),
    ...(reasoning !== undefined && { reasoning }),
    others: Object.keys(others).length === 0 ? undefined : others,
  };
}

function isThinking(fields: JsonObject): boolean {
  const type = asObject(fields.thinking ?? fields.reasoning_config)?.type;
  return type === 'enabled' || type === 'adaptive';
}

/** Claude's words are Anthropic's: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function decodeReasoning(fields: JsonObject): ReasoningOptions | undefined {
  const thinking = asObject(fields.thinking ?? fields.reasoning_config);
  const config = asObject(fields.reasoningConfig);
  const effort = asString(fields.reasoning_effort);
  if (thinking !== undefined) return decodeThinking(thinking, asString(asObject(fields.output_config)?.effort));
  if (config !== undefined) return decodeNova(config);
  return effort === undefined ? undefined : { effort };
}

/** https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function decodeNova(config: JsonObject): ReasoningOptions {
  if (config.type === 'disabled') return { enabled: false };
  const effort = asString(config.maxReasoningEffort);
  return { enabled: true, ...(effort !== undefined && { effort }) };
}
