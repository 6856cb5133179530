import type { JsonObject } from '../../core/json.ts';
import type { ChatAnswer } from '../canonical.ts';
import type { Dialect, ReplyContext } from '../dialect.ts';
import { openaiChat } from '../openai-chat/index.ts';

/**
 * Our own short form beside OpenAI's: `{model, messages, fallback, max_tokens}` is answered by
 * `{id, model, provider, content, usage, latency_ms}`. Requests take every member a chat completion takes, and streams
 * are a chat completion's chunks.
 */
export function plainChat(): Dialect {
  const openai = openaiChat();
  return {
    ...openai,
    name: 'plain-chat',
    request: { ...openai.request, passThrough: () => undefined },
    response: { decode: openai.response.decode, encode: (answer, reply) => encodePlainAnswer(answer, reply, openai) },
  };
}

function encodePlainAnswer(answer: ChatAnswer, reply: ReplyContext, openai: Dialect): JsonObject {
  const choice = answer.choices.find(({ index }) => index === 0);
  const parts = choice?.parts ?? [];
  const text = parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
  const toolCalls = parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } }]
      : [],
  );
  return {
    id: answer.id === '' ? reply.fallbackId : answer.id,
    model: reply.model,
    ...(reply.served && { provider: reply.served.provider }),
    content: text,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    finish_reason: choice?.finishReason ?? 'stop',
    ...(answer.usage && { usage: { ...openai.usage.encode(answer.usage), ...costOf(answer, reply) } }),
    ...(reply.served && { latency_ms: Math.round(reply.served.elapsed()) }),
  };
}

/** `cost_usd` is null where no price is known, and absent where nobody keeps prices. */
function costOf({ usage }: ChatAnswer, { served }: ReplyContext): JsonObject {
  if (usage === undefined || served?.costUsd === undefined) return {};
  return { cost_usd: served.costUsd(usage) };
}
