import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatEvent, Part } from '../canonical.ts';
import { callIdOf, logprobsOf, partOfContent, restOfContent, restOfItem } from './output-items.ts';
import { decodeReasoningItem, reasoningText, summarySeparator } from './reasoning.ts';
import { extensionPart } from './wire.ts';

/** What an item may say to the rest of the stream. */
export interface ItemListener {
  /** Something beyond the parts is known now. */
  onRest(rest: JsonObject): void;
  emit(event: ChatEvent): void;
}

/** Reads the events of one output item. */
export interface ItemDecoder {
  readonly type: string;
  /** @param event - any event that names the item */
  event(event: JsonObject): void;
  /** The item is complete. Tells what no event has told. */
  done(item: JsonObject): void;
}

const choice = 0;

export function itemDecoder(item: JsonObject, listener: ItemListener, callIndex: number): ItemDecoder {
  switch (item.type) {
    case 'message':
      return new MessageDecoder(item, listener);
    case 'function_call':
      return new CallDecoder(item, listener, callIndex);
    case 'reasoning':
      return new ReasoningDecoder(listener);
    default:
      return new OtherDecoder(asString(item.type) ?? '', listener);
  }
}

class MessageDecoder implements ItemDecoder {
  readonly type = 'message';
  readonly #listener: ItemListener;
  #rest: JsonObject;
  /** Contents something was told of. */
  readonly #told = new Set<number>();
  #open: number | undefined;

  constructor(item: JsonObject, listener: ItemListener) {
    this.#listener = listener;
    this.#rest = restOfItem(item);
  }

  event(event: JsonObject): void {
    const index = typeof event.content_index === 'number' ? event.content_index : 0;
    switch (event.type) {
      case 'response.output_text.delta':
        this.#logprobs(asArray(event.logprobs));
        this.#say(index, { type: 'text', text: asString(event.delta) ?? '' });
        return;
      case 'response.refusal.delta':
        this.#say(index, { type: 'refusal', text: asString(event.delta) ?? '' });
        return;
      case 'response.content_part.done':
        this.#endContent(index, asObject(event.part) ?? {});
    }
  }

  done(item: JsonObject): void {
    asArray(item.content).forEach((content, index) => {
      if (isJsonObject(content)) this.#tell(index, content);
    });
    this.#rest = restOfItem(item);
    this.#listener.onRest(this.#rest);
    this.#close();
  }

  #endContent(index: number, content: JsonObject): void {
    this.#tell(index, content);
    const rest = restOfContent(content);
    if (Object.keys(rest).length > 0) {
      const contents = [...asArray(this.#rest.content)];
      while (contents.length < index) contents.push({});
      contents[index] = rest;
      this.#rest = { ...this.#rest, content: contents };
      this.#listener.onRest(this.#rest);
    }
    this.#close();
  }

  /** Says a content of which no delta came. */
  #tell(index: number, content: JsonObject): void {
    if (this.#told.has(index)) return;
    const part = partOfContent(content);
    this.#logprobs(logprobsOf(content));
    if (part.type === 'text' || part.type === 'refusal') this.#say(index, part);
    else if (part.type === 'extension') {
      this.#told.add(index);
      this.#close();
      this.#listener.emit({ type: 'extension-part', choice, part });
    }
  }

  #say(index: number, { type, text }: Extract<Part, { type: 'text' | 'refusal' }>): void {
    if (this.#open !== index) this.#close();
    this.#open = index;
    this.#told.add(index);
    this.#listener.emit(
      type === 'text' ? { type: 'text-delta', choice, text } : { type: 'refusal-delta', choice, text },
    );
  }

  #logprobs(content: readonly JsonValue[]): void {
    if (content.length > 0) this.#listener.emit({ type: 'logprobs', choice, logprobs: { content } });
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    this.#listener.emit({ type: 'part-end', choice });
  }
}

class CallDecoder implements ItemDecoder {
  readonly type = 'function_call';
  readonly #listener: ItemListener;
  readonly #index: number;
  #told = false;

  constructor(item: JsonObject, listener: ItemListener, index: number) {
    this.#listener = listener;
    this.#index = index;
    listener.emit({ type: 'tool-call-start', choice, index, id: callIdOf(item), name: asString(item.name) ?? '' });
  }

  event(event: JsonObject): void {
    if (event.type === 'response.function_call_arguments.delta') this.#tell(asString(event.delta) ?? '');
    else if (event.type === 'response.function_call_arguments.done') this.#whole(event);
  }

  done(item: JsonObject): void {
    this.#whole(item);
    this.#listener.onRest(restOfItem(item));
    this.#listener.emit({ type: 'tool-call-end', choice, index: this.#index });
  }

  #whole(holder: JsonObject): void {
    const { arguments: whole } = holder;
    if (!this.#told) this.#tell(isJsonObject(whole) ? JSON.stringify(whole) : (asString(whole) ?? ''));
  }

  #tell(text: string): void {
    if (text === '') return;
    this.#told = true;
    this.#listener.emit({ type: 'tool-call-delta', choice, index: this.#index, arguments: text });
  }
}

class ReasoningDecoder implements ItemDecoder {
  readonly type = 'reasoning';
  readonly #listener: ItemListener;
  /** Whether summaries or the full text are read: an item may hold both, and they say the same. */
  #source: 'summary' | 'content' | undefined;
  #section: JsonValue | undefined;

  constructor(listener: ItemListener) {
    this.#listener = listener;
  }

  event(event: JsonObject): void {
    if (event.type === 'response.reasoning_summary_text.delta') this.#delta('summary', event.summary_index, event);
    else if (event.type === 'response.reasoning_text.delta') this.#delta('content', event.content_index, event);
  }

  done(item: JsonObject): void {
    const part = decodeReasoningItem(item);
    if (this.#source === undefined && part.redacted !== undefined) {
      this.#listener.emit({ type: 'reasoning-redacted', choice, redacted: part.redacted });
    } else {
      const text = this.#source === undefined ? reasoningText(item) : '';
      if (text !== '' || this.#source === undefined) this.#listener.emit({ type: 'reasoning-delta', choice, text });
      const signature = part.signature ?? part.redacted;
      this.#listener.emit(signature ? { type: 'part-end', choice, signature } : { type: 'part-end', choice });
    }
    this.#listener.onRest(restOfItem(item));
  }

  #delta(source: 'summary' | 'content', section: JsonValue | undefined, { delta }: JsonObject): void {
    this.#source ??= source;
    if (source !== this.#source) return;
    const text = asString(delta) ?? '';
    const begins = this.#section !== undefined && section !== this.#section;
    this.#section = section ?? 0;
    this.#listener.emit({ type: 'reasoning-delta', choice, text: begins ? summarySeparator + text : text });
  }
}

/** An item only this dialect knows: it counts once it is whole. */
class OtherDecoder implements ItemDecoder {
  readonly type: string;
  readonly #listener: ItemListener;

  constructor(type: string, listener: ItemListener) {
    this.type = type;
    this.#listener = listener;
  }

  event(): void {}

  done(item: JsonObject): void {
    this.#listener.onRest(restOfItem(item));
    this.#listener.emit({ type: 'extension-part', choice, part: extensionPart(item) });
  }
}
