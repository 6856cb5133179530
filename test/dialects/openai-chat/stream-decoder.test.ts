import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { type OpenAIChatVariant, openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { decodeWireEvents } from '../../support/corpus.ts';

function frame(data: JsonValue | string, event?: string): WireEvent {
  return { event, data: typeof data === 'string' ? data : JSON.stringify(data) };
}

const done = frame('[DONE]');

function chunk(delta: JsonObject, choice: JsonObject = {}, top: JsonObject = {}): WireEvent {
  const choices = [{ index: 0, delta, finish_reason: null, ...choice }];
  return frame({ id: 'c1', object: 'chat.completion.chunk', created: 5, model: 'm', choices, ...top });
}

function call(piece: JsonObject, choice: JsonObject = {}): WireEvent {
  return chunk({ tool_calls: [piece] }, choice);
}

const stop = chunk({}, { finish_reason: 'stop' });
const toolCalls = chunk({}, { finish_reason: 'tool_calls' });

function decode(events: readonly WireEvent[], variant: OpenAIChatVariant = {}): ChatEvent[] {
  return decodeWireEvents(openaiChat(variant).stream.decoder(), events);
}

function collect(events: readonly WireEvent[], variant: OpenAIChatVariant = {}): ChatAnswer {
  return collectEvents(decode(events, variant));
}

function calls(events: readonly WireEvent[]) {
  const parts = collect(events).choices[0]?.parts ?? [];
  return parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.name, part.arguments]] : []));
}

describe('tool calls in a stream', () => {
  it('are put together by index', () => {
    const events = [
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"x"' } }),
      call({ index: 0, function: { arguments: ':1}' } }),
      call({ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }),
      toolCalls,
      done,
    ];
    expect(calls(events)).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ]);
  });

  it('may come without index, whole and in the chunk that finishes (Mistral)', () => {
    const both = [
      { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', function: { name: 'f', arguments: '{"x":2}' } },
    ];
    const events = [chunk({ content: '', tool_calls: both }, { finish_reason: 'tool_calls' }), done];
    expect(calls(events)).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'f', '{"x":2}'],
    ]);
  });

  it('may all be numbered 0 (Ollama)', () => {
    const events = [
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }),
      call({ index: 0, id: 'b', type: 'function', function: { name: 'f', arguments: '{"x":2}' } }),
      toolCalls,
      done,
    ];
    expect(calls(events)).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'f', '{"x":2}'],
    ]);
  });

  it('may repeat id and name with every piece (OpenRouter), or send a new id without a name (vLLM)', () => {
    const events = [
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }),
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: ':' } }),
      call({ index: 0, id: 'z', type: 'function', function: { arguments: '1}' } }),
      toolCalls,
      done,
    ];
    expect(calls(events)).toEqual([['a', 'f', '{"x":1}']]);
  });

  it('may start at 1 or leave numbers out: they are numbered anew from 0', () => {
    const events = decode([
      call({ index: 1, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }),
      call({ index: 4, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }),
      toolCalls,
      done,
    ]);
    expect(events.flatMap((event) => (event.type === 'tool-call-start' ? [event.index] : []))).toEqual([0, 1]);
  });

  it('without ids get some: the same in the stream and in the whole answer, and different from each other', () => {
    const pieces = [0, 1].map((index) => ({
      index,
      id: '',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
    }));
    const streamed = calls([chunk({ tool_calls: pieces }), toolCalls, done]);
    const whole = openaiChat().response.decode({
      id: 'c1',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', tool_calls: pieces }, finish_reason: 'tool_calls' }],
    });
    const parts = 'answer' in whole ? (whole.answer.choices[0]?.parts ?? []) : [];
    expect(parts.map((part) => part.type === 'tool-call' && part.id)).toEqual(streamed.map(([id]) => id));
    expect(new Set(streamed.map(([id]) => id)).size).toBe(2);
    expect(streamed[0]?.[0]).toMatch(/^call_[0-9A-Za-z]{9}$/);
  });

  it('without ids under one index begin anew when the arguments before were complete', () => {
    const piece = (text: string) => call({ index: 0, function: { name: 'f', arguments: text } });
    expect(calls([piece('{"x":1}'), piece('{"x":2}'), toolCalls, done]).map(([, , text]) => text)).toEqual([
      '{"x":1}',
      '{"x":2}',
    ]);
  });

  it('may have arguments that are an object, empty, or cut off', () => {
    const events = [
      call({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }),
      call({ index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
      call({ index: 2, id: 'c', function: { name: 'h', arguments: '{"y": "Par' } }),
      chunk({}, { finish_reason: 'length' }),
      done,
    ];
    expect(calls(events)).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
      ['c', 'h', '{"y": "Par'],
    ]);
    expect(collect(events).choices[0]?.finishReason).toBe('length');
  });

  it('carry the signature Google puts on them', () => {
    const signature = { extra_content: { google: { thought_signature: 'c2ln' } } };
    const events = [call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, ...signature }), stop, done];
    expect(collect(events).choices[0]).toMatchObject({
      parts: [{ type: 'tool-call', signature: { dialect: 'gemini', value: 'c2ln' } }],
      finishReason: 'tool_calls',
    });
  });
});

