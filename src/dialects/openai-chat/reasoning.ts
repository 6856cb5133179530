import type { DialectName } from '../../core/dialect-name.ts';
import {
  asArray,
  asObject,
  asString,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseObject,
} from '../../core/json.ts';
import type { Opaque, Part, ReasoningPart } from '../canonical.ts';
import { contentTexts } from './content-decode.ts';
import type { MutableJson } from './wire.ts';

/*
 * Reasoning travels as plain text (`reasoning_content`) and, where there are signatures or encrypted parts, as
 * `reasoning_details[]` in the form OpenRouter has made known:
 * https://openrouter.ai/docs/guides/best-practices/reasoning-tokens
 */

/** What `format` says about where an entry comes from. */
const formats: { readonly [Name in DialectName]?: string } = {
  'openai-responses': 'openai-responses-v1',
  'anthropic-messages': 'anthropic-claude-v1',
  gemini: 'google-gemini-v1',
  'bedrock-converse': 'amazon-bedrock-converse-v1',
};

// ---- Reading ----

/** One entry of `reasoning_details[]`, read. */
export interface ReasoningDetail {
  readonly text: string;
  /** Signs the reasoning this entry belongs to. */
  readonly signature?: Opaque;
  /** A whole reasoning part nobody else can read. */
  readonly redacted?: Opaque;
  /** Gemini signs visible text, too. */
  readonly textSignature?: Opaque;
}

export function decodeReasoningDetail(entry: JsonObject): ReasoningDetail {
  const text = asString(entry.text) ?? asString(entry.summary) ?? '';
  const origin = originOf(entry);
  const data = asString(entry.data);
  if (entry.type === 'reasoning.encrypted' && data !== undefined) {
    if (origin === undefined) return { text: '', redacted: verbatim(entry) };
    const opaque: Opaque = { dialect: origin, value: data };
    return origin === 'gemini' ? { text: '', textSignature: opaque } : { text: '', redacted: opaque };
  }
  const signature = asString(entry.signature);
  if (signature === undefined || signature === '') return { text };
  return { text, signature: origin === undefined ? verbatim(entry) : { dialect: origin, value: signature } };
}

/** Entries with an id of their own belong to whoever wrote them and go back as they are. */
function originOf(entry: JsonObject): DialectName | undefined {
  if (typeof entry.id === 'string') return undefined;
  if (entry.format === formats['anthropic-messages']) return 'anthropic-messages';
  // Ours hold the whole item, its id included: the API wants it back as it was.
  if (entry.format === formats['openai-responses']) return 'openai-responses';
  return entry.format === formats.gemini ? 'gemini' : undefined;
}

/** The entry without its text, which the part itself holds. */
function verbatim(entry: JsonObject): Opaque {
  const { text: _text, summary: _summary, ...rest } = entry;
  return { dialect: 'openai-chat', value: JSON.stringify(rest) };
}

export interface DecodedReasoning {
  readonly parts: readonly ReasoningPart[];
  /** Signatures of visible text, in order. */
  readonly textSignatures: readonly Opaque[];
}

/**
 * The reasoning of a whole message. `reasoning_details` wins where it holds text, because only there each text stands
 * beside its signature.
 */
export function decodeReasoning(message: JsonObject): DecodedReasoning {
  const plain = reasoningText(message);
  const details = mergedDetails(asArray(message.reasoning_details));
  const textSignatures = details.flatMap((detail) => detail.textSignature ?? []);
  const parts = details.flatMap(reasoningPart);
  const detailsHoldText = parts.some((part) => part.text !== '');
  if (plain === '' || detailsHoldText) return { parts, textSignatures };
  const [first, ...others] = parts;
  // A lone signature signs the plain text.
  const signed = first?.signature === undefined ? [{ type: 'reasoning', text: plain } as const, ...parts] : undefined;
  return { parts: signed ?? [{ type: 'reasoning', ...first, text: plain }, ...others], textSignatures };
}

