import { describe, expect, it } from '@jest/globals';
import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';
import type { ChatAnswer } from '../../../src/dialects/canonical.ts';
import { answerToEvents } from '../../../src/dialects/collect.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { dialects } from '../../../src/dialects/index.ts';
import { eventFrame } from '../../../src/wire/aws-event-stream-framing.ts';
import { wireEvents } from '../../support/corpus.ts';
import { contentArrayProblems } from '../../support/gemini-stream-grammar.ts';
import { type StreamGrammar, streamGrammars } from '../../support/stream-grammar.ts';
import { plainAnswers, replyFor } from './samples.ts';

type Described = keyof typeof streamGrammars;
const described = Object.keys(streamGrammars) as Described[];

/** An answer with all that every dialect has: reasoning, text and two calls. */
const [full] = plainAnswers.filter(({ choices: [choice] }) => choice?.parts.length === 4);
if (full === undefined) throw new Error('no answer has everything');

function streamOf(name: Described, answer: ChatAnswer): readonly WireEvent[] {
  const { stream } = dialects[name];
  const encoder = stream.encoder({ ...replyFor(answer), includeUsage: true });
  return wireEvents(
    [Buffer.concat(answerToEvents(answer).map((event) => Buffer.from(encoder.encode(event))))],
    stream.framing,
  );
}

