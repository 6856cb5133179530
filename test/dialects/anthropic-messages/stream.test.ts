import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { decodeWireEvents } from '../../support/corpus.ts';
import { block, jsonDeltas, ping, textDeltas } from './samples.ts';

function event(data: JsonObject): WireEvent {
  return { event: String(data.type), data: JSON.stringify(data) };
}

function start(usage: JsonObject = { input_tokens: 10, output_tokens: 1 }): WireEvent {
  return event({ type: 'message_start', message: { id: 'msg_1', model: 'claude', content: [], usage } });
}

function delta(usage: JsonObject = { output_tokens: 5 }, stopReason: string | null = 'end_turn'): WireEvent {
  return event({ type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage });
}

const stop = event({ type: 'message_stop' });
const hi = block(0, { type: 'text', text: '' }, ...textDeltas('Hi'));

function decode(...events: readonly WireEvent[]): ChatEvent[] {
  return decodeWireEvents(anthropicMessages().stream.decoder(), events);
}

function only<Type extends ChatEvent['type']>(events: readonly ChatEvent[], type: Type) {
  return events.filter((found) => found.type === type);
}

describe('a streamed answer', () => {
  it('becomes steps in order', () => {
    expect(decode(start(), ...hi, delta(), stop)).toEqual([
      { type: 'start', id: 'msg_1', model: 'claude' },
      { type: 'text-delta', choice: 0, text: 'Hi' },
      { type: 'part-end', choice: 0 },
      { type: 'finish', choice: 0, reason: 'stop', rawReason: 'end_turn' },
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 5 } },
      { type: 'done' },
    ]);
  });

  it('is read without event names, and with names alone', () => {
    const all = [start(), ...hi, delta(), stop];
    const unnamed = all.map(({ data }) => ({ event: undefined, data }));
    const untyped = all.map(({ event: name, data }) => ({ event: name, data: data.replace(/"type":"\w+",?/, '') }));
    expect(decode(...unnamed)).toEqual(decode(...all));
    expect(decode(...untyped)).toEqual(decode(...all));
  });

  it('is not disturbed by pings, empty data and a [DONE] of a proxy', () => {
    const all = [start(), ...hi, delta(), stop];
    const noise = [ping, { event: undefined, data: '' }, { event: undefined, data: '[DONE]' }];
    expect(decode(...all.flatMap((found) => [...noise, found]))).toEqual(decode(...all));
  });

  it('starts once, finishes once, and ends with its first message_stop', () => {
    const events = decode(start(), start(), ...hi, delta(), delta({ output_tokens: 7 }), stop, ...hi, stop);
    expect(only(events, 'start')).toHaveLength(1);
    expect(only(events, 'finish')).toHaveLength(1);
    expect(only(events, 'text-delta')).toHaveLength(1);
    expect(events.slice(-2)).toEqual([
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 7 } },
      { type: 'done' },
    ]);
  });

  it('is cut when no message_stop came: usage is reported where the end was announced, done is not', () => {
    expect(decode(start(), ...hi).map(({ type }) => type)).toEqual(['start', 'text-delta', 'part-end']);
    expect(decode(start(), ...hi, delta()).map(({ type }) => type)).toEqual([
      'start',
      'text-delta',
      'part-end',
      'finish',
      'usage',
    ]);
  });

  it('is cut when message_stop came without a reason', () => {
    expect(only(decode(start(), ...hi, stop), 'done')).toEqual([]);
    expect(only(decode(start(), ...hi, delta({}, null), stop), 'done')).toEqual([]);
  });
});

describe('usage of a stream', () => {
  it('takes the last word on every count and adds nothing up', () => {
    const first = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 7, output_tokens: 3 };
    const last = { input_tokens: 20, cache_read_input_tokens: null, output_tokens: 50 };
    expect(only(decode(start(first), ...hi, delta(last), stop), 'usage')).toEqual([
      {
        type: 'usage',
        usage: { inputTokens: 127, outputTokens: 50, cacheReadTokens: 100, cacheWriteTokens: 7 },
      },
    ]);
  });

  it('is read from the end alone where the start has none', () => {
    const events = decode(start({}), ...hi, delta({ input_tokens: 4, output_tokens: 5 }), stop);
    expect(only(events, 'usage')).toEqual([{ type: 'usage', usage: { inputTokens: 4, outputTokens: 5 } }]);
  });

  it('is not made up where a host reports none, nor from counts that are none', () => {
    expect(only(decode(start({}), ...hi, delta({}), stop), 'usage')).toEqual([]);
    expect(only(decode(start({}), ...hi, delta({ input_tokens: -1, output_tokens: '5' }), stop), 'usage')).toEqual([]);
  });
});

