import type { DialectName } from '../core/dialect-name.ts';
import type { JsonObject } from '../core/json.ts';
import { anthropicNeeds } from '../dialects/anthropic-messages/needs.ts';
import type { ChatRequest } from '../dialects/canonical.ts';
import { geminiNeeds } from '../dialects/gemini/needs.ts';
import { openaiChatNeeds } from '../dialects/openai-chat/needs.ts';
import { canonicalNeeds, type RequestNeeds } from '../dialects/request-needs.ts';

/** Readers that do without decoding: what passes through is not decoded for this. */
const readers: { readonly [Name in DialectName]?: (body: JsonObject) => RequestNeeds } = {
  'openai-chat': openaiChatNeeds,
  'plain-chat': openaiChatNeeds,
  'anthropic-messages': anthropicNeeds,
  gemini: geminiNeeds,
};

const nothing: RequestNeeds = { needs: new Set(), maxOutputTokens: undefined };

/** What a caller's request needs. A body that means no request needs nothing: whoever gets it will say what is wrong. */
export function readNeeds(dialect: DialectName, body: JsonObject, canonical: () => ChatRequest): RequestNeeds {
  const reader = readers[dialect];
  if (reader !== undefined) return reader(body);
  try {
    return canonicalNeeds(canonical());
  } catch {
    return nothing;
  }
}