/** The events as they stand on the wire. */
function framed(name: Described, events: readonly WireEvent[]): Buffer {
  return Buffer.concat(
    events.map(({ event, data }) => {
      if (name === 'bedrock-converse') return Buffer.from(eventFrame(event ?? '', data));
      if (name === 'ollama-chat') return Buffer.from(`${data}\n`);
      return Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`);
    }),
  );
}

const problemsOf = (name: Described, events: readonly WireEvent[]): readonly string[] => {
  const grammar: StreamGrammar = streamGrammars[name];
  return grammar(framed(name, events));
};

/** The events with what one of them says changed: the first for whose body there is another. */
function changed(events: readonly WireEvent[], change: (body: JsonObject) => JsonObject | undefined): WireEvent[] {
  const bodies = events.map(({ data }) => (data === '[DONE]' ? undefined : asObject(JSON.parse(data))));
  const others = bodies.map((body) => (body === undefined ? undefined : change(structuredClone(body) as JsonObject)));
  const at = others.findIndex((other) => other !== undefined);
  if (at === -1) throw new Error('nothing to change');
  return events.map((event, place) => (place === at ? { ...event, data: JSON.stringify(others[at]) } : event));
}

/** Whether an event brings a piece of the answer, of which there may be any number. */
function isContent(event: string | undefined, data: string): boolean {
  return /delta/i.test(event ?? '') || /"(?:content|thinking|reasoning_content|arguments|parts)":/.test(data);
}

type Change = (body: JsonObject) => JsonObject | undefined;

/** A change to the events of one type. */
function ofType(type: string, change: (body: JsonObject) => JsonObject): Change {
  return (body) => (body.type === type ? change(body) : undefined);
}

/** Writes a value where a path leads, in the first event that has something there. */
function set(path: string, value: JsonObject[string]): Change {
  return (body) => {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let place: JsonObject | undefined = body;
    for (const key of keys)
      place = asObject((place as Record<string, unknown> | undefined)?.[key]) ?? listAt(place, key);
    if (place === undefined || !(last in place)) return undefined;
    (place as Record<string, unknown>)[last] = value;
    return body;
  };
}

function listAt(place: JsonObject | undefined, key: string): JsonObject | undefined {
  const list = place?.[key];
  return Array.isArray(list) ? (list as unknown as JsonObject) : undefined;
}

const wrong: Readonly<Record<Described, readonly (readonly [what: string, change: Change])[]>> = {
  'openai-chat': [
    ['another id', set('id', 'another')],
    ['another object', set('object', 'chat.completion')],
    ['a role of the user', set('choices.0.delta.role', 'user')],
    ['a content that is no text', set('choices.0.delta.content', 7)],
    ['a call without a name', set('choices.0.delta.tool_calls.0.function.name', null)],
    ['a call out of order', set('choices.0.delta.tool_calls.0.index', 5)],
    ['an unknown finish reason', (body) => finishOf(body, 'done')],
    ['usage that does not add up', set('usage.total_tokens', 1)],
  ],
  'openai-responses': [
    ['an event out of order', set('sequence_number', 9)],
    ['an item out of order', ofType('response.output_item.added', (body) => ({ ...body, output_index: 7 }))],
    ['another text than its deltas', ofType('response.output_text.done', (body) => ({ ...body, text: 'other' }))],
    [
      'arguments of another call',
      ofType('response.function_call_arguments.done', (body) => ({ ...body, arguments: '' })),
    ],
    [
      'a status that is none',
      ofType('response.completed', (body) => ({ ...body, response: { ...asObject(body.response), status: 'done' } })),
    ],
    ['usage that does not add up', (body) => set('response.usage.total_tokens', 1)(body)],
  ],
  'anthropic-messages': [
    ['a message without an id', set('message.id', '')],
    ['a role of the user', set('message.role', 'user')],
    ['a message that begins with content', set('message.content', [{ type: 'text', text: 'a' }])],
    ['a block out of order', set('index', 3)],
    ['an unknown kind of block', set('content_block.type', 'audio')],
    ['a block that begins with content', set('content_block.text', 'a')],
    ['a call without an id', set('content_block.id', '')],
    ['a call that begins with input', set('content_block.input', { a: 1 })],
    ['a delta of another block', set('delta.type', 'input_json_delta')],
    ['a delta without its text', set('delta.thinking', 5)],
    ['input that is no JSON', set('delta.partial_json', '{"city')],
    ['an unknown stop reason', set('delta.stop_reason', 'done')],
    ['a stop sequence for another reason', set('delta.stop_sequence', 'END')],
    ['counts below nothing', set('usage.output_tokens', -1)],
    ['an event under another name', set('type', 'ping')],
  ],
  gemini: [
    ['another model', set('modelVersion', 'another')],
    ['no response id', set('responseId', '')],
    ['a candidate without an index', set('candidates.0.index', null)],
    ['a role of the user', set('candidates.0.content.role', 'user')],
    ['content without parts', set('candidates.0.content.parts', [])],
    ['a part of two kinds', set('candidates.0.content.parts.0', { text: 'a', functionCall: { name: 'f' } })],
    ['a part of no kind', set('candidates.0.content.parts.0', { thought: true })],
    ['a thought that is a word', set('candidates.0.content.parts.0.thought', 'yes')],
    ['an empty signature', set('candidates.0.content.parts.0', { text: 'a', thoughtSignature: '' })],
    ['a text without words', set('candidates.0.content.parts.0.text', '')],
    ['a call without a name', set('candidates.0.content.parts.0.functionCall.name', '')],
    ['arguments as text', set('candidates.0.content.parts.0.functionCall.args', '{}')],
    ['an unknown finish reason', set('candidates.0.finishReason', 'DONE')],
    ['no candidates', set('candidates', [])],
    ['usage that does not add up', set('usageMetadata.totalTokenCount', 1)],
    ['a count that is none', set('usageMetadata.promptTokenCount', 0.5)],
  ],
  'bedrock-converse': [
    ['a role of the user', set('role', 'user')],
    ['a block out of order', set('contentBlockIndex', 4)],
    ['a call without a name', set('start.toolUse.name', '')],
    ['input as an object', set('delta.toolUse.input', {})],
    ['a delta of an unknown kind', set('delta', { audio: 'a' })],
    ['reasoning of an unknown kind', set('delta.reasoningContent', { words: 'a' })],
    ['an unknown stop reason', set('stopReason', 'stop')],
    ['usage that does not add up', set('usage.totalTokens', 1)],
    ['no latency', set('metrics', {})],
  ],
  'cohere-chat': [
    ['a message without an id', set('id', '')],
    ['a role of the user', set('delta.message.role', 'user')],
    ['content out of order', set('index', 6)],
    [
      'content that does not start empty',
      ofType('content-start', (body) => ({ ...body, delta: { message: { content: { type: 'text', text: 'a' } } } })),
    ],
    ['a call without a name', set('delta.message.tool_calls.function.name', '')],
    [
      'arguments as an object',
      ofType('tool-call-delta', (body) => ({
        ...body,
        delta: { message: { tool_calls: { function: { arguments: {} } } } },
      })),
    ],
    ['an unknown finish reason', set('delta.finish_reason', 'stop')],
    ['usage without counts', set('delta.usage', {})],
  ],
  'ollama-chat': [
    ['another model', set('model', 'another')],
    ['a time that is none', set('created_at', 'now')],
    ['a role of the user', set('message.role', 'user')],
    ['content that is no text', set('message.content', null)],
    ['thinking that is no text', set('message.thinking', 5)],
    ['a call without a name', set('message.tool_calls.0.function.name', '')],
    ['arguments as text', set('message.tool_calls.0.function.arguments', '{}')],
    ['no reason', set('done_reason', '')],
    ['a count that is none', set('eval_count', 0.5)],
  ],
};

/** The last delta of a choice with another reason. */
function finishOf(body: JsonObject, reason: string): JsonObject | undefined {
  const choice = asObject(asArray(body.choices)[0]);
  if (choice === undefined || choice.finish_reason === null) return undefined;
  return { ...body, choices: [{ ...choice, finish_reason: reason }] };
}

describe.each(described)('the grammar of %s', (name) => {
  it.each(plainAnswers.map((answer, index) => [index, answer] as const))('takes a right stream (%i)', (_, answer) => {
    expect(problemsOf(name, streamOf(name, answer))).toEqual([]);
  });

  it('misses no event but a delta', () => {
    const events = streamOf(name, full);
    const missed = events.filter((_, at) => problemsOf(name, events.toSpliced(at, 1)).length === 0);
    expect(missed.filter(({ event, data }) => !isContent(event, data))).toEqual([]);
  });

  it('takes neither the first nor the last event twice', () => {
    const events = streamOf(name, full);
    const [first, last] = [events[0] as WireEvent, events.at(-1) as WireEvent];
    // Gemini, and Ollama but for the end, have no event that opens a stream.
    if (name !== 'gemini' && name !== 'ollama-chat') expect(problemsOf(name, [first, ...events])).not.toEqual([]);
    expect(problemsOf(name, [...events, last])).not.toEqual([]);
  });

  it('takes no event after the last, and no empty stream', () => {
    const events = streamOf(name, full);
    const text = events.find(({ event, data }) => isContent(event, data)) as WireEvent;
    expect(problemsOf(name, [...events, text])).not.toEqual([]);
    expect(problemsOf(name, [])).not.toEqual([]);
  });

  it('takes no event of another API', () => {
    const events = streamOf(name, full);
    const other: WireEvent = { event: 'strange_event', data: '{"type":"strange_event"}' };
    expect(problemsOf(name, events.toSpliced(1, 0, other))).not.toEqual([]);
  });

  it.each(wrong[name].map(([what, change]) => [what, change] as const))('refuses %s', (_, change) => {
    expect(problemsOf(name, changed(streamOf(name, full), change))).not.toEqual([]);
  });
});

describe('the grammar of a stream of Gemini without alt=sse', () => {
  it('takes a right stream and refuses one that has broken off', () => {
    const origin = { framing: 'json-array' } as const;
    const encoder = dialects.gemini.stream.encoder({ ...replyFor(full), includeUsage: true, origin });
    const stream = answerToEvents(full)
      .map((event) => String(encoder.encode(event)))
      .join('');
    expect(contentArrayProblems(stream)).toEqual([]);
    expect(contentArrayProblems(stream.slice(0, -1))).not.toEqual([]);
  });
});
