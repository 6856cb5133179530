import { asArray, asObject, type JsonObject, type JsonValue, parseObject } from '../../core/json.ts';
import type { Opaque } from '../canonical.ts';
import type { Frames } from './frames.ts';
import { foreignEnvelope } from './reasoning.ts';
import { type MutableJson, stateOf } from './wire.ts';

/** Where an item stands, and what it says beyond its parts where the provider spoke this dialect. */
export interface ItemPlace {
  readonly frames: Frames;
  readonly index: number;
  readonly id: string;
  /** Asked again at the end: some of it is known late. */
  rest(): JsonObject | undefined;
}

export type ItemStatus = 'completed' | 'incomplete';

export interface WrittenItem {
  readonly text: string;
  readonly item: JsonObject;
}

function added({ frames, index }: ItemPlace, item: JsonObject): string {
  return frames.frame('response.output_item.added', { output_index: index, item });
}

function done({ frames, index }: ItemPlace, item: JsonObject): WrittenItem {
  return { text: frames.frame('response.output_item.done', { output_index: index, item }), item };
}

/** An item that is there all at once. */
export function writeWhole(place: ItemPlace, item: JsonObject): WrittenItem {
  const first = added(place, item);
  return { text: first + done(place, item).text, item };
}

// ---- Messages ----

interface OpenContent {
  readonly type: 'output_text' | 'refusal';
  /** Members of a delta up to its text. */
  readonly head: string;
  text: string;
  logprobs: readonly JsonValue[];
}

/** One message: its contents come one after another. */
export class MessageWriter {
  readonly kind = 'message';
  readonly #place: ItemPlace;
  readonly #contents: JsonObject[] = [];
  #open: OpenContent | undefined;

  constructor(place: ItemPlace) {
    this.#place = place;
  }

  /** How many contents it has, the open one left out. */
  get contents(): number {
    return this.#contents.length;
  }

  begin(): string {
    const { content: _, status: _status, ...rest } = this.#place.rest() ?? {};
    const { id } = this.#place;
    return added(this.#place, { type: 'message', ...rest, id, status: 'in_progress', content: [], role: 'assistant' });
  }

  say(type: OpenContent['type'], text: string, logprobs: readonly JsonValue[]): string {
    const opening = this.#open?.type === type ? '' : this.endContent() + this.#begin(type);
    const open = this.#open;
    if (open === undefined || text === '') return opening;
    open.text += text;
    if (logprobs.length > 0) open.logprobs = [...open.logprobs, ...logprobs];
    const { frames } = this.#place;
    const delta = open.head + JSON.stringify(text);
    if (type === 'refusal') return opening + frames.delta('response.refusal.delta', delta);
    return opening + frames.delta('response.output_text.delta', `${delta},"logprobs":${JSON.stringify(logprobs)}`);
  }

  #begin(type: OpenContent['type']): string {
    const where = this.#where();
    const head = `${JSON.stringify(where).slice(1, -1)},"delta":`;
    this.#open = { type, head, text: '', logprobs: [] };
    return this.#place.frames.frame('response.content_part.added', { ...where, part: contentPart(this.#open, {}) });
  }

  #where(): JsonObject {
    const { id, index } = this.#place;
    return { item_id: id, output_index: index, content_index: this.#contents.length };
  }

