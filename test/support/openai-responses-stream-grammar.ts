import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { wireEvents } from './corpus.ts';

/**
 * Everything in a stream of response events that a client may stumble over; empty when it is right. Written from
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function responseStreamProblems(stream: string): string[] {
  return new StreamReader().read(stream);
}

type Expect = (holds: boolean, rule: string) => void;

const lasts: readonly (string | undefined)[] = ['response.completed', 'response.incomplete'];

class StreamReader {
  readonly #problems: string[] = [];
  readonly #items = new Map<number, ItemReader>();
  #id: JsonValue | undefined;
  readonly #expect: Expect = (holds, rule) => {
    if (!holds) this.#problems.push(`does not hold: ${rule}`);
  };

  read(stream: string): string[] {
    const events = wireEvents([Buffer.from(stream)]);
    const bodies = events.map(({ data }) => asObject(JSON.parse(data)) ?? {});
    const types = bodies.map(({ type }) => asString(type) ?? '');
    this.#expect(
      events.every(({ event }, index) => event === types[index]),
      'the name of an event is its type',
    );
    this.#expect(
      bodies.every(({ sequence_number: number }, index) => number === index),
      'events are numbered one after another',
    );
    this.#expect(types[0] === 'response.created', 'the first event is response.created');
    this.#expect(types[1] === 'response.in_progress', 'the second event is response.in_progress');
    this.#expect(lasts.includes(types.at(-1)), 'the last event ends the response');
    bodies.forEach((body, index) => {
      this.#event(types[index] ?? '', body);
    });
    this.#end(asObject(bodies.at(-1)?.response) ?? {});
    return this.#problems;
  }

  #event(type: string, body: JsonObject): void {
    if (body.response !== undefined) {
      this.#response(type, asObject(body.response) ?? {});
      return;
    }
    const index = Number(body.output_index);
    if (type === 'response.output_item.added') {
      this.#expect(index === this.#items.size, 'items are numbered in the order they begin');
      this.#items.set(index, new ItemReader(asObject(body.item) ?? {}, this.#expect));
      return;
    }
    const item = this.#items.get(index);
    this.#expect(item !== undefined, `${type} belongs to an item that has begun`);
    item?.event(type, body);
  }

  #response(type: string, response: JsonObject): void {
    const { id, object, created_at: created, model, output } = response;
    this.#id ??= id;
    this.#expect(typeof id === 'string' && id === this.#id, 'the id is a word and stays the same');
    this.#expect(object === 'response' && typeof created === 'number', 'object and created_at are there');
    this.#expect(typeof model === 'string' && model !== '', 'model is a word');
    this.#expect(Array.isArray(output), 'output is an array');
    this.#expect('error' in response && 'incomplete_details' in response, 'error and incomplete_details are there');
    for (const member of ['parallel_tool_calls', 'temperature', 'tool_choice', 'tools', 'top_p', 'metadata']) {
      this.#expect(member in response, `${member} is there`);
    }
    if (type === 'response.created') this.#expect(response.status === 'in_progress', 'a response begins in progress');
  }

  #end(response: JsonObject): void {
    const items = [...this.#items.values()].map((item) => item.end());
    this.#expect(
      JSON.stringify(items) === JSON.stringify(response.output),
      'the output of the last event is what the items were at their end',
    );
    const reason = asObject(response.incomplete_details)?.reason;
    const incomplete = response.status === 'incomplete';
    this.#expect(incomplete || response.status === 'completed', 'the status is a final one');
    this.#expect(incomplete === (typeof reason === 'string'), 'an incomplete response says why');
    if (response.usage !== undefined) this.#usage(asObject(response.usage) ?? {});
  }

  #usage(usage: JsonObject): void {
    const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
    const adds = typeof input === 'number' && typeof output === 'number' && total === input + output;
    this.#expect(adds, 'usage has counts that add up');
    this.#expect(asObject(usage.input_tokens_details)?.cached_tokens !== undefined, 'usage tells cached tokens');
    this.#expect(asObject(usage.output_tokens_details)?.reasoning_tokens !== undefined, 'usage tells reasoning tokens');
  }
}

const prefixes: Readonly<Record<string, string>> = { message: 'msg_', function_call: 'fc_', reasoning: 'rs_' };

/** Contents of a message, summaries of reasoning: pieces with a beginning and an end, one after another. */
interface OpenPart {
  readonly index: number;
  readonly type: JsonValue | undefined;
  text: string;
  textDone: boolean;
}

class ItemReader {
  readonly #expect: Expect;
  readonly #begun: JsonObject;
  readonly #parts: JsonObject[] = [];
  #open: OpenPart | undefined;
  #arguments: string | undefined;
  #argumentsDone = false;
  #done: JsonObject | undefined;

