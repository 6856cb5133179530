import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import { wireEvents } from '../../support/corpus.ts';

const reply = { model: 'served', fallbackId: 'msg_fallback', created: 1, includeUsage: false };
const start: ChatEvent = { type: 'start', id: 'msg_1', model: 'claude' };
const finish: ChatEvent = { type: 'finish', choice: 0, reason: 'stop' };
const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 9, outputTokens: 4, cacheReadTokens: 2 } };
const done: ChatEvent = { type: 'done' };

function encode(...events: readonly ChatEvent[]): string {
  const encoder = anthropicMessages().stream.encoder(reply);
  return events.map((event) => encoder.encode(event)).join('');
}

/** The frames' JSON between `message_start` and `message_delta`, blocks written short. */
function blocks(...events: readonly ChatEvent[]): readonly unknown[] {
  return wireEvents([Buffer.from(encode(start, ...events))])
    .map(({ data }) => JSON.parse(data))
    .filter(({ type }) => type.startsWith('content_block'))
    .map(({ type, index, content_block: block, delta }) => [
      type.replace('content_block_', ''),
      index,
      block?.name ?? block?.type ?? delta?.text ?? delta?.thinking ?? delta?.partial_json ?? delta?.signature,
    ]);
}

const text = (words: string): ChatEvent => ({ type: 'text-delta', choice: 0, text: words });
const thought = (words: string): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text: words });
const partEnd: ChatEvent = { type: 'part-end', choice: 0 };
const call = (index: number): ChatEvent => ({
  type: 'tool-call-start',
  choice: 0,
  index,
  id: `c${index}`,
  name: `f${index}`,
});
const args = (index: number, json: string): ChatEvent => ({
  type: 'tool-call-delta',
  choice: 0,
  index,
  arguments: json,
});
const callEnd = (index: number): ChatEvent => ({ type: 'tool-call-end', choice: 0, index });

