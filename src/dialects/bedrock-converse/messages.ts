import { asArray, asObject, isJsonObject, type JsonValue } from '../../core/json.ts';
import type { Message, Part } from '../canonical.ts';
import { refusal } from '../refusal.ts';
import { decodeBlock } from './blocks.ts';
import { withExtensions } from './wire.ts';

/**
 * `system` and `messages` as messages. Tool results, which stand in user messages here, become messages of their own.
 * @throws GatewayError `invalid_request` naming the place, as in `messages.0.content.1`
 */
export function decodeMessages(system: JsonValue | undefined, messages: JsonValue | undefined): Message[] {
  if (!Array.isArray(messages)) throw refusal('messages', 'must be an array');
  const decoded = asArray(messages).flatMap((message, index) => decodeMessage(message, `messages.${index}`));
  const prompt = system == null ? [] : decodeContent(system, 'system');
  return prompt.length === 0 ? decoded : [{ role: 'system', parts: prompt }, ...decoded];
}

function decodeMessage(value: JsonValue, place: string): Message[] {
  const message = asObject(value);
  if (message === undefined) throw refusal(place, 'must be an object');
  const parts = decodeContent(message.content, `${place}.content`);
  switch (message.role) {
    case 'user':
      return splitResults(parts);
    case 'assistant':
      return [{ role: 'assistant', parts }];
    case 'system':
      // The mark tells the encoder that this one stands where it stands on purpose.
      return [{ role: 'system', parts, ...withExtensions({ role: 'system' }) }];
    default:
      throw refusal(`${place}.role`, 'must be "user" or "assistant"');
  }
}

function splitResults(parts: readonly Part[]): Message[] {
  const results = parts.filter((part) => part.type === 'tool-result');
  if (results.length === 0) return [{ role: 'user', parts }];
  const rest = parts.filter((part) => part.type !== 'tool-result');
  return [{ role: 'tool', parts: results }, ...(rest.length > 0 ? [{ role: 'user', parts: rest } as const] : [])];
}

function decodeContent(content: JsonValue | undefined, place: string): Part[] {
  if (!Array.isArray(content)) throw refusal(place, 'must be an array of content blocks');
  return asArray(content).map((value, index) => {
    const part = isJsonObject(value) ? decodeBlock(value) : undefined;
    if (part === undefined) throw refusal(`${place}.${index}`, 'is not a valid content block');
    return part;
  });
}
