import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Part } from '../canonical.ts';
import { argumentsText } from '../openai-chat/messages-decode.ts';
import { otherMembers } from '../other-members.ts';
import { decodeReasoningItem } from './reasoning.ts';
import { extensionPart } from './wire.ts';

/*
 * The items of an answer's `output`. Next to the canonical parts, what an item says beyond them (its id, status, phase,
 * annotations, ...) is kept as its "rest", one per item and in their order, among the extensions of the choice.
 */

const messageMembers: ReadonlySet<string> = new Set(['content', 'role']);
const contentMembers: ReadonlySet<string> = new Set(['type', 'text', 'refusal', 'logprobs']);
const callMembers: ReadonlySet<string> = new Set(['call_id', 'name', 'arguments']);

export function partsOfItem(item: JsonObject): Part[] {
  switch (item.type) {
    case 'message':
      return asArray(item.content).map((content) => partOfContent(asObject(content) ?? {}));
    case 'reasoning':
      return [decodeReasoningItem(item)];
    case 'function_call':
      return [
        {
          type: 'tool-call',
          id: callIdOf(item),
          name: asString(item.name) ?? '',
          arguments: argumentsText(item.arguments),
        },
      ];
    default:
      return [extensionPart(item)];
  }
}

export function callIdOf(item: JsonObject): string {
  return asString(item.call_id) || asString(item.id) || '';
}

export function partOfContent(content: JsonObject): Part {
  if (content.type === 'refusal') return { type: 'refusal', text: asString(content.refusal) ?? '' };
  const text = asString(content.text);
  return content.type === 'output_text' || text !== undefined
    ? { type: 'text', text: text ?? '' }
    : extensionPart(content);
}

/** What an item says beyond its parts. */
export function restOfItem(item: JsonObject): JsonObject {
  switch (item.type) {
    case 'message':
      return { ...otherMembers(item, messageMembers), content: asArray(item.content).map(restOfContent) };
    case 'function_call':
      return otherMembers(item, callMembers) ?? {};
    default:
      return { type: item.type, ...(item.id !== undefined && { id: item.id }) };
  }
}

export function restOfContent(content: JsonValue): JsonObject {
  return otherMembers(asObject(content) ?? {}, contentMembers) ?? {};
}

/** The log probabilities of a text, token by token. */
export function logprobsOf(content: JsonObject): readonly JsonValue[] {
  return asArray(content.logprobs);
}

/** Whether an item asks the caller to run a function. Custom calls may have been run by the provider (xAI). */
export function isCall({ type }: JsonObject): boolean {
  return type === 'function_call';
}
