import { asObject, type JsonObject, parseObject } from '../../core/json.ts';
import type { ExtensionPart, Opaque } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { isMadeUpItemId } from './item-ids.ts';

export {
  booleanMember,
  emptyObject,
  invalidRequest,
  jsonText,
  type MutableJson,
  numberMember,
  stringMember,
} from '../openai-chat/wire.ts';

const name = 'openai-responses';

/** A part of content, or a whole item, that only this dialect knows. */
export function extensionPart(data: JsonObject): ExtensionPart {
  return { type: 'extension', dialect: name, data };
}

/** State of ours, as text. */
export function opaque(state: JsonObject): Opaque {
  return { dialect: name, value: JSON.stringify(state) };
}

/** The state in an opaque value; `undefined` for one of another dialect. */
export function stateOf(value: Opaque | undefined): JsonObject | undefined {
  return value?.dialect === name ? asObject(parseObject(value.value)) : undefined;
}

/**
 * What an item of the history says beyond what the canonical form holds (its id, its phase, ...), to stand on one of its
 * parts. How far it had come says nothing about the past.
 */
export function itemSignature(item: JsonObject, known: ReadonlySet<string>): { readonly signature?: Opaque } {
  const { status: _, ...others } = otherMembers(item, known) ?? {};
  const told = Object.entries(others).filter(([key, value]) => value !== null && !isUseless(key, value));
  return told.length === 0 ? {} : { signature: opaque(Object.fromEntries(told)) };
}

function isUseless(key: string, value: unknown): boolean {
  return key === 'id' && typeof value === 'string' && isMadeUpItemId(value);
}