  constructor(item: JsonObject, expect: Expect) {
    this.#begun = item;
    this.#expect = expect;
    const prefix = prefixes[asString(item.type) ?? ''];
    if (prefix === undefined) return;
    expect(typeof item.id === 'string' && item.id.startsWith(prefix), 'an item has an id of its kind');
    if (item.type === 'message') {
      expect(item.role === 'assistant' && item.status === 'in_progress', 'a message begins in progress');
      expect(asArray(item.content).length === 0 && Array.isArray(item.content), 'a message begins empty');
    }
    if (item.type === 'function_call') {
      expect(item.arguments === '' && typeof item.call_id === 'string' && item.call_id !== '', 'a call begins empty');
      expect(typeof item.name === 'string' && item.name !== '', 'a call has a name');
    }
    if (item.type === 'reasoning') expect(Array.isArray(item.summary), 'reasoning begins with its summaries');
  }

  event(type: string, body: JsonObject): void {
    this.#expect(this.#done === undefined, 'nothing follows the end of an item');
    if (type === 'response.output_item.done') {
      this.#end(asObject(body.item) ?? {});
      return;
    }
    this.#expect(body.item_id === this.#begun.id, 'events name the item they belong to');
    switch (type) {
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
        this.#add(body);
        return;
      case 'response.output_text.delta':
        this.#expect(Array.isArray(body.logprobs), 'deltas of text have log probabilities');
        this.#say(body, 'output_text');
        return;
      case 'response.refusal.delta':
        this.#say(body, 'refusal');
        return;
      case 'response.reasoning_summary_text.delta':
        this.#say(body, 'summary_text');
        return;
      case 'response.output_text.done':
      case 'response.reasoning_summary_text.done':
        this.#textDone(body, body.text);
        return;
      case 'response.refusal.done':
        this.#textDone(body, body.refusal);
        return;
      case 'response.content_part.done':
      case 'response.reasoning_summary_part.done':
        this.#endPart(body);
        return;
      case 'response.output_text.annotation.added':
        this.#expect(this.#open?.type === 'output_text', 'annotations belong to a text');
        return;
      case 'response.function_call_arguments.delta':
        this.#expect(typeof body.delta === 'string' && body.delta !== '', 'a delta says something');
        this.#expect(!this.#argumentsDone, 'no arguments follow their end');
        this.#arguments = (this.#arguments ?? '') + String(body.delta);
        return;
      case 'response.function_call_arguments.done':
        this.#argumentsDone = true;
        this.#expect(body.arguments === this.#arguments, 'arguments are what their deltas add up to');
        return;
      default:
        this.#expect(false, `${type} is known`);
    }
  }

  #place(body: JsonObject): number {
    return Number(body.content_index ?? body.summary_index);
  }

  #add(body: JsonObject): void {
    const part = asObject(body.part) ?? {};
    this.#expect(this.#open === undefined, 'parts come one after another');
    this.#expect(this.#place(body) === this.#parts.length, 'parts are numbered in the order they begin');
    this.#expect((part.text ?? part.refusal) === '', 'a part begins empty');
    this.#open = { index: this.#place(body), type: part.type, text: '', textDone: false };
  }

  #say(body: JsonObject, type: string): void {
    const open = this.#open;
    this.#expect(open?.index === this.#place(body) && open.type === type, 'a delta belongs to the open part');
    this.#expect(typeof body.delta === 'string' && body.delta !== '', 'a delta says something');
    this.#expect(open?.textDone === false, 'no delta follows the end of its text');
    if (open !== undefined) open.text += String(body.delta);
  }

  #textDone(body: JsonObject, text: JsonValue | undefined): void {
    this.#expect(text === this.#open?.text, 'a text is what its deltas add up to');
    this.#expect(this.#open?.index === this.#place(body), 'the end of a text belongs to the open part');
    if (this.#open !== undefined) this.#open.textDone = true;
  }

  #endPart(body: JsonObject): void {
    const part = asObject(body.part) ?? {};
    this.#expect(this.#open?.textDone === true, 'a part ends after its text');
    this.#expect(part.type === this.#open?.type, 'a part stays of its type');
    this.#expect((part.text ?? part.refusal) === this.#open?.text, 'a part is what its deltas add up to');
    if (part.type === 'output_text') this.#expect(Array.isArray(part.annotations), 'a text has annotations');
    this.#parts.push(part);
    this.#open = undefined;
  }

  #end(item: JsonObject): void {
    this.#done = item;
    this.#expect(this.#open === undefined, 'parts end before their item');
    this.#expect(item.id === this.#begun.id && item.type === this.#begun.type, 'an item keeps its id and type');
    const parts = JSON.stringify(this.#parts);
    if (item.type === 'message') this.#expect(JSON.stringify(item.content) === parts, 'a message has its parts');
    if (item.type === 'reasoning') this.#expect(JSON.stringify(item.summary) === parts, 'reasoning has its summaries');
    if (item.type !== 'function_call') return;
    this.#expect(this.#argumentsDone && item.arguments === this.#arguments, 'a call has its arguments');
    this.#expect(item.call_id === this.#begun.call_id && item.name === this.#begun.name, 'a call stays the same');
  }

  /** The item at its end. */
  end(): JsonObject {
    this.#expect(this.#done !== undefined, 'an item that began is completed');
    return this.#done ?? {};
  }
}
