import {
  asArray,
  asNumber,
  asObject,
  asString,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import { malformed } from '../malformed-event.ts';
import { closeToolCall, type OpenCall, pushArguments } from '../open-blocks.ts';
import { decodeLogprob } from './logprobs.ts';
import { choiceExtensions } from './response.ts';
import { dialect } from './wire.ts';

type OpenPart = 'text' | 'thinking' | 'plan';

/** Reads the events between `message-start` and `message-end`. Each method returns the fault of one that cannot be read. */
export class StreamParts {
  #open: OpenPart | undefined;
  /** Tool calls under way, by their index on the wire. */
  readonly #calls = new Map<number, OpenCall>();
  #callCount = 0;
  #hasPlan = false;
  #citations: readonly JsonValue[] = [];

  get toolCallCount(): number {
    return this.#callCount;
  }

  read(body: JsonObject, type: JsonValue | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    const message = asObject(asObject(body.delta)?.message);
    switch (type) {
      case 'content-start':
      case 'content-delta':
        return this.#content(body, asObject(message?.content), out);
      case 'content-end':
        this.#closePart(out);
        return undefined;
      case 'tool-plan-delta':
        return this.#plan(message?.tool_plan, out);
      case 'tool-call-start':
        return this.#startCall(indexOf(body), asObject(message?.tool_calls), out);
      case 'tool-call-delta':
        return this.#continueCall(indexOf(body), asObject(asObject(message?.tool_calls)?.function), out);
      case 'tool-call-end':
        this.#endCall(indexOf(body), out);
        return undefined;
      case 'citation-start':
        this.#cite(message?.citations, out);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Ends what is still open. */
  close(out: ChatEvent[]): void {
    this.#closePart(out);
    for (const index of [...this.#calls.keys()]) this.#endCall(index, out);
  }

  /** The start of a content part may hold text, too. */
  #content(body: JsonObject, content: JsonObject | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    if (content === undefined) return malformed(`${asString(body.type) ?? 'an event'} has no content`);
    const known = typeof content.text === 'string' || typeof content.thinking === 'string';
    if (body.type === 'content-start' && !known && typeof content.type === 'string') {
      this.#closePart(out);
      out.push({ type: 'extension-part', choice: 0, part: { type: 'extension', dialect, data: content } });
      return undefined;
    }
    this.#say('thinking', asString(content.thinking) ?? '', out);
    this.#say('text', asString(content.text) ?? '', out);
    if (isJsonObject(body.logprobs)) {
      out.push({ type: 'logprobs', choice: 0, logprobs: { content: [decodeLogprob(body.logprobs)] } });
    }
    return undefined;
  }

  #plan(plan: JsonValue | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    if (typeof plan !== 'string') return malformed('tool-plan-delta has no text');
    if (plan !== '' && !this.#hasPlan) {
      this.#hasPlan = true;
      // The mark stands before the plan, so that whoever encodes the stream knows what comes.
      this.#closePart(out);
      this.#extend(out);
    }
    this.#say('plan', plan, out);
    return undefined;
  }

  #say(part: OpenPart, text: string, out: ChatEvent[]): void {
    if (text === '') return;
    if (this.#open !== part) this.#closePart(out);
    this.#open = part;
    out.push({ type: part === 'text' ? 'text-delta' : 'reasoning-delta', choice: 0, text });
  }

  #closePart(out: ChatEvent[]): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    out.push({ type: 'part-end', choice: 0 });
  }

  #startCall(index: number, call: JsonObject | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    const called = asObject(call?.function);
    const id = asString(call?.id);
    const name = asString(called?.name);
    if (id === undefined || name === undefined) return malformed('tool-call-start lacks an id or a name');
    this.#closePart(out);
    this.#endCall(index, out);
    const open: OpenCall = { call: this.#callCount++, hasArguments: false };
    this.#calls.set(index, open);
    out.push({ type: 'tool-call-start', choice: 0, index: open.call, id, name });
    pushArguments(open, called?.arguments, out);
    return undefined;
  }

  #continueCall(index: number, called: JsonObject | undefined, out: ChatEvent[]): UpstreamFault | undefined {
    const open = this.#calls.get(index);
    if (open === undefined || called === undefined) return malformed('tool-call-delta belongs to no open call');
    pushArguments(open, called.arguments, out);
    return undefined;
  }

  /** A call that got no arguments has an empty object of them. */
  #endCall(index: number, out: ChatEvent[]): void {
    const open = this.#calls.get(index);
    if (open === undefined) return;
    this.#calls.delete(index);
    closeToolCall(open, '{}', out);
  }

  #cite(citation: JsonValue | undefined, out: ChatEvent[]): void {
    if (citation == null) return;
    this.#citations = [...this.#citations, ...(Array.isArray(citation) ? asArray(citation) : [citation])];
    this.#extend(out);
  }

  #extend(out: ChatEvent[]): void {
    const data = choiceExtensions({ citations: this.#citations, hasPlan: this.#hasPlan });
    if (data !== undefined) out.push({ type: 'extension', choice: 0, dialect, data });
  }
}

/** Which of several an event belongs to. */
function indexOf(body: JsonObject): number {
  return asNumber(body.index) ?? 0;
}
