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
const models: Inbound = { dialect: 'openai-chat', operation: 'models' };
const health: Inbound = { dialect: 'openai-chat', operation: 'health' };
const other: Inbound = { dialect: 'openai-chat', operation: 'other' };

/** Reads the end of the path, because where the gateway is mounted is the app's choice. */
export function inboundOf(path: string): Inbound {
  const plain = withoutQuery(path);
  if (plain.endsWith('/chat/completions')) return chat;
  if (plain.endsWith('/messages')) return anthropicChat;
  if (plain.endsWith(':generateContent') || plain.endsWith(':streamGenerateContent')) return geminiChat;
  if (plain.endsWith('/models') || namesModel(plain)) return models;
  return plain.endsWith('/health') ? health : other;
}

/** The path alone, also without the slash that some clients put at its end. */
function withoutQuery(path: string): string {
  const query = path.indexOf('?');
  const end = query === -1 ? path.length : query;
  return path.slice(0, end > 1 && path[end - 1] === '/' ? end - 1 : end);
}

/** Gemini's other methods also stand below `/models/`: https://ai.google.dev/api/tokens */
const geminiMethod = /:[a-z]+[A-Z][A-Za-z]*$/;

/** `/models/{id}`, where an id may have slashes of its own. */
function namesModel(path: string): boolean {
  return path.includes('/models/') && !geminiMethod.test(path);
}
