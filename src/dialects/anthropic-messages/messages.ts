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
  if (system == null) return decoded;
  return [{ role: 'system', parts: decodeContent(system, 'system') }, ...decoded];
}

function decodeContent(content: JsonValue | undefined, place: string): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw refusal(place, 'must be a string or an array of content blocks');
  return decodeBlocks(asArray(content), place, decodeBlock);
}
