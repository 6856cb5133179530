import { asObject, asString, type JsonObject } from '../../src/core/json.ts';
import { wireEvents } from './corpus.ts';
import { tryParse } from './grammar-values.ts';

/*
 * What a stream must be like for the clients of Cohere's chat API, by its reference:
 * https://docs.cohere.com/reference/chat-stream, https://docs.cohere.com/docs/streaming
 */

const finishReasons = ['COMPLETE', 'STOP_SEQUENCE', 'MAX_TOKENS', 'TOOL_CALL', 'ERROR_TOXIC'];

/** Everything in a stream of chat events that a client may stumble over; empty when it is right. */
export function cohereStreamProblems(stream: string): string[] {
  return new EventReader().read(stream);
}

class EventReader {
  readonly #problems: string[] = [];
  /** What is open: nothing, `text`, `thinking` or `tool call`. */
  #open: string | undefined;
  #contents = 0;
  #calls = 0;
  #citations = 0;
  #openCitation = false;
  #begun = false;
  #ended = false;

  read(stream: string): string[] {
    const events = wireEvents([Buffer.from(stream)]);
    this.#expect(events.at(-1)?.data === '[DONE]', 'the last frame is [DONE]');
    for (const { event, data } of events.slice(0, -1)) {
      this.#expect(!data.includes('[DONE]'), 'no event but the last has [DONE] in it');
      const body = asObject(tryParse(data)) ?? {};
      this.#expect(body.type === event, 'an event is called by its type');
      this.#event(body);
    }
    this.#expect(this.#ended, 'there is a message-end');
    return this.#problems;
  }

  #expect(holds: boolean, rule: string): void {
    if (!holds) this.#problems.push(`does not hold: ${rule}`);
  }

  #event(body: JsonObject): void {
    const first = body.type === 'message-start';
    this.#expect(first === !this.#begun, 'message-start comes first, and once');
    this.#expect(!this.#ended, 'nothing follows message-end');
    this.#begun = true;
    const message = asObject(asObject(body.delta)?.message);
    switch (body.type) {
      case 'message-start':
        this.#start(body, message);
        break;
      case 'content-start':
        this.#contentStart(body, asObject(message?.content));
        break;
      case 'content-delta':
        this.#contentDelta(body, asObject(message?.content));
        break;
      case 'content-end':
        this.#close(body, 'content', this.#contents - 1);
        break;
      case 'tool-plan-delta':
        this.#expect(this.#open === undefined, 'a plan stands in no part');
        this.#expect(Boolean(asString(message?.tool_plan)), 'a plan is a text');
        break;
      case 'tool-call-start':
        this.#callStart(body, asObject(message?.tool_calls));
        break;
      case 'tool-call-delta':
        this.#callDelta(body, asObject(message?.tool_calls));
        break;
      case 'tool-call-end':
        this.#close(body, 'tool call', this.#calls - 1);
        break;
      case 'citation-start':
        this.#citationStart(body, asObject(message?.citations));
        break;
      case 'citation-end':
        this.#expect(this.#openCitation && body.index === this.#citations - 1, 'a citation ends after it has begun');
        this.#openCitation = false;
        break;
      case 'message-end':
        this.#end(asObject(body.delta));
        break;
      default:
        this.#expect(false, `there is no event called ${String(body.type)}`);
    }
  }

  #start({ id }: JsonObject, message: JsonObject | undefined): void {
    this.#expect(Boolean(asString(id)), 'the message has an id');
    this.#expect(message?.role === 'assistant', 'the message is the assistant\u0027s');
  }

  #contentStart({ index }: JsonObject, content: JsonObject | undefined): void {
    const type = asString(content?.type) ?? '';
    this.#expect(this.#open === undefined, 'parts come one after another');
    this.#expect(index === this.#contents, 'content parts are numbered from 0');
    this.#expect((type === 'text' || type === 'thinking') && content?.[type] === '', 'a part starts empty');
    this.#contents += 1;
    this.#open = type;
  }

  #contentDelta({ index }: JsonObject, content: JsonObject | undefined): void {
    this.#expect(this.#open === 'text' || this.#open === 'thinking', 'content stands in a content part');
    this.#expect(index === this.#contents - 1, 'content belongs to the open part');
    const [[key, value] = [], ...others] = Object.entries(content ?? {});
    this.#expect(key === this.#open && typeof value === 'string' && others.length === 0, 'content is of its part');
  }

  #close({ index }: JsonObject, what: 'content' | 'tool call', expected: number): void {
    this.#expect(
      this.#open !== undefined && (this.#open === 'tool call') === (what === 'tool call'),
      `an open ${what} ends`,
    );
    this.#expect(index === expected, `the ${what} that is open ends`);
    this.#open = undefined;
  }

  #callStart({ index }: JsonObject, call: JsonObject | undefined): void {
    const called = asObject(call?.function);
    this.#expect(this.#open === undefined, 'parts come one after another');
    this.#expect(index === this.#calls, 'tool calls are numbered from 0');
    this.#expect(Boolean(asString(call?.id)) && call?.type === 'function', 'a call has an id and a type');
    this.#expect(Boolean(asString(called?.name)) && called?.arguments === '', 'a call starts with its name alone');
    this.#calls += 1;
    this.#open = 'tool call';
  }

  #callDelta({ index }: JsonObject, call: JsonObject | undefined): void {
    this.#expect(this.#open === 'tool call' && index === this.#calls - 1, 'arguments belong to the open call');
    this.#expect(Boolean(asString(asObject(call?.function)?.arguments)), 'arguments are a text');
  }

  #citationStart({ index }: JsonObject, citation: JsonObject | undefined): void {
    this.#expect(!this.#openCitation && index === this.#citations, 'citations are numbered from 0, one by one');
    this.#expect(typeof citation?.start === 'number' && Array.isArray(citation.sources), 'a citation has sources');
    this.#citations += 1;
    this.#openCitation = true;
  }

  #end(delta: JsonObject | undefined): void {
    this.#ended = true;
    this.#expect(this.#open === undefined && !this.#openCitation, 'everything has ended before the message does');
    this.#expect(finishReasons.includes(asString(delta?.finish_reason) ?? ''), 'the finish reason is a known one');
    const usage = asObject(delta?.usage);
    const tokens = asObject(usage?.tokens);
    this.#expect(usage === undefined || typeof tokens?.input_tokens === 'number', 'usage counts tokens');
  }
}
