/** A wire format this package speaks, towards callers and towards providers. */
export type DialectName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'cohere-chat'
  | 'ollama-chat'
  /** Our own short form of a chat request, `POST /chat`. No provider speaks it. */
  | 'plain-chat';