describe('the end of a stream', () => {
  const ends = (events: readonly WireEvent[], variant: OpenAIChatVariant = {}) => {
    const decoded = decode(events, variant);
    return { done: decoded.some(({ type }) => type === 'done'), finish: decoded.some(({ type }) => type === 'finish') };
  };
  const text = chunk({ content: 'Hi' });
  const optional: OpenAIChatVariant = { doneMarker: 'optional' };

  it('is [DONE] after a finish reason', () => {
    expect(ends([text, stop, done])).toEqual({ done: true, finish: true });
  });

  it('PT-06: is a cut without [DONE], unless the provider is known to leave it out', () => {
    expect(ends([text, stop])).toEqual({ done: false, finish: false });
    expect(ends([text, stop], optional)).toEqual({ done: true, finish: true });
  });

  it('PT-06: is a cut without a finish reason', () => {
    const lenient: OpenAIChatVariant = { doneMarker: 'optional', finishReason: 'optional' };
    expect(ends([text])).toEqual({ done: false, finish: false });
    expect(ends([text, done])).toEqual({ done: false, finish: false });
    expect(ends([text], optional)).toEqual({ done: false, finish: false });
    expect(ends([text], lenient)).toEqual({ done: false, finish: false });
    expect(ends([done], lenient)).toEqual({ done: false, finish: false });
    expect(ends([text, done], lenient)).toEqual({ done: true, finish: true });
  });

  it('is a cut while one of several choices has no finish reason', () => {
    const second = chunk({ content: 'B' }, { index: 1 });
    expect(ends([text, second, stop, done])).toEqual({ done: false, finish: false });
    expect(ends([text, second, stop, chunk({}, { index: 1, finish_reason: 'stop' }), done])).toEqual({
      done: true,
      finish: true,
    });
  });

  it('comes without a finish reason from OpenAI when it speaks', () => {
    expect(ends([chunk({ audio: { transcript: 'Hi' } }), done])).toEqual({ done: true, finish: true });
  });

  it('keeps what was used when it is a cut', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    const decoded = decode([text, chunk({ content: '!' }, {}, { usage })]);
    expect(decoded.at(-1)).toEqual({ type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } });
  });

  it('is told once, though the finish reason is repeated and more follows it (OpenRouter)', () => {
    const events = decode([
      text,
      toolCalls,
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      stop,
      stop,
      done,
    ]);
    expect(events.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', choice: 0, reason: 'tool_calls', rawReason: 'stop' },
    ]);
  });

  it('lets length and content filters win over tool calls', () => {
    const open = call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } });
    for (const reason of ['length', 'content_filter']) {
      const answer = collect([open, chunk({}, { finish_reason: reason }), done]);
      expect(answer.choices[0]?.finishReason).toBe(reason);
    }
  });

  it('says nothing more after it', () => {
    const decoder = openaiChat().stream.decoder();
    const out: ChatEvent[] = [];
    for (const event of [text, stop, done]) decoder.push(event, out);
    const length = out.length;
    decoder.push(text, out);
    decoder.push(done, out);
    decoder.end(out);
    expect(out).toHaveLength(length);
  });
});