/** Providers write it as `reasoning_content` (DeepSeek, xAI, llama.cpp) or `reasoning` (Groq, Ollama, OpenRouter, vLLM). */
export function reasoningText(message: JsonObject): string {
  return asString(message.reasoning_content) || asString(message.reasoning) || '';
}

/** Clients may send back the entries of a stream as they came: pieces of one text, under one index. */
function mergedDetails(entries: readonly JsonValue[]): readonly ReasoningDetail[] {
  const merged: { index: JsonValue | undefined; detail: ReasoningDetail }[] = [];
  for (const entry of entries) {
    if (!isJsonObject(entry)) continue;
    const detail = decodeReasoningDetail(entry);
    const last = merged.at(-1);
    const continues =
      last !== undefined &&
      entry.index !== undefined &&
      last.index === entry.index &&
      isReadable(last.detail) &&
      last.detail.signature === undefined &&
      isReadable(detail);
    if (continues) last.detail = { ...detail, text: last.detail.text + detail.text };
    else merged.push({ index: entry.index, detail });
  }
  return merged.map(({ detail }) => detail);
}

function isReadable(detail: ReasoningDetail): boolean {
  return detail.redacted === undefined && detail.textSignature === undefined;
}

function reasoningPart(detail: ReasoningDetail): ReasoningPart[] {
  const { text, signature, redacted } = detail;
  if (redacted !== undefined) return [{ type: 'reasoning', text: '', redacted }];
  if (signature !== undefined) return [{ type: 'reasoning', text, signature }];
  return text === '' ? [] : [{ type: 'reasoning', text }];
}

/** Mistral's thinking parts: https://docs.mistral.ai/capabilities/reasoning/ */
export function thinkingPartText(part: JsonObject): string | undefined {
  if (part.type === 'thinking') return contentTexts(part.thinking).join('');
  // Databricks
  return part.type === 'reasoning' ? contentTexts(part.summary).join('') : undefined;
}

// ---- Writing ----

/** The entry for a signed or redacted reasoning part, or for a signed text. Without opaque state there is none. */
export function encodeReasoningDetail(part: Part, index: number): JsonObject | undefined {
  if (part.type === 'reasoning' && part.redacted !== undefined) {
    return opaqueEntry(part.redacted, { type: 'reasoning.encrypted', index }, 'data');
  }
  if (part.type !== 'reasoning' && part.type !== 'text') return undefined;
  if (part.signature === undefined) return undefined;
  // What the Responses API says of a text beside it (its id) is no reasoning.
  if (part.type === 'text' && part.signature.dialect === 'openai-responses') return undefined;
  return part.type === 'text'
    ? opaqueEntry(part.signature, { type: 'reasoning.encrypted', index }, 'data')
    : opaqueEntry(part.signature, { type: 'reasoning.text', text: part.text, index }, 'signature');
}

function opaqueEntry(opaque: Opaque, entry: MutableJson, member: 'data' | 'signature'): JsonObject {
  if (opaque.dialect !== 'openai-chat') return { ...entry, [member]: opaque.value, format: formats[opaque.dialect] };
  const original = asObject(parseObject(opaque.value)) ?? {};
  if (entry.text === undefined) return original;
  return original.type === 'reasoning.summary'
    ? { ...original, summary: entry.text }
    : { ...original, text: entry.text };
}

/** `reasoning_details` of a whole message; `undefined` when nothing in it is opaque. */
export function encodeReasoningDetails(parts: readonly Part[]): readonly JsonObject[] | undefined {
  // Beside signed reasoning, the unsigned must stand as well: readers take all text from here.
  const all = parts.some((part) => part.type === 'reasoning' && part.text !== '' && part.signature !== undefined);
  const details: JsonObject[] = [];
  for (const part of parts) {
    const entry = encodeReasoningDetail(part, details.length) ?? (all ? plainEntry(part, details.length) : undefined);
    if (entry !== undefined) details.push(entry);
  }
  return details.length === 0 ? undefined : details;
}

function plainEntry(part: Part, index: number): JsonObject | undefined {
  return part.type === 'reasoning' ? { type: 'reasoning.text', text: part.text, format: 'unknown', index } : undefined;
}
