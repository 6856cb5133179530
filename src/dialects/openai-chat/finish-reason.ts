import type { FinishReason } from '../canonical.ts';

/** Spellings met at providers that speak this dialect. Not listed: read as `stop`, the raw word is kept. */
const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  // Azure's model catalogue: https://learn.microsoft.com/azure/ai-foundry/
  tool_call: 'tool_calls',
  // Before tools: https://platform.openai.com/docs/api-reference/chat/object
  function_call: 'tool_calls',
  // Together and TGI
  eos: 'stop',
  eos_token: 'stop',
  stop_sequence: 'stop',
  // Mistral
  model_length: 'length',
  // vLLM behind other front ends
  max_tokens: 'length',
  end_turn: 'stop',
  tool_use: 'tool_calls',
  safety: 'content_filter',
};

/**
 * A provider's word as one of ours. A natural end with a tool call is `tool_calls`, without one it is `stop`, whatever
 * the provider says (OpenAI itself says `stop` after a named tool choice); `length` and `content_filter` stand.
 */
export function decodeFinishReason(raw: string, hasToolCall: boolean): FinishReason {
  const reason = Object.hasOwn(reasons, raw) ? reasons[raw] : undefined;
  return reason === 'length' || reason === 'content_filter' ? reason : hasToolCall ? 'tool_calls' : 'stop';
}

/** The word a provider uses for an answer it broke off itself: a failure, not an end. */
export function isFailure(raw: string): boolean {
  return raw === 'error';
}
