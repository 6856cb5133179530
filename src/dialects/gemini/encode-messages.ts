import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { dropForeign, type Encoding } from './encoding.ts';
import { encodeModelPart } from './parts.ts';
import { encodeMediaPart, encodeToolResult } from './tool-results.ts';

export interface EncodedMessages {
  readonly systemInstruction?: JsonObject;
  readonly contents: readonly JsonObject[];
}

/**
 * Turns of `user` and `model`, neighbours of one role merged, system and developer text apart.
 *
 * @throws GatewayError `invalid_request` when a part cannot be sent, or nothing is left to send
 */
export function encodeMessages(messages: readonly Message[], encoding: Encoding): EncodedMessages {
  const system = messages.filter(isSystem);
  // The API wants a turn to answer. A conversation of instructions alone is asked with the last of them.
  const asked = system.length < messages.length ? undefined : system.pop();
  const instruction = system.flatMap((message) => encodeSystem(message, encoding));
  const turns = new Turns(encoding);
  if (!encoding.traits.systemInstruction) turns.addUser(instruction);
  for (const [place, message] of messages.entries()) {
    if (message === asked) turns.addUser(encodeSystem(message, encoding));
    else if (!isSystem(message)) turns.add(message, place);
  }
  const contents = turns.finished();
  if (contents.length === 0) {
    throw new GatewayError('invalid_request', { message: '`messages` must hold some content.', param: 'messages' });
  }
  const apart = encoding.traits.systemInstruction && instruction.length > 0;
  return apart ? { systemInstruction: { parts: instruction }, contents } : { contents };
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

function encodeSystem(message: Message, encoding: Encoding): JsonObject[] {
  dropForeign(message.extensions, encoding);
  return message.parts.flatMap((part) => encodeText(part, encoding));
}

function encodeText(part: Part, encoding: Encoding): JsonObject[] {
  const encoded = isBlank(part) ? undefined : encodeModelPart(part, encoding.dropped);
  return encoded === undefined ? [] : [encoded];
}

/** Nothing is said by an empty text, and some models refuse it; a signed one is the end of the model's thinking. */
function isBlank(part: Part): boolean {
  if (part.type !== 'text' && part.type !== 'reasoning') return false;
  const redacted = part.type === 'reasoning' && part.redacted !== undefined;
  return part.text === '' && !redacted && part.signature?.dialect !== 'gemini';
}

interface PlacedResult {
  readonly result: ToolResultPart;
  readonly place: number;
}

/** Collects turns: one entry of `contents` per run of messages of one speaker. */
class Turns {
  readonly #encoding: Encoding;
  readonly #contents: { readonly role: string; readonly parts: JsonObject[] }[] = [];
  /** Names of all calls so far by id: results of other dialects carry the id alone. The nearest call wins. */
  readonly #names = new Map<string, string>();
  /** Calls of the model turn before the open user turn, in order. */
  #calls: readonly ToolCallPart[] = [];
  #model: Part[] = [];
  #results: PlacedResult[] = [];
  #user: JsonObject[] = [];
  #userSpoke = false;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  addUser(parts: readonly JsonObject[]): void {
    this.#flushModel();
    this.#user.push(...parts);
  }

  add(message: Message, place: number): void {
    dropForeign(message.extensions, this.#encoding);
    if (message.name !== undefined) this.#encoding.dropped.add('name');
    if (message.role === 'assistant') {
      this.#flushUser();
      this.#model.push(...message.parts);
      return;
    }
    this.#flushModel();
    this.#userSpoke = true;
    for (const [number, part] of message.parts.entries()) {
      if (part.type === 'tool-result') this.#results.push({ result: part, place });
      else this.#user.push(...this.#encodeInput(part, `messages[${place}].content[${number}]`));
    }
  }

  finished(): readonly JsonObject[] {
    this.#flushModel();
    this.#flushUser();
    return this.#contents;
  }

  #encodeInput(part: Part, place: string): JsonObject[] {
    if ('extensions' in part) dropForeign(part.extensions, this.#encoding);
    const isMedia = part.type === 'image' || part.type === 'file' || part.type === 'audio';
    return isMedia ? [encodeMediaPart(part, place, this.#encoding)] : encodeText(part, this.#encoding);
  }

  #flushModel(): void {
    if (this.#model.length === 0) return;
    const parts = this.#model;
    this.#model = [];
    this.#calls = parts.filter((part) => part.type === 'tool-call');
    for (const call of this.#calls) this.#names.set(call.id, call.name);
    const encoded = signed(parts, this.#encoding).flatMap((part) => this.#encodeInput(part, 'messages'));
    this.#push('model', encoded);
  }

  /** All responses first, in the order of the calls and with nothing between them: the API counts and compares. */
  #flushUser(): void {
    const order = new Map(this.#calls.map((call, number) => [call.id, number]));
    const last = this.#calls.length;
    const results = this.#results
      .toSorted((a, b) => (order.get(a.result.toolCallId) ?? last) - (order.get(b.result.toolCallId) ?? last))
      .map(({ result, place }) => this.#encodeResult(result, place));
    const parts = [...results.map(({ part }) => part), ...results.flatMap(({ media }) => media), ...this.#user];
    this.#results = [];
    this.#user = [];
    this.#calls = [];
    // A user who says nothing is still a turn, which the calls of the next one must follow.
    if (parts.length === 0 && this.#userSpoke) parts.push({ text: '' });
    this.#userSpoke = false;
    this.#push('user', parts);
  }

  /** A turn of nothing leaves its neighbours side by side. */
  #push(role: 'model' | 'user', parts: readonly JsonObject[]): void {
    const last = this.#contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) this.#contents.push({ role, parts: [...parts] });
  }

  #encodeResult(result: ToolResultPart, message: number) {
    const name = this.#names.get(result.toolCallId) ?? result.toolName;
    if (name === undefined) {
      throw new GatewayError('invalid_request', {
        message: 'A tool result answers no tool call of the conversation.',
        param: `messages[${message}].tool_call_id`,
      });
    }
    return encodeToolResult(result, { name, place: `messages[${message}]` }, this.#encoding);
  }
}

/**
 * What Google documents for histories that come from other models: with it, the model does not insist on a signature.
 *
 * https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
const signatureForForeignHistory = 'skip_thought_signature_validator';

/** The first call of a turn must be signed; those beside it need not be. */
function signed(parts: readonly Part[], { traits }: Encoding): readonly Part[] {
  const first = parts.find((part) => part.type === 'tool-call');
  if (!traits.signedCalls || first?.type !== 'tool-call' || first.signature?.dialect === 'gemini') return parts;
  const signature = { dialect: 'gemini', value: signatureForForeignHistory } as const;
  return parts.map((part) => (part === first ? { ...first, signature } : part));
}