describe('a stream for an Anthropic caller', () => {
  it('has the frames of the API, to the byte', () => {
    expect(encode(start, text('Hi'), text(' "you"\n'), partEnd, finish, usage, done)).toBe(
      [
        'event: message_start',
        'data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"served","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}',
        '',
        'event: content_block_start',
        'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        '',
        'event: content_block_delta',
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
        '',
        'event: content_block_delta',
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" \\"you\\"\\n"}}',
        '',
        'event: content_block_stop',
        'data: {"type":"content_block_stop","index":0}',
        '',
        'event: message_delta',
        'data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":7,"cache_read_input_tokens":2,"output_tokens":4}}',
        '',
        'event: message_stop',
        'data: {"type":"message_stop"}',
        '',
        '',
      ].join('\n'),
    );
  });

  it('says each frame as soon as it can be said', () => {
    const encoder = anthropicMessages().stream.encoder(reply);
    expect(encoder.encode(start)).toContain('message_start');
    expect(encoder.encode(text('Hi'))).toContain('"Hi"');
    expect(encoder.encode(call(0))).toContain('content_block_stop');
    expect(encoder.encode(args(0, '{'))).toContain('input_json_delta');
    expect(encoder.encode(finish)).toBe('');
  });

  it('opens and closes a block for every part, also where nobody says that one ended', () => {
    expect(blocks(thought('A'), thought('B'), text('C'), call(0), args(0, '{}'), finish, done)).toEqual([
      ['start', 0, 'thinking'],
      ['delta', 0, 'A'],
      ['delta', 0, 'B'],
      ['stop', 0, undefined],
      ['start', 1, 'text'],
      ['delta', 1, 'C'],
      ['stop', 1, undefined],
      ['start', 2, 'f0'],
      ['delta', 2, '{}'],
      ['stop', 2, undefined],
    ]);
  });

  it('says overlapping tool calls one after another', () => {
    const events = [call(0), call(1), args(1, '{"b"'), args(0, '{"a"'), args(1, ':2}'), callEnd(1), args(0, ':1}')];
    expect(blocks(...events, callEnd(0), text('After.'), finish, done)).toEqual([
      ['start', 0, 'f0'],
      ['delta', 0, '{"a"'],
      ['delta', 0, ':1}'],
      ['stop', 0, undefined],
      ['start', 1, 'f1'],
      ['delta', 1, '{"b"'],
      ['delta', 1, ':2}'],
      ['stop', 1, undefined],
      ['start', 2, 'text'],
      ['delta', 2, 'After.'],
      ['stop', 2, undefined],
    ]);
  });

  it('holds text back that comes while a call is open', () => {
    expect(blocks(call(0), text('A'), args(0, '{}'), text('B'), callEnd(0), text('C'), finish, done)).toEqual([
      ['start', 0, 'f0'],
      ['delta', 0, '{}'],
      ['stop', 0, undefined],
      ['start', 1, 'text'],
      ['delta', 1, 'A'],
      ['delta', 1, 'B'],
      ['delta', 1, 'C'],
      ['stop', 1, undefined],
    ]);
  });

  it('closes calls that nobody ended when the answer is done', () => {
    expect(blocks(call(0), call(1), args(1, '{}'), finish, done)).toEqual([
      ['start', 0, 'f0'],
      ['stop', 0, undefined],
      ['start', 1, 'f1'],
      ['delta', 1, '{}'],
      ['stop', 1, undefined],
    ]);
  });

  it('signs thinking with its own signatures only', () => {
    const signed = (dialect: 'anthropic-messages' | 'gemini'): ChatEvent => ({
      type: 'part-end',
      choice: 0,
      signature: { dialect, value: 'c2ln' },
    });
    const redacted = (dialect: 'anthropic-messages' | 'gemini'): ChatEvent => ({
      type: 'reasoning-redacted',
      choice: 0,
      redacted: { dialect, value: 'ZGF0YQ==' },
    });
    expect(blocks(thought('A'), signed('anthropic-messages'), thought('B'), signed('gemini'))).toEqual([
      ['start', 0, 'thinking'],
      ['delta', 0, 'A'],
      ['delta', 0, 'c2ln'],
      ['stop', 0, undefined],
      ['start', 1, 'thinking'],
      ['delta', 1, 'B'],
      ['stop', 1, undefined],
    ]);
    expect(blocks(redacted('gemini'), redacted('anthropic-messages'))).toEqual([
      ['start', 0, 'redacted_thinking'],
      ['stop', 0, undefined],
    ]);
  });

  it('has one choice', () => {
    expect(encode(start, { type: 'text-delta', choice: 1, text: 'other' })).not.toContain('other');
  });

  it('starts even when nobody said so, and ends once', () => {
    expect(encode(text('Hi'))).toMatch(/^event: message_start\n.*"id":"msg_fallback"/);
    expect(encode(done)).toMatch(/^event: message_start/);
    expect(encode(start, finish, done, done, text('late'))).toBe(encode(start, finish, done));
  });

  it('gives a refusal its reason and its text', () => {
    const refusal: ChatEvent = { type: 'refusal-delta', choice: 0, text: 'I will not.' };
    expect(encode(start, refusal, finish, done)).toContain(
      '"delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":null,"explanation":"I will not."}}',
    );
  });

  it('names why it ended in the words of the API, whatever the provider said', () => {
    const reasonFor = (event: Partial<Extract<ChatEvent, { type: 'finish' }>>) =>
      /"stop_reason":"(\w+)"/.exec(encode(start, { type: 'finish', choice: 0, reason: 'stop', ...event }, done))?.[1];
    expect(reasonFor({ rawReason: 'STOP' })).toBe('end_turn');
    expect(reasonFor({ rawReason: 'pause_turn' })).toBe('pause_turn');
    expect(reasonFor({ stopSequence: 'END' })).toBe('stop_sequence');
    expect(reasonFor({ reason: 'length', rawReason: 'MAX_TOKENS' })).toBe('max_tokens');
    expect(reasonFor({ reason: 'length', rawReason: 'model_context_window_exceeded' })).toBe(
      'model_context_window_exceeded',
    );
    expect(reasonFor({ reason: 'tool_calls', rawReason: 'end_turn' })).toBe('tool_use');
    expect(reasonFor({ reason: 'content_filter', rawReason: 'SAFETY' })).toBe('refusal');
  });

  it('keeps any text within its frame (PT-04)', () => {
    const words = 'a\n\nevent: error\ndata: [DONE]\r\u2028\u0000\ud800';
    const frames = wireEvents([Buffer.from(encode(start, text(words), finish, done))]);
    expect(frames.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(JSON.parse(frames[2]?.data ?? '').delta.text).toBe(words);
  });
});
