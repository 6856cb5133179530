import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';
import { type BedrockVariant, bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

export const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
export const hello: Message = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

export interface Encoded {
  readonly body: JsonObject;
  readonly dropped: readonly string[];
  /** `messages` of the body. */
  readonly turns: readonly JsonObject[];
}

/** A request of another dialect as this one sends it. */
export function encode(request: Partial<ChatRequest>, model = sonnet, variant: BedrockVariant = {}): Encoded {
  const whole = deepFreeze({ model: 'alias', messages: [hello], stream: false, includeUsage: false, ...request });
  const { body, dropped } = bedrockConverse(variant).request.encode(whole, { model });
  return { body, dropped, turns: asArray(body.messages).map((turn) => asObject(turn) ?? {}) };
}

export function text(role: Message['role'], words: string): Message {
  return { role, parts: [{ type: 'text', text: words }] };
}

export function user(...parts: readonly Part[]): Message {
  return { role: 'user', parts };
}

export function assistantCalls(...ids: readonly string[]): Message {
  return {
    role: 'assistant',
    parts: ids.map((id): Part => ({ type: 'tool-call', id, name: 'weather', arguments: '{"city":"Paris"}' })),
  };
}

export function result(toolCallId: string, words: string, isError?: boolean): Message {
  const content = [{ type: 'text', text: words } as const];
  return {
    role: 'tool',
    parts: [{ type: 'tool-result', toolCallId, content, ...(isError !== undefined && { isError }) }],
  };
}
