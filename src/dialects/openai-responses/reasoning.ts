import type { DialectName } from '../../core/dialect-name.ts';
import { asArray, asObject, asString, type JsonObject, parseObject } from '../../core/json.ts';
import type { Opaque, ReasoningPart } from '../canonical.ts';
import { isMadeUpItemId } from './item-ids.ts';
import { opaque, stateOf } from './wire.ts';

/*
 * Reasoning items: https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
 *
 * The whole item is opaque, because the API wants it back as it was; the part's text is what can be read of it. What
 * other providers sign or encrypt travels to callers of this dialect inside `encrypted_content`, under a mark of ours.
 */

/** Stands between the summaries of one item. */
export const summarySeparator = '\n\n';

const envelope = 'aigw1.';

/** What can be read of a reasoning item: its summaries, or what it says in full. */
export function reasoningText(item: JsonObject): string {
  const summaries = textsOf(item.summary);
  return (summaries.length > 0 ? summaries : textsOf(item.content)).join(summarySeparator);
}

function textsOf(parts: unknown): string[] {
  return asArray(parts).flatMap((part) => asString(asObject(part)?.text) ?? []);
}

export function decodeReasoningItem(item: JsonObject): ReasoningPart {
  const text = reasoningText(item);
  const state = stateOfItem(item);
  if (state === undefined) return { type: 'reasoning', text };
  if (state.redacted || (text === '' && state.opaque.dialect === 'openai-responses')) {
    return { type: 'reasoning', text: '', redacted: state.opaque };
  }
  return { type: 'reasoning', text, signature: state.opaque };
}

interface ItemState {
  readonly opaque: Opaque;
  /** Whether another provider shows this thinking in encrypted form only. */
  readonly redacted: boolean;
}

function stateOfItem(item: JsonObject): ItemState | undefined {
  const encrypted = asString(item.encrypted_content);
  const foreign = encrypted === undefined ? undefined : openEnvelope(encrypted);
  if (foreign !== undefined) return foreign;
  const { type: _, ...state } = item;
  // An item nobody can look up, and that holds nothing to read for the model.
  if (encrypted === undefined && isNameless(item)) return undefined;
  return { opaque: opaque(state), redacted: false };
}

function isNameless({ id }: JsonObject): boolean {
  return typeof id !== 'string' || isMadeUpItemId(id);
}

/** The item for the history of a request; `undefined` for reasoning that did not come from this dialect. */
export function encodeReasoningItem(part: ReasoningPart): JsonObject | undefined {
  const state = stateOf(part.redacted ?? part.signature);
  return state === undefined ? undefined : { type: 'reasoning', ...state };
}

/** The state of another provider's reasoning, as a caller of this dialect carries it. */
export function foreignEnvelope(part: Pick<ReasoningPart, 'redacted' | 'signature'>): string | undefined {
  const { redacted, signature } = part;
  const carried = redacted ?? signature;
  if (carried === undefined || carried.dialect === 'openai-responses') return undefined;
  const content = { dialect: carried.dialect, value: carried.value, ...(redacted !== undefined && { redacted: true }) };
  return envelope + Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** Whether `encrypted_content` is an envelope of ours, which no provider can read. */
export function isForeignEnvelope(encrypted: string): boolean {
  return encrypted.startsWith(envelope);
}

const carriedDialects: Readonly<Partial<Record<string, DialectName>>> = {
  'openai-chat': 'openai-chat',
  'anthropic-messages': 'anthropic-messages',
  gemini: 'gemini',
  'bedrock-converse': 'bedrock-converse',
  'cohere-chat': 'cohere-chat',
  'ollama-chat': 'ollama-chat',
};

function openEnvelope(encrypted: string): ItemState | undefined {
  if (!isForeignEnvelope(encrypted)) return undefined;
  const content = asObject(parseObject(Buffer.from(encrypted.slice(envelope.length), 'base64url').toString('utf8')));
  const name = asString(content?.dialect) ?? '';
  const dialect = Object.hasOwn(carriedDialects, name) ? carriedDialects[name] : undefined;
  const value = asString(content?.value);
  if (dialect === undefined || value === undefined) return undefined;
  return { opaque: { dialect, value }, redacted: content?.redacted === true };
}