describe('usage in a stream', () => {
  const usage = (input: number, output: number) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
  });
  const counts = (events: readonly WireEvent[]) => collect([...events, done]).usage;
  const text = chunk({ content: 'Hi' });

  it.each<[string, readonly WireEvent[]]>([
    ['a frame of its own', [text, stop, frame({ id: 'c1', choices: [], usage: usage(3, 2) })]],
    ['a frame without choices', [text, frame({ id: 'c1', object: 'chat.completion.chunk', usage: usage(3, 2) }), stop]],
    ['the chunk that finishes', [text, chunk({}, { finish_reason: 'stop' }, { usage: usage(3, 2) })]],
    ['a chunk with an empty choice', [text, stop, chunk({}, {}, { usage: usage(3, 2) })]],
    [
      'every chunk, growing',
      [
        chunk({ content: 'H' }, {}, { usage: usage(3, 1) }),
        chunk({}, { finish_reason: 'stop' }, { usage: usage(3, 2) }),
      ],
    ],
    ["Groq's own place", [text, chunk({}, { finish_reason: 'stop' }, { x_groq: { id: 'r', usage: usage(3, 2) } })]],
    [
      'a chunk before one that says nothing',
      [text, stop, chunk({}, {}, { usage: usage(3, 2) }), chunk({}, {}, { usage: null })],
    ],
  ])('is read from %s', (_where, events) => {
    expect(counts(events)).toEqual({ inputTokens: 3, outputTokens: 2 });
  });

  it('of zero is zero', () => {
    expect(counts([text, stop, frame({ id: 'c1', choices: [], usage: usage(0, 0) })])).toEqual({
      inputTokens: 0,
      outputTokens: 0,
    });
  });

  it('alone in a frame is told to the caller of push', () => {
    const decoder = openaiChat().stream.decoder();
    const push = (event: WireEvent) => decoder.push(event, []);
    expect(push(frame({ id: '', model: '', choices: [], prompt_filter_results: [] }))).toBe(false);
    expect(push(text)).toBe(false);
    expect(push(chunk({}, {}, { usage: usage(3, 2) }))).toBe(false);
    expect(push(frame({ id: 'c1', choices: [], usage: usage(3, 2) }))).toBe(true);
    expect(push(done)).toBe(false);
  });
});

describe('failures in a stream', () => {
  const text = chunk({ content: 'Hi' });
  const fault = (event: WireEvent) => decode([text, event]).at(-1);

  it.each<[string, WireEvent, JsonObject]>([
    ['an error object', frame({ error: { message: 'Busy', code: 503 } }), { kind: 'server_error', status: 503 }],
    ['an error text', frame({ error: 'Busy', code: 'overloaded' }), { kind: 'server_error', code: 'overloaded' }],
    ['a named frame', frame({ error: { message: 'Busy', status_code: 429 } }, 'error'), { kind: 'rate_limit' }],
    ['a named frame without an error object', frame({ message: 'Busy' }, 'error'), { message: 'Busy' }],
    ['a named frame that is no JSON', frame('Busy', 'error'), { kind: 'server_error' }],
    [
      'an error beside a choice',
      chunk({}, { finish_reason: 'stop' }, { error: { message: 'Busy' } }),
      { message: 'Busy' },
    ],
    ['an error in a choice', chunk({}, { error: { message: 'Busy', code: 502 } }), { status: 502 }],
    ['the finish reason error', chunk({}, { finish_reason: 'error' }), { kind: 'server_error', code: 'error' }],
    ['half a frame', frame('{"id":"c1","choi'), { kind: 'invalid_response', code: 'malformed_frame' }],
    ['a key', frame({ error: { message: 'Bad key sk-abcdefghijkl' } }), { message: 'Bad key ***' }],
    ['a hint', frame({ error: { message: 'Retry in 2s', type: 'rate_limit_error' } }), { retryAfterMs: 2000 }],
  ])('PT-08: reads %s', (_what, event, expected) => {
    expect(fault(event)).toMatchObject({ type: 'error', fault: expected });
  });

  it('PT-24: reads a frame nested without end as malformed', () => {
    const deep = `{"id":"c1","choices":[{"index":0,"delta":{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}}]}`;
    expect(fault(frame(deep))).toMatchObject({ type: 'error', fault: { code: 'malformed_frame' } });
  });

  it('takes brackets in a long text for text', () => {
    const content = '["{'.repeat(5000);
    expect(collect([chunk({ content }), stop, done]).choices[0]?.parts).toEqual([{ type: 'text', text: content }]);
  });
});

