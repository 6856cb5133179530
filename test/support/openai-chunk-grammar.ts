import { asArray, asObject, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { wireEvents } from './corpus.ts';

/*
 * What a stream of chunks must be like for the clients of OpenAI's API, by its reference:
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */

export interface ChunkGrammar {
  /** Whether there is a chunk with the usage of the whole answer. */
  readonly usage: boolean;
}

const finishReasons: readonly (JsonValue | undefined)[] = [
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'function_call',
];

/** Everything in a stream of chat completion chunks that a client may stumble over; empty when it is right. */
export function chunkProblems(stream: string, grammar: ChunkGrammar): string[] {
  return new ChunkReader(grammar).read(stream);
}

class ChunkReader {
  readonly #grammar: ChunkGrammar;
  readonly #problems: string[] = [];
  readonly #choices = new Map<number, ChoiceReader>();
  #identity: string | undefined;
  #usageChunks = 0;

  constructor(grammar: ChunkGrammar) {
    this.#grammar = grammar;
  }

  read(stream: string): string[] {
    const events = wireEvents([Buffer.from(stream)]);
    const last = events.at(-1);
    this.#expect(last?.data === '[DONE]', 'the last frame is [DONE]');
    for (const { event, data } of events.slice(0, -1)) {
      this.#expect(event === undefined, 'frames have no name');
      this.#expect(data !== '[DONE]', 'there is one [DONE]');
      if (data !== '[DONE]') this.#chunk(JSON.parse(data));
    }
    this.#expect(this.#choices.size > 0, 'there is a choice');
    for (const choice of this.#choices.values()) this.#expect(choice.finished, 'each choice has a finish reason');
    this.#expect(this.#usageChunks === (this.#grammar.usage ? 1 : 0), 'there is one usage chunk if asked for');
    return this.#problems;
  }

  #expect(holds: boolean, rule: string): void {
    if (!holds) this.#problems.push(`does not hold: ${rule}`);
  }

  #chunk(chunk: JsonObject): void {
    const { id, object, created, model } = chunk;
    this.#expect(typeof id === 'string' && id !== '', 'id is a word');
    this.#expect(object === 'chat.completion.chunk', 'object is chat.completion.chunk');
    this.#expect(typeof created === 'number', 'created is a number');
    this.#expect(typeof model === 'string' && model !== '', 'model is a word');
    const identity = JSON.stringify([id, created, model]);
    this.#identity ??= identity;
    this.#expect(identity === this.#identity, 'id, created and model stay the same');
    this.#expect(Array.isArray(chunk.choices), 'choices is an array');
    const choices = asArray(chunk.choices);
    if (choices.length === 0) this.#usage(chunk);
    else this.#expect(chunk.usage === undefined || chunk.usage === null, 'usage stands in a chunk of its own');
    for (const choice of choices) this.#choice(asObject(choice) ?? {});
  }

  #usage(chunk: JsonObject): void {
    this.#usageChunks += 1;
    const usage = asObject(chunk.usage) ?? {};
    const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage;
    const counts = typeof input === 'number' && typeof output === 'number' && total === input + output;
    this.#expect(counts, 'usage has counts that add up');
    for (const choice of this.#choices.values()) this.#expect(choice.finished, 'usage follows the finish reasons');
  }

  #choice(choice: JsonObject): void {
    const { index } = choice;
    this.#expect(typeof index === 'number', 'a choice has an index');
    const reader = this.#choices.get(Number(index)) ?? new ChoiceReader((holds, rule) => this.#expect(holds, rule));
    this.#choices.set(Number(index), reader);
    reader.read(choice);
  }
}

class ChoiceReader {
  readonly #expect: (holds: boolean, rule: string) => void;
  #begun = false;
  #calls = 0;
  finished = false;

  constructor(expect: (holds: boolean, rule: string) => void) {
    this.#expect = expect;
  }

  read(choice: JsonObject): void {
    const delta = asObject(choice.delta) ?? {};
    this.#expect(!this.finished, 'nothing follows the finish reason');
    this.#expect(asObject(choice.delta) !== undefined, 'a choice has a delta');
    this.#expect('logprobs' in choice && 'finish_reason' in choice, 'logprobs and finish_reason are there');
    this.#expect((delta.role === 'assistant') === !this.#begun, 'the first delta, and no other, has the role');
    this.#expect(!this.#begun || delta.content !== '', 'a content that says nothing stands in the first delta only');
    this.#begun = true;
    for (const key of ['content', 'refusal', 'reasoning_content']) {
      const value = delta[key] ?? '';
      this.#expect(typeof value === 'string', `${key} is a string`);
    }
    for (const call of asArray(delta.tool_calls)) this.#call(asObject(call) ?? {});
    if (choice.finish_reason !== null) this.#finish(choice, delta);
  }

  #call(call: JsonObject): void {
    const called = asObject(call.function) ?? {};
    if (call.index === this.#calls) {
      this.#calls += 1;
      const complete = typeof call.id === 'string' && call.id !== '' && call.type === 'function';
      this.#expect(complete && typeof called.name === 'string', 'the first delta of a call has id, type and name');
      this.#expect(called.arguments === '', 'the first delta of a call has empty arguments');
      return;
    }
    this.#expect(Number(call.index) < this.#calls, 'calls are numbered from 0');
    this.#expect(Object.keys(call).join() === 'index,function', 'further deltas of a call have index and function');
    this.#expect(Object.keys(called).join() === 'arguments', 'further deltas of a call have arguments only');
    this.#expect(typeof called.arguments === 'string' && called.arguments !== '', 'arguments are text');
  }

  #finish(choice: JsonObject, delta: JsonObject): void {
    this.finished = true;
    this.#expect(finishReasons.includes(choice.finish_reason), 'the finish reason is a known one');
    this.#expect(delta.content === undefined && delta.tool_calls === undefined, 'the last delta says nothing');
  }
}
