import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/core/errors.ts';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import { cohereStreamProblems } from '../../support/cohere-stream-grammar.ts';
import { decodeStream, wireEvents } from '../../support/corpus.ts';
import { plainAnswers } from '../contract/samples.ts';

const reply = { model: 'served', fallbackId: 'fallback-id', created: 1, includeUsage: false };
const start: ChatEvent = { type: 'start', id: 'answer-1', model: 'command' };
const finish: ChatEvent = { type: 'finish', choice: 0, reason: 'stop' };
const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 9, outputTokens: 4, cacheReadTokens: 2 } };
const done: ChatEvent = { type: 'done' };
const partEnd: ChatEvent = { type: 'part-end', choice: 0 };

function encode(...events: readonly ChatEvent[]): string {
  const encoder = cohereChat().stream.encoder(reply);
  return events.map((event) => encoder.encode(event)).join('');
}

function text(words: string): ChatEvent {
  return { type: 'text-delta', choice: 0, text: words };
}

function thought(words: string): ChatEvent {
  return { type: 'reasoning-delta', choice: 0, text: words };
}

function call(index: number): ChatEvent {
  return { type: 'tool-call-start', choice: 0, index, id: `c${index}`, name: `f${index}` };
}

function args(index: number, json: string): ChatEvent {
  return { type: 'tool-call-delta', choice: 0, index, arguments: json };
}

function callEnd(index: number): ChatEvent {
  return { type: 'tool-call-end', choice: 0, index };
}

/** Types of the events between `message-start` and `message-end`, with their index. */
function outline(...events: readonly ChatEvent[]): readonly string[] {
  const stream = encode(start, ...events, finish, done);
  expect(cohereStreamProblems(stream)).toEqual([]);
  return wireEvents([Buffer.from(stream)])
    .slice(1, -2)
    .map(({ data }) => JSON.parse(data))
    .map(({ type, index }) => (index === undefined ? type : `${type} ${index}`));
}

describe('a stream for a Cohere caller', () => {
  it('has the events of the API, to the byte', () => {
    expect(encode(start, text('Hi'), text(' "you"\n'), partEnd, finish, usage, done)).toBe(
      [
        'event: message-start',
        'data: {"type":"message-start","id":"answer-1","delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}',
        '',
        'event: content-start',
        'data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}',
        '',
        'event: content-delta',
        'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}}',
        '',
        'event: content-delta',
        'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":" \\"you\\"\\n"}}}}',
        '',
        'event: content-end',
        'data: {"type":"content-end","index":0}',
        '',
        'event: message-end',
        'data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":9,"output_tokens":4},"cached_tokens":2}}}',
        '',
        'data: [DONE]',
        '',
        '',
      ].join('\n'),
    );
  });

  it('says each event as soon as it can be said', () => {
    const encoder = cohereChat().stream.encoder(reply);
    expect(encoder.encode(start)).toContain('message-start');
    expect(encoder.encode(thought('Hm'))).toContain('"thinking":"Hm"');
    expect(encoder.encode(text('Hi'))).toContain('"text":"Hi"');
    expect(encoder.encode(call(0))).toContain('content-end');
    expect(encoder.encode(args(0, '{'))).toContain('tool-call-delta');
    expect(encoder.encode(finish)).toBe('');
  });

  it('numbers content and tool calls apart, and ends what nobody ends', () => {
    expect(outline(thought('A'), text('B'), call(0), args(0, '{}'))).toEqual([
      'content-start 0',
      'content-delta 0',
      'content-end 0',
      'content-start 1',
      'content-delta 1',
      'content-end 1',
      'tool-call-start 0',
      'tool-call-delta 0',
      'tool-call-end 0',
    ]);
  });

  it('puts tool calls that overlap, and text between them, one after another', () => {
    const overlapping = [
      call(0),
      args(0, '{'),
      call(1),
      args(1, '{}'),
      args(0, '}'),
      text('So.'),
      callEnd(1),
      callEnd(0),
    ];
    expect(outline(...overlapping)).toEqual([
      'tool-call-start 0',
      'tool-call-delta 0',
      'tool-call-delta 0',
      'tool-call-end 0',
      'tool-call-start 1',
      'tool-call-delta 1',
      'tool-call-end 1',
      'content-start 0',
      'content-delta 0',
      'content-end 0',
    ]);
  });

  it('says nothing of parts that are empty, and of choices beyond the first', () => {
    expect(outline(thought(''), partEnd, text(''), { type: 'text-delta', choice: 1, text: 'other' })).toEqual([]);
  });

  it('says a refusal as the text it is', () => {
    const stream = encode(start, { type: 'refusal-delta', choice: 0, text: 'No.' }, finish, done);
    expect(collectEvents(decodeStream(cohereChat().stream.decoder(), [Buffer.from(stream)])).choices[0]?.parts).toEqual(
      [{ type: 'text', text: 'No.' }],
    );
  });

  it('says a plan as a plan, and thinking after it as thinking', () => {
    const mark: ChatEvent = { type: 'extension', choice: 0, dialect: 'cohere-chat', data: { tool_plan: true } };
    expect(outline(mark, thought('I will'), thought(' look.'), partEnd, thought('Hm.'), call(0))).toEqual([
      'tool-plan-delta',
      'tool-plan-delta',
      'content-start 0',
      'content-delta 0',
      'content-end 0',
      'tool-call-start 0',
      'tool-call-end 0',
    ]);
  });

  it('writes the text [DONE] so that no client takes it for the end', () => {
    const stream = encode(start, text('say [DONE] now'), finish, done);
    expect(cohereStreamProblems(stream)).toEqual([]);
    const [delta] = wireEvents([Buffer.from(stream)]).filter(({ event }) => event === 'content-delta');
    expect(JSON.parse(delta?.data ?? '').delta.message.content.text).toBe('say [DONE] now');
  });

  it.each(plainAnswers.map((answer) => [answer.choices[0]?.finishReason, answer] as const))(
    'keeps the grammar for an answer of another dialect that ends with %s',
    (_reason, answer: ChatAnswer) => {
      const stream = encode(...answerToEvents(answer));
      expect(cohereStreamProblems(stream)).toEqual([]);
    },
  );

  it('has an id of ours where the provider gave none', () => {
    expect(encode({ ...start, id: '' })).toContain('"id":"fallback-id"');
    expect(encode(text('Hi'))).toContain('"id":"fallback-id"');
  });

  it('ends a broken stream with an error and without the end marker', () => {
    const encoder = cohereChat().stream.encoder(reply);
    encoder.encode(start);
    const last = String(encoder.fail(new GatewayError('upstream_truncated')));
    expect(last).not.toContain('[DONE]');
    expect(decodeStream(cohereChat().stream.decoder(), [Buffer.from(last)])).toEqual([
      { type: 'error', fault: { kind: 'server_error', code: 'upstream_truncated', message: expect.any(String) } },
    ]);
  });
});

