import type { DialectName } from '../../core/dialect-name.ts';
import { GatewayError } from '../../core/errors.ts';
import { asArray, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatEvent, Choice, Extensions, Opaque, Part } from '../canonical.ts';

/** An event that belongs to one choice. */
export type ChoiceEvent = Exclude<ChatEvent, { readonly type: 'start' | 'usage' | 'extension' | 'error' | 'done' }>;
type OpenPart = { readonly type: 'text' | 'reasoning' | 'refusal'; readonly place: number; text: string };
type OpenCall = {
  readonly start: Extract<ChatEvent, { type: 'tool-call-start' }>;
  readonly place: number;
  text: string;
};

/** Puts the parts of one choice together. */
export class ChoiceCollector {
  readonly index: number;
  readonly #parts: Part[] = [];
  readonly #calls = new Map<number, OpenCall>();
  #open: OpenPart | undefined;
  #finish: Extract<ChatEvent, { type: 'finish' }> | undefined;
  #logprobs: JsonObject | undefined;
  #extensions: Extensions | undefined;

  constructor(index: number) {
    this.index = index;
  }

  add(event: ChoiceEvent): void {
    switch (event.type) {
      case 'text-delta':
        this.#continue('text', event.text);
        return;
      case 'reasoning-delta':
        this.#continue('reasoning', event.text);
        return;
      case 'refusal-delta':
        this.#continue('refusal', event.text);
        return;
      case 'part-end':
        this.#close(event.signature);
        return;
      case 'reasoning-redacted':
        this.#append({ type: 'reasoning', text: '', redacted: event.redacted });
        return;
      case 'extension-part':
        this.#append(event.part);
        return;
      case 'tool-call-start':
        this.#calls.set(event.index, { start: event, place: this.#parts.length, text: '' });
        this.#append(toolCallPart(event, ''));
        return;
      case 'tool-call-delta':
        this.#continueCall(event.index, event.arguments);
        return;
      case 'tool-call-end':
        return;
      case 'logprobs':
        this.#logprobs = joinedLogprobs(this.#logprobs, event.logprobs);
        return;
      case 'finish':
        this.#finish = event;
    }
  }

  extend(dialect: DialectName, data: JsonObject): void {
    this.#extensions = extended(this.#extensions, dialect, data);
  }

  finished(): Choice {
    this.#close();
    const finish = this.#finish;
    if (finish === undefined) throw new GatewayError('upstream_truncated');
    for (const call of this.#calls.values()) this.#parts[call.place] = toolCallPart(call.start, call.text);
    return {
      index: this.index,
      parts: this.#parts,
      finishReason: finish.reason,
      ...(finish.rawReason !== undefined && { rawFinishReason: finish.rawReason }),
      ...(finish.stopSequence !== undefined && { stopSequence: finish.stopSequence }),
      ...(this.#logprobs !== undefined && { logprobs: this.#logprobs }),
      ...(this.#extensions !== undefined && { extensions: this.#extensions }),
    };
  }

  #continue(type: OpenPart['type'], text: string): void {
    if (this.#open?.type !== type) {
      this.#close();
      this.#open = { type, place: this.#parts.length, text: '' };
      this.#parts.push({ type, text: '' });
    }
    this.#open.text += text;
  }

  #close(signature?: Opaque): void {
    const open = this.#open ?? (signature && { type: 'text', place: this.#parts.length, text: '' });
    if (open === undefined) return;
    this.#open = undefined;
    const { type, text } = open;
    this.#parts[open.place] =
      signature === undefined || type === 'refusal' ? { type, text } : { type, text, signature };
  }

  #append(part: Part): void {
    this.#close();
    this.#parts.push(part);
  }

  #continueCall(index: number, text: string): void {
    const call = this.#calls.get(index);
    if (call !== undefined) call.text += text;
  }
}

function toolCallPart(start: OpenCall['start'], argumentsText: string): Part {
  return {
    type: 'tool-call',
    id: start.id,
    name: start.name,
    arguments: argumentsText === '' ? '{}' : argumentsText,
    ...(start.signature !== undefined && { signature: start.signature }),
  };
}

/** Extensions with more fields of one dialect; later values replace earlier ones per field. */
export function extended(extensions: Extensions | undefined, dialect: DialectName, data: JsonObject): Extensions {
  return { ...extensions, [dialect]: { ...extensions?.[dialect], ...data } };
}

/** Log probabilities of one choice: the lists add up. */
export function joinedLogprobs(before: JsonObject | undefined, more: JsonObject): JsonObject {
  if (before === undefined) return more;
  const joined: Record<string, JsonValue | undefined> = { ...before };
  for (const [key, value] of Object.entries(more)) {
    joined[key] = Array.isArray(value) ? [...asArray(joined[key]), ...value] : (joined[key] ?? value);
  }
  return joined;
}