describe('tool calls in a stream', () => {
  const use = (id: string, input: JsonObject = {}) => ({ type: 'tool_use', id, name: 'f', input });

  it('are numbered from 0, whatever the number of their block', () => {
    const events = decode(start(), ...hi, ...block(1, use('a')), ...block(4, use('b')), delta({}, 'tool_use'), stop);
    expect(only(events, 'tool-call-start')).toMatchObject([
      { index: 0, id: 'a', name: 'f' },
      { index: 1, id: 'b' },
    ]);
    expect(only(events, 'finish')).toMatchObject([{ reason: 'tool_calls', rawReason: 'tool_use' }]);
  });

  it('without arguments have empty ones, and the placeholder of the start is none', () => {
    const events = decode(
      start(),
      ...block(0, use('a'), ...jsonDeltas('', '')),
      ...block(1, use('b'), ...jsonDeltas('{"a":1}')),
    );
    expect(only(events, 'tool-call-delta')).toMatchObject([
      { index: 0, arguments: '{}' },
      { index: 1, arguments: '{"a":1}' },
    ]);
  });

  it('with all arguments in the start have those', () => {
    const events = decode(start(), ...block(0, use('a', { city: 'Paris' })));
    expect(only(events, 'tool-call-delta')).toMatchObject([{ arguments: '{"city":"Paris"}' }]);
  });

  it('pass arguments on that broke off, as they are', () => {
    const events = decode(start(), ...block(0, use('a'), ...jsonDeltas('{"city":"Pa')), delta({}, 'max_tokens'), stop);
    expect(only(events, 'tool-call-delta')).toMatchObject([{ arguments: '{"city":"Pa' }]);
    expect(only(events, 'finish')).toMatchObject([{ reason: 'length' }]);
  });

  it('of programs name the program, each of them', () => {
    const caller = (id: string) => ({ type: 'code_execution_20260120', tool_id: id });
    const events = decode(
      start(),
      ...block(0, { ...use('a'), caller: caller('s1') }),
      ...block(1, { ...use('b'), caller: { type: 'direct' } }),
      ...block(2, { ...use('c'), caller: caller('s2') }),
    );
    expect(only(events, 'extension').at(-1)).toMatchObject({
      choice: 0,
      data: { callers: { a: caller('s1'), c: caller('s2') } },
    });
    expect(only(events, 'extension')).toHaveLength(2);
  });

  it('are what a turn that ends by itself stops for', () => {
    const reasonOf = (stopReason: string) =>
      only(decode(start(), ...block(0, use('a')), delta({}, stopReason), stop), 'finish');
    expect(reasonOf('end_turn')).toMatchObject([{ reason: 'tool_calls' }]);
    expect(reasonOf('pause_turn')).toMatchObject([{ reason: 'stop', rawReason: 'pause_turn' }]);
    expect(reasonOf('refusal')).toMatchObject([{ reason: 'content_filter' }]);
  });
});

describe('blocks only this API knows', () => {
  it('come whole when they end, with their input put together', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    const events = decode(start(), ...block(0, search, ...jsonDeltas('', '{"query"', ':"x"}')));
    expect(only(events, 'extension-part')).toEqual([
      {
        type: 'extension-part',
        choice: 0,
        part: { type: 'extension', dialect: 'anthropic-messages', data: { ...search, input: { query: 'x' } } },
      },
    ]);
  });

  it('grow by deltas of kinds nobody knows yet', () => {
    const compaction = { type: 'compaction', content: null };
    const events = decode(
      start(),
      ...block(
        0,
        compaction,
        { type: 'compaction_delta', content: 'So ' },
        { type: 'compaction_delta', content: 'far.', n: 1 },
      ),
    );
    expect(only(events, 'extension-part')).toMatchObject([
      { part: { data: { type: 'compaction', content: 'So far.', n: 1 } } },
    ]);
  });

  it('do not disturb the numbering or the text around them', () => {
    const unknown = block(1, { type: 'some_new_block', value: 1 }, { type: 'some_new_delta', value: 2 });
    const events = decode(start(), ...hi, ...unknown, ...block(2, { type: 'tool_use', id: 'a', name: 'f', input: {} }));
    expect(only(events, 'tool-call-start')).toMatchObject([{ index: 0 }]);
  });

  it('ignore deltas of new kinds in blocks that are known', () => {
    const events = decode(start(), ...block(0, { type: 'text', text: 'Hi' }, { type: 'some_new_delta', data: 1 }));
    expect(only(events, 'text-delta')).toMatchObject([{ text: 'Hi' }]);
  });
});

describe('events that cannot be read', () => {
  const bad: readonly JsonObject[] = [
    { type: 'message_start' },
    { type: 'message_start', message: 'Hi' },
    { type: 'content_block_start', index: 0 },
    { type: 'content_block_start', content_block: { type: 'text', text: '' } },
    { type: 'content_block_start', index: 0, content_block: {} },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'a' } },
    { type: 'content_block_delta', index: 0 },
    { type: 'content_block_delta', index: 9, delta: { type: 'text_delta', text: 'x' } },
  ];
  for (const data of bad) {
    it(`end the stream with an error: ${JSON.stringify(data)}`, () => {
      const events = decode(start(), event(data), ...hi, delta(), stop);
      expect(events.at(-1)).toMatchObject({ type: 'error', fault: { kind: 'invalid_response' } });
    });
  }

  for (const data of ['{"type":"mess', 'null', '[]', '7', 'Bad gateway']) {
    it(`end the stream with an error: ${data}`, () => {
      const events = decode(start(), { event: 'message_delta', data }, delta(), stop);
      expect(events.at(-1)).toMatchObject({ type: 'error', fault: { kind: 'invalid_response' } });
    });
  }
});

describe('failures inside a stream', () => {
  const faultOf = (type: string, message: string) =>
    decode(start(), event({ type: 'error', error: { type, message } }), delta(), stop).at(-1);

  it('end it with the provider-given type and the kind it stands for', () => {
    expect(faultOf('overloaded_error', 'Overloaded')).toEqual({
      type: 'error',
      fault: { kind: 'server_error', message: 'Overloaded', code: 'overloaded_error' },
    });
    expect(faultOf('rate_limit_error', '')).toMatchObject({ fault: { kind: 'rate_limit' } });
    expect(faultOf('invalid_request_error', 'no')).toMatchObject({ fault: { kind: 'invalid_request' } });
    expect(faultOf('some_new_error', 'no')).toMatchObject({ fault: { kind: 'server_error', code: 'some_new_error' } });
  });

  it('do not give credentials away', () => {
    const event = faultOf('authentication_error', 'invalid key sk-ant-api03-Abcdefghijklmnop0123456789');
    expect(JSON.stringify(event)).not.toContain('Abcdefghijklmnop');
  });
});