describe('a stream of a Cohere provider', () => {
  function decode(...frames: readonly string[]): ChatEvent[] {
    return decodeStream(cohereChat().stream.decoder(), [
      Buffer.from(frames.map((data) => `data: ${data}\n\n`).join('')),
    ]);
  }

  const begin = '{"type":"message-start","id":"a","delta":{}}';
  const end = '{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}';

  it('has text in the start of a part, too', () => {
    const started = '{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":"Hi"}}}}';
    expect(collectEvents(decode(begin, started, end)).choices[0]?.parts).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('is complete with its message-end, whether [DONE] follows or not', () => {
    expect(decode(begin, end).at(-1)).toEqual({ type: 'done' });
    expect(decode(begin, end, '[DONE]').filter(({ type }) => type === 'done')).toHaveLength(1);
    expect(decode(begin, '[DONE]').map(({ type }) => type)).toEqual(['start']);
  });

  it('ends with tool calls although it says COMPLETE, when it has made some', () => {
    const called =
      '{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"a","type":"function","function":{"name":"f","arguments":"{"}}}}}';
    const more =
      '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"}"}}}}}';
    expect(collectEvents(decode(begin, called, more, end)).choices[0]).toMatchObject({
      finishReason: 'tool_calls',
      parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }],
    });
  });

  it('counts the last report of usage alone', () => {
    const early = '{"type":"message-end","delta":{"usage":{"tokens":{"input_tokens":1,"output_tokens":1}}}}';
    const late =
      '{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":5,"output_tokens":7}}}}';
    expect(decode(begin, early, late, late).filter(({ type }) => type === 'usage')).toEqual([
      { type: 'usage', usage: { inputTokens: 5, outputTokens: 7 } },
    ]);
  });

  it('that ran out of time is a timeout, and an error in place of events a failure', () => {
    expect(decode(begin, '{"type":"message-end","delta":{"finish_reason":"TIMEOUT"}}').at(-1)).toMatchObject({
      type: 'error',
      fault: { kind: 'timeout' },
    });
    expect(decode(begin, '{"message":"internal server error"}').at(-1)).toMatchObject({
      type: 'error',
      fault: { kind: 'server_error', message: 'internal server error' },
    });
  });

  it.each([
    '{"type":"content-delta","index":0,"delta":{}}',
    '{"type":"tool-plan-delta","delta":{"message":{}}}',
    '{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{}}}}',
    '{"type":"tool-call-delta","index":3,"delta":{"message":{"tool_calls":{"function":{"arguments":"x"}}}}}',
    '{"type":"message-end"}',
    '[]',
  ])('cannot be read with %s in it', (data) => {
    expect(decode(begin, data).at(-1)).toMatchObject({ type: 'error', fault: { kind: 'invalid_response' } });
  });
});