describe('what else stands in a stream', () => {
  it("waits for the answer's id behind Azure's first frame", () => {
    const filter = { prompt_filter_results: [{ prompt_index: 0 }] };
    const events = decode([
      frame({ choices: [], created: 0, id: '', model: '', object: '', ...filter }),
      chunk({ content: 'Hi' }),
      stop,
      done,
    ]);
    expect(events[0]).toEqual({ type: 'start', id: 'c1', model: 'm', created: 5 });
    expect(collectEvents(events).extensions).toEqual({ 'openai-chat': filter });
  });

  it('ignores frames of other kinds', () => {
    const events = [frame('ping', 'ping'), frame({ type: 'ping' }), frame(''), chunk({ content: 'Hi' }), stop, done];
    expect(collect(events).choices[0]?.parts).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it("reads Mistral's content parts and Cloudflare's object", () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], closed: true };
    const answer = collect([
      chunk({ content: [thinking] }),
      chunk({
        content: [
          { type: 'text', text: 'So' },
          { type: 'reference', reference_ids: [1] },
        ],
      }),
      stop,
      done,
    ]);
    expect(answer.choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'So' },
      { type: 'extension', dialect: 'openai-chat', data: { type: 'reference', reference_ids: [1] } },
    ]);
    expect(collect([chunk({ content: { a: 1 } }), stop, done]).choices[0]?.parts).toEqual([
      { type: 'text', text: '{"a":1}' },
    ]);
  });

  it('takes reasoning once where it is told twice, and signs it (OpenRouter)', () => {
    const detail = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 };
    const answer = collect([
      chunk({ content: '', reasoning: 'Let', reasoning_details: [{ ...detail, text: 'Let', signature: '' }] }),
      chunk({ content: '', reasoning: ' me', reasoning_details: [{ ...detail, text: ' me' }] }),
      chunk({ content: '', reasoning_details: [{ ...detail, text: '', signature: 'c2ln' }] }),
      chunk({ content: 'Done' }),
      stop,
      done,
    ]);
    expect(answer.choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Let me', signature: { dialect: 'anthropic-messages', value: 'c2ln' } },
      { type: 'text', text: 'Done' },
    ]);
  });

  it('keeps entries with an id of their own as they are', () => {
    const entry = { type: 'reasoning.encrypted', data: 'ZQ==', id: 'rs_1', format: 'openai-responses-v1', index: 0 };
    const answer = collect([chunk({ reasoning_details: [entry] }), chunk({ content: 'Hi' }), stop, done]);
    const redacted = { dialect: 'openai-chat', value: JSON.stringify(entry) };
    expect(answer.choices[0]?.parts[0]).toEqual({ type: 'reasoning', text: '', redacted });
  });

  it('takes a last word of reasoning and a first word of text from one chunk', () => {
    const answer = collect([chunk({ reasoning_content: 'Hm.', content: 'Yes' }), stop, done]);
    expect(answer.choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Yes' },
    ]);
  });
});
