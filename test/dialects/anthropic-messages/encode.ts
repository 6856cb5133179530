import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';
import { type AnthropicVariant, anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

export const hello: Message = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

export interface Encoded {
  readonly body: JsonObject;
  readonly dropped: readonly string[];
  /** `messages` of the body. */
  readonly turns: readonly JsonObject[];
}

/** A request of another dialect as this one sends it. */
export function encode(
  request: Partial<ChatRequest>,
  model = 'claude-sonnet-4-5',
  variant: AnthropicVariant = {},
): Encoded {
  const whole = deepFreeze({ model: 'alias', messages: [hello], stream: false, includeUsage: false, ...request });
  const { body, dropped } = anthropicMessages(variant).request.encode(whole, { model });
  return { body, dropped, turns: asArray(body.messages).map((turn) => asObject(turn) ?? {}) };
}

export function text(role: Message['role'], words: string): Message {
  return { role, parts: [{ type: 'text', text: words }] };
}

export function assistantCalls(...ids: readonly string[]): Message {
  return {
    role: 'assistant',
    parts: ids.map((id): Part => ({ type: 'tool-call', id, name: 'weather', arguments: '{"city":"Paris"}' })),
  };
}

export function result(toolCallId: string, words: string): Message {
  return { role: 'tool', parts: [{ type: 'tool-result', toolCallId, content: [{ type: 'text', text: words }] }] };
}
