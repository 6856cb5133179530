import { asArray, asObject, type JsonObject } from '../../core/json.ts';
import type { ChatAnswer, Choice } from '../canonical.ts';
import type { ReplyContext } from '../dialect.ts';
import { encodeContent } from './encode-content.ts';
import { wireCall } from './encode-messages.ts';
import { encodeFinishReason } from './finish-reason.ts';
import { encodeLogprobs } from './logprobs.ts';
import { encodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

/**
 * The first choice as a message: the API knows no more than one.
 * https://docs.cohere.com/reference/chat
 */
export function encodeAnswer(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const [choice] = answer.choices;
  const { usage, ...fields } = answer.extensions?.[dialect] ?? {};
  const logprobs = encodeLogprobs(choice?.logprobs);
  return {
    id: answer.id === '' ? reply.fallbackId : answer.id,
    message: encodeMessage(choice),
    finish_reason: encodeFinishReason({
      reason: choice?.finishReason ?? 'stop',
      rawReason: choice?.rawFinishReason,
      stopSequence: choice?.stopSequence,
    }),
    ...(answer.usage !== undefined && { usage: encodeUsage(answer.usage, asObject(usage)) }),
    ...(logprobs.length > 0 && { logprobs }),
    ...fields,
  };
}

function encodeMessage(choice: Choice | undefined): JsonObject {
  const parts = choice?.parts ?? [];
  const { citations, tool_plan: hasPlan } = choice?.extensions?.[dialect] ?? {};
  const plan = hasPlan === true ? parts.findLast((part) => part.type === 'reasoning') : undefined;
  const calls = parts.filter((part) => part.type === 'tool-call');
  const content = parts.flatMap((part) => {
    if (part.type !== 'reasoning') return encodeContent([part], new Set());
    return part === plan || part.text === '' ? [] : [{ type: 'thinking', thinking: part.text }];
  });
  return {
    role: 'assistant',
    ...((content.length > 0 || calls.length === 0) && { content }),
    ...(plan !== undefined && { tool_plan: plan.text }),
    ...(calls.length > 0 && { tool_calls: calls.map(wireCall) }),
    ...(asArray(citations).length > 0 && { citations: asArray(citations) }),
  };
}
