import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { decodeWireEvents, digestOf, wireEvents } from '../../support/corpus.ts';
import { responseWith, textItem } from './samples.ts';
import { streamOf } from './wire-events.ts';

const { stream } = openaiResponses();
const reply = { model: 'served', fallbackId: 'answer-1', created: 1_750_000_000, includeUsage: true };

function decode(events: readonly WireEvent[]): ChatEvent[] {
  return decodeWireEvents(stream.decoder(), events);
}

function wire(type: string, members: JsonObject): WireEvent {
  return { event: type, data: JSON.stringify({ type, ...members }) };
}

const call = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'f',
  arguments: '{"a":1}',
  status: 'completed',
};
const response = responseWith({ output: [textItem('msg_1', 'Hello there.'), call] });
const whole = digestOf(collectEvents(decode(streamOf(response))));

describe('streams of servers that leave things out', () => {
  const without = (...types: readonly string[]) =>
    streamOf(response).filter(({ event }) => !types.some((type) => event?.includes(type)));

  it.each([
    ['names of events', streamOf(response).map(({ data }) => ({ event: undefined, data }))],
    ['deltas', without('.delta')],
    ['the ends of parts and items', without('.done')],
    ['the beginnings of items', without('.added')],
    ['everything but the last event', streamOf(response).slice(-1)],
  ])('are read in full without %s', (_, events) => {
    expect(digestOf(collectEvents(decode(events)))).toEqual(whole);
  });

  it('are read with a marker after the last event', () => {
    expect(digestOf(collectEvents(decode([...streamOf(response), { event: undefined, data: '[DONE]' }])))).toEqual(
      whole,
    );
  });

  it('are read when every item has the same place', () => {
    const events = streamOf(response).map(({ event, data }) => ({
      event,
      data: data.replaceAll('"output_index":1', '"output_index":0'),
    }));
    expect(digestOf(collectEvents(decode(events)))).toEqual(whole);
  });
});

describe('a stream that fails', () => {
  const begun = streamOf(response).slice(0, 4);

  it.each([
    [wire('error', { code: 'rate_limit_exceeded', message: 'Slow.', param: null }), 'rate_limit'],
    [wire('error', { error: { code: 'server_error', message: 'Broken.' } }), 'server_error'],
    [
      wire('response.failed', {
        response: { ...response, status: 'failed', error: { code: 'invalid_prompt', message: 'No.' } },
      }),
      'content_filter',
    ],
    [
      wire('response.failed', {
        response: { ...response, status: 'failed', error: { code: 'image_too_large', message: 'No.' } },
      }),
      'invalid_request',
    ],
    [wire('response.failed', { response: { ...response, status: 'failed', error: null } }), 'server_error'],
    [wire('response.completed', { response: { ...response, status: 'cancelled' } }), 'server_error'],
    [{ event: undefined, data: '{"error":{"message":"Broken.","code":"server_error"}}' }, 'server_error'],
    [{ event: 'error', data: 'out of order' }, 'server_error'],
  ])('is no answer (%j)', (event, kind) => {
    expect(decode([...begun, event]).at(-1)).toMatchObject({ type: 'error', fault: { kind } });
  });

  it('is cut when it ends before its last event', () => {
    expect(decode(streamOf(response).slice(0, -1)).map(({ type }) => type)).not.toContain('done');
  });
});

describe('the last frame of a broken stream', () => {
  it('is an error its own client raises, and the response as far as it came', () => {
    const encoder = stream.encoder(reply);
    const events: ChatEvent[] = [
      { type: 'start', id: 'resp_9', model: 'm' },
      { type: 'text-delta', choice: 0, text: 'Hel' },
    ];
    const begun = events.map((event) => encoder.encode(event)).join('');
    const frames = wireEvents([Buffer.from(begun + encoder.fail(new GatewayError('upstream_truncated')))]);
    const [error, failed] = frames.slice(-2).map(({ data }) => JSON.parse(data));
    expect(error).toMatchObject({ type: 'error', code: 'upstream_truncated', error: { code: 'upstream_truncated' } });
    expect(failed).toMatchObject({
      type: 'response.failed',
      response: { id: 'resp_9', status: 'failed', error: { code: 'upstream_truncated' } },
    });
    expect(frames.map(({ data }) => JSON.parse(data).sequence_number)).toEqual(frames.map((_, index) => index));
  });
});

describe('ids of what another provider said', () => {
  const encode = (id: string): JsonObject[] => {
    const encoder = stream.encoder(reply);
    const events: ChatEvent[] = [
      { type: 'start', id, model: 'm' },
      { type: 'reasoning-delta', choice: 0, text: 'Hm.' },
      { type: 'part-end', choice: 0, signature: { dialect: 'anthropic-messages', value: 'EqSig==' } },
      { type: 'text-delta', choice: 0, text: 'Hi.' },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'f' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      { type: 'done' },
    ];
    const frames = wireEvents([Buffer.from(events.map((event) => encoder.encode(event)).join(''))]);
    return JSON.parse(frames.at(-1)?.data ?? '').response.output;
  };

  it('are made up in a form that is known again, and fit where OpenAI takes ids', () => {
    const output = encode(`${'chatcmpl:'.repeat(20)}`);
    expect(output.map(({ id }) => id)).toEqual([
      expect.stringMatching(/^rs_x_[\w-]{1,48}_0$/),
      expect.stringMatching(/^msg_x_[\w-]{1,48}_1$/),
      expect.stringMatching(/^fc_x_[\w-]{1,48}_2$/),
    ]);
    expect(output.map(({ id }) => String(id).length <= 64)).toEqual([true, true, true]);
  });

  it('come back as what they were, and go to no provider', () => {
    const { request } = openaiResponses();
    const input = [
      { role: 'user', content: 'Go on.' },
      ...encode('a'),
      { type: 'function_call_output', call_id: 'call_1', output: 'x' },
    ];
    const body = { model: 'm', input };
    expect(request.passThrough(body, { model: 'm' })).toBeUndefined();
    const decoded = request.decode(body, {});
    expect(decoded.messages[1]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.', signature: { dialect: 'anthropic-messages', value: 'EqSig==' } },
      { type: 'text', text: 'Hi.' },
      { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}' },
    ]);
    const sent = JSON.stringify(request.encode(decoded, { model: 'm' }).body);
    expect(sent).not.toMatch(/_x_|aigw1|reasoning/);
  });
});
