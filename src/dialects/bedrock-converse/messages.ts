import { asArray, type JsonValue } from '../../core/json.ts';
import type { Message, Part } from '../canonical.ts';
import { decodeBlocks, decodeTurns } from '../decode-turns.ts';
import { refusal } from '../refusal.ts';
import { decodeBlock } from './blocks.ts';
import { withExtensions } from './wire.ts';

/**
 * `system` and `messages` as messages.
 * @throws GatewayError `invalid_request` naming the place, as in `messages.0.content.1`
 */
export function decodeMessages(system: JsonValue | undefined, messages: JsonValue | undefined): Message[] {
  const decoded = decodeTurns(messages, { decodeContent, withExtensions });
  const prompt = system == null ? [] : decodeContent(system, 'system');
  return prompt.length === 0 ? decoded : [{ role: 'system', parts: prompt }, ...decoded];
}

function decodeContent(content: JsonValue | undefined, place: string): Part[] {
  if (!Array.isArray(content)) throw refusal(place, 'must be an array of content blocks');
  return decodeBlocks(asArray(content), place, decodeBlock);
}
