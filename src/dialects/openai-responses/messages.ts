import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Message, Part, Role, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { argumentsText } from '../openai-chat/messages-decode.ts';
import { decodeContent, decodeContentPart } from './content.ts';
import { decodeReasoningItem } from './reasoning.ts';
import { extensionPart, invalidRequest, itemSignature } from './wire.ts';

/** Items that belong to what the model said, and those that answer it. */
type Turn = 'assistant' | 'tool' | 'other';

/**
 * The conversation: instructions first, then the items of `input`. What the model did in one go (reasoning, texts, calls)
 * is one turn; so are results that follow each other.
 *
 * @throws GatewayError `invalid_request` naming the item
 */
export function decodeInput(body: JsonObject): readonly Message[] {
  const { input } = body;
  const messages = instructionsOf(body.instructions);
  if (typeof input === 'string') return [...messages, { role: 'user', parts: [{ type: 'text', text: input }] }];
  if (!Array.isArray(input)) throw invalidRequest('input', 'must be a string or an array of items');
  if (input.length === 0 && messages.length === 0) throw invalidRequest('input', 'must not be empty');
  const turns = new Turns(messages);
  input.forEach((item, index) => {
    turns.add(item, `input[${index}]`);
  });
  return turns.messages;
}

function instructionsOf(instructions: JsonValue | undefined): Message[] {
  if (instructions === undefined || instructions === null) return [];
  if (typeof instructions !== 'string') throw invalidRequest('instructions', 'must be a string');
  return [{ role: 'system', parts: [{ type: 'text', text: instructions }] }];
}

class Turns {
  readonly messages: Message[];
  /** Parts of the turn that further items may join. */
  #open: { readonly turn: Turn; readonly parts: Part[] } | undefined;

  constructor(messages: Message[]) {
    this.messages = messages;
  }

  add(item: JsonValue, where: string): void {
    const object = typeof item === 'string' ? { role: 'user', content: item } : item;
    if (!isJsonObject(object)) throw invalidRequest(where, 'must be an object');
    switch (object.type ?? 'message') {
      case 'message':
        this.#message(object, where);
        return;
      case 'function_call':
        this.#join('assistant', [decodeCall(object, where)]);
        return;
      case 'function_call_output':
        this.#join('tool', [decodeResult(object, where)]);
        return;
      case 'reasoning':
        this.#join('assistant', [decodeReasoningItem(object)]);
        return;
      case 'item_reference':
        // Only reasoning of ours gets here, which cannot be looked up and need not be.
        return;
      default:
        if (isSaidByModel(object)) this.#join('assistant', [extensionPart(object)]);
        else this.#push('user', [extensionPart(object)]);
    }
  }

  #message(item: JsonObject, where: string): void {
    const { role } = item;
    if (role === 'assistant') this.#join('assistant', decodeSaid(item, where));
    else if (role === 'user' || role === 'system' || role === 'developer') {
      this.#push(role, decodeContent(item.content, `${where}.content`));
    } else throw invalidRequest(`${where}.role`, "must be 'user', 'assistant', 'system' or 'developer'");
  }

  #push(role: Role, parts: readonly Part[]): void {
    this.#open = undefined;
    this.messages.push({ role, parts });
  }

  #join(turn: 'assistant' | 'tool', parts: readonly Part[]): void {
    if (this.#open?.turn !== turn) {
      const open = { turn, parts: [] };
      this.#open = open;
      this.messages.push({ role: turn, parts: open.parts });
    }
    this.#open.parts.push(...parts);
  }
}

/** Items of tools the provider runs itself, and calls of custom tools; outputs and approvals are the caller's. */
function isSaidByModel({ type, role }: JsonObject): boolean {
  if (role !== undefined && role !== 'assistant') return false;
  const kind = asString(type) ?? '';
  return !kind.endsWith('_output') && !kind.endsWith('_response');
}

const messageMembers: ReadonlySet<string> = new Set(['type', 'role', 'content']);

/** What the model said; the first part carries what else the item says of itself. */
function decodeSaid(item: JsonObject, where: string): readonly Part[] {
  const parts =
    typeof item.content === 'string'
      ? [{ type: 'text', text: item.content } as const]
      : asArray(item.content).map((part, index) => decodeSaidPart(part, `${where}.content[${index}]`));
  const signed = itemSignature(item, messageMembers);
  const [first, ...others] = parts;
  return first?.type === 'text' && signed.signature !== undefined ? [{ ...first, ...signed }, ...others] : parts;
}

function decodeSaidPart(part: JsonValue, where: string): Part {
  const object = asObject(part);
  if (object?.type === 'refusal' && typeof object.refusal === 'string')
    return { type: 'refusal', text: object.refusal };
  return decodeContentPart(part, where);
}

const callMembers: ReadonlySet<string> = new Set(['type', 'call_id', 'name', 'arguments']);

function decodeCall(item: JsonObject, where: string): ToolCallPart {
  if (typeof item.call_id !== 'string') throw invalidRequest(`${where}.call_id`, 'must be a string');
  if (typeof item.name !== 'string') throw invalidRequest(`${where}.name`, 'must be a string');
  return {
    type: 'tool-call',
    id: item.call_id,
    name: item.name,
    arguments: argumentsText(item.arguments),
    ...itemSignature(item, callMembers),
  };
}

function decodeResult(item: JsonObject, where: string): ToolResultPart {
  if (typeof item.call_id !== 'string') throw invalidRequest(`${where}.call_id`, 'must be a string');
  const content = decodeContent(item.output, `${where}.output`).map((part, index) =>
    // No dialect's results hold audio.
    part.type === 'audio' ? extensionPart(asObject(asArray(item.output)[index]) ?? {}) : part,
  );
  return { type: 'tool-result', toolCallId: item.call_id, content };
}
