import { asArray, asObject, isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Extensions, Message, Part } from './canonical.ts';
import { refusal } from './refusal.ts';

/** What differs between the APIs whose `messages` are turns of user and assistant. */
export interface TurnForm {
  /** @throws GatewayError `invalid_request` */
  readonly decodeContent: (content: JsonValue | undefined, place: string) => Part[];
  readonly withExtensions: (own: JsonObject) => { readonly extensions?: Extensions };
}

/**
 * Turns as messages. Tool results, which stand in user messages there, become messages of their own.
 * @throws GatewayError `invalid_request` naming the place, as in `messages.0.content.1`
 */
export function decodeTurns(messages: JsonValue | undefined, form: TurnForm): Message[] {
  if (!Array.isArray(messages)) throw refusal('messages', 'must be an array');
  return asArray(messages).flatMap((message, index) => decodeTurn(message, `messages.${index}`, form));
}

function decodeTurn(value: JsonValue, place: string, { decodeContent, withExtensions }: TurnForm): Message[] {
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
  const messages: Message[] = [{ role: 'tool', parts: results }];
  if (rest.length > 0) messages.push({ role: 'user', parts: rest });
  return messages;
}

/**
 * @param decodeBlock nothing for a block that lacks what its kind needs
 * @throws GatewayError `invalid_request`
 */
export function decodeBlocks(
  blocks: readonly JsonValue[],
  place: string,
  decodeBlock: (block: JsonObject) => Part | undefined,
): Part[] {
  return blocks.map((value, index) => {
    const part = isJsonObject(value) ? decodeBlock(value) : undefined;
    if (part === undefined) throw refusal(`${place}.${index}`, 'is not a valid content block');
    return part;
  });
}
