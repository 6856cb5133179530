import type { Operation } from './call.ts';
import type { DialectName } from './dialect-name.ts';

/** What a path says about a request: which dialect its caller speaks, and what it wants. */
export interface Inbound {
  readonly dialect: DialectName;
  readonly operation: Operation;
}

const chat: Inbound = { dialect: 'openai-chat', operation: 'chat' };
const anthropicChat: Inbound = { dialect: 'anthropic-messages', operation: 'chat' };
const geminiChat: Inbound = { dialect: 'gemini', operation: 'chat' };
const other: Inbound = { dialect: 'openai-chat', operation: 'other' };

/** Reads the end of the path, because where the gateway is mounted is the app's choice. */
export function inboundOf(path: string): Inbound {
  const query = path.indexOf('?');
  const plain = query === -1 ? path : path.slice(0, query);
  if (plain.endsWith('/chat/completions')) return chat;
  if (plain.endsWith('/messages')) return anthropicChat;
  if (plain.endsWith(':generateContent') || plain.endsWith(':streamGenerateContent')) return geminiChat;
  return other;
}