  endContent(): string {
    const open = this.#open;
    if (open === undefined) return '';
    this.#open = undefined;
    const where = this.#where();
    const rest = asObject(asArray(this.#place.rest()?.content)[this.#contents.length]) ?? {};
    const part = contentPart(open, rest);
    this.#contents.push(part);
    const { frames } = this.#place;
    const end =
      open.type === 'refusal'
        ? frames.frame('response.refusal.done', { ...where, refusal: open.text })
        : this.#annotations(where, part) +
          frames.frame('response.output_text.done', { ...where, text: open.text, logprobs: open.logprobs });
    return end + frames.frame('response.content_part.done', { ...where, part });
  }

  #annotations(where: JsonObject, part: JsonObject): string {
    return asArray(part.annotations)
      .map((annotation, index) =>
        this.#place.frames.frame('response.output_text.annotation.added', {
          ...where,
          annotation_index: index,
          annotation,
        }),
      )
      .join('');
  }

  end(status: ItemStatus): WrittenItem {
    const closing = this.endContent();
    const { id } = this.#place;
    const { content: _, ...rest } = this.#place.rest() ?? {};
    const item = { type: 'message', status, ...rest, id, content: this.#contents, role: 'assistant' };
    const written = done(this.#place, item);
    return { ...written, text: closing + written.text };
  }
}

function contentPart({ type, text, logprobs }: OpenContent, rest: JsonObject): JsonObject {
  return type === 'refusal' ? { type, refusal: text, ...rest } : { type, annotations: [], logprobs, text, ...rest };
}

// ---- Reasoning ----

/** Reasoning: its text is shown as one summary. */
export class ReasoningWriter {
  readonly kind = 'reasoning';
  readonly #place: ItemPlace;
  readonly #where: JsonObject;
  readonly #head: string;
  #text = '';
  #begun = false;

  constructor(place: ItemPlace) {
    this.#place = place;
    this.#where = { item_id: place.id, output_index: place.index, summary_index: 0 };
    this.#head = `${JSON.stringify(this.#where).slice(1, -1)},"delta":`;
  }

  begin(): string {
    return added(this.#place, { type: 'reasoning', id: this.#place.id, summary: [] });
  }

  say(text: string): string {
    if (text === '') return '';
    const { frames } = this.#place;
    const part = { type: 'summary_text', text: '' };
    const opening = this.#begun ? '' : frames.frame('response.reasoning_summary_part.added', { ...this.#where, part });
    this.#begun = true;
    this.#text += text;
    return opening + frames.delta('response.reasoning_summary_text.delta', this.#head + JSON.stringify(text));
  }

  end(signature: Opaque | undefined): WrittenItem {
    const { frames } = this.#place;
    const part = { type: 'summary_text', text: this.#text };
    const closing = this.#begun
      ? frames.frame('response.reasoning_summary_text.done', { ...this.#where, text: this.#text }) +
        frames.frame('response.reasoning_summary_part.done', { ...this.#where, part })
      : '';
    const item = reasoningItem(this.#place, this.#begun ? [part] : [], signature && { signature });
    const written = done(this.#place, item);
    return { ...written, text: closing + written.text };
  }
}

/** The provider's own item as it was, or one that carries what another provider signed. */
export function reasoningItem(
  { id }: Pick<ItemPlace, 'id'>,
  summary: readonly JsonObject[],
  sealed: { readonly signature?: Opaque; readonly redacted?: Opaque } = {},
): JsonObject {
  const own = stateOf(sealed.redacted ?? sealed.signature);
  if (own !== undefined) return { type: 'reasoning', ...own };
  const encrypted = foreignEnvelope(sealed);
  return { type: 'reasoning', id, summary, ...(encrypted !== undefined && { encrypted_content: encrypted }) };
}

// ---- Calls ----

export class CallWriter {
  readonly #place: ItemPlace;
  readonly #call: JsonObject;
  readonly #where: JsonObject;
  readonly #head: string;
  #arguments = '';

  constructor(place: ItemPlace, call: { readonly id: string; readonly name: string }) {
    this.#place = place;
    this.#call = { call_id: call.id, name: call.name };
    this.#where = { item_id: place.id, output_index: place.index };
    this.#head = `${JSON.stringify(this.#where).slice(1, -1)},"delta":`;
  }

  begin(): string {
    return added(this.#place, this.#item('in_progress'));
  }

  say(text: string): string {
    if (text === '') return '';
    this.#arguments += text;
    return this.#place.frames.delta('response.function_call_arguments.delta', this.#head + JSON.stringify(text));
  }

  end(): WrittenItem {
    // No arguments at all are an empty object.
    const empty = this.#arguments === '' ? this.say('{}') : '';
    const told = this.#place.frames.frame('response.function_call_arguments.done', {
      ...this.#where,
      arguments: this.#arguments,
    });
    // The model was cut off within them.
    const status: ItemStatus = parseObject(this.#arguments) === undefined ? 'incomplete' : 'completed';
    const item = this.#item(status, this.#place.rest());
    const written = done(this.#place, item);
    return { ...written, text: empty + told + written.text };
  }

  #item(status: string, rest: JsonObject = {}): JsonObject {
    const item: MutableJson = { type: 'function_call', status, ...rest, id: this.#place.id, ...this.#call };
    item.arguments = this.#arguments;
    return item;
  }
}
