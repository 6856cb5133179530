/** A wire format this package speaks, towards callers and towards providers. */
export type DialectName = 'openai-chat' | 'anthropic-messages' | 'gemini';
