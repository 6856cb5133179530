import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, errorCatalogue } from '../../../src/core/error-catalogue.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { ChatEvent, Part } from '../../../src/dialects/canonical.ts';
import { awsEventStream } from '../../../src/wire/aws-event-stream-framing.ts';
import { decodeWireEvents, wireEvents } from '../../support/corpus.ts';
import { block, event } from './samples.ts';

const { stream } = bedrockConverse();
const reply = { model: 'm', fallbackId: 'f', created: 1, includeUsage: true };
const start = event('messageStart', { role: 'assistant' });
const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };
const stop = event('messageStop', { stopReason: 'end_turn' });

function read(...events: readonly { event: string | undefined; data: string }[]): ChatEvent[] {
  return decodeWireEvents(stream.decoder(), events);
}

describe('the end of a stream', () => {
  it('is the metadata behind the stop reason, with the last counts', () => {
    const events = read(start, ...block(0, undefined, { text: 'Hi' }), stop, event('metadata', { usage }));
    expect(events.slice(-3)).toEqual([
      { type: 'finish', choice: 0, reason: 'stop', rawReason: 'end_turn' },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 4 } },
      { type: 'done' },
    ]);
  });

  it('is the end of the connection where metadata came early, again and again, or not at all', () => {
    const early = { inputTokens: 3, outputTokens: 1, totalTokens: 4 };
    const again = read(start, event('metadata', { usage: early }), event('metadata', { usage }), stop);
    expect(again.slice(-2)).toEqual([{ type: 'usage', usage: { inputTokens: 3, outputTokens: 4 } }, { type: 'done' }]);
    expect(read(start, stop).map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
  });

  it('is no end without a stop reason', () => {
    const types = read(start, event('metadata', { usage })).map(({ type }) => type);
    expect(types).toEqual(['start', 'usage']);
  });

  it('closes what was left open', () => {
    const open = event('contentBlockStart', {
      contentBlockIndex: 0,
      start: { toolUse: { toolUseId: 'a', name: 'f' } },
    });
    expect(read(start, open, event('messageStop', { stopReason: 'tool_use' }))).toContainEqual({
      type: 'tool-call-delta',
      choice: 0,
      index: 0,
      arguments: '{}',
    });
  });
});

describe('a failure inside a stream', () => {
  it('is read from exceptions and from errors', () => {
    const data = '{"message":"It broke."}';
    const faults = ['exception:internalServerException', 'exception:modelTimeoutException', 'error:SomethingNew'].map(
      (name) => read(start, { event: name, data }).at(-1),
    );
    expect(faults).toMatchObject([
      { fault: { kind: 'server_error', code: 'internalServerException', message: 'It broke.' } },
      { fault: { kind: 'timeout' } },
      { fault: { kind: 'server_error', code: 'SomethingNew' } },
    ]);
  });

  it('is a fault when an event lacks what it needs', () => {
    for (const [name, data] of [
      ['contentBlockStart', { start: { toolUse: {} } }],
      ['contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { name: 'f' } } }],
      ['contentBlockDelta', { contentBlockIndex: 0 }],
      ['contentBlockDelta', { delta: { text: 'x' } }],
    ] as const) {
      expect(read(start, event(name, data)).at(-1)).toMatchObject({
        type: 'error',
        fault: { kind: 'invalid_response' },
      });
    }
  });

  it("is an exception one of the client's classes is made of, whatever it was", () => {
    const classes = new Set<string | undefined>();
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      const frame = stream.encoder(reply).fail(new GatewayError(code));
      const [seen] = wireEvents([Buffer.from(frame)], awsEventStream);
      classes.add(seen?.event);
      expect(JSON.parse(seen?.data ?? '')).toEqual({ message: errorCatalogue[code].message });
    }
    expect([...classes].sort()).toEqual([
      'exception:internalServerException',
      'exception:modelStreamErrorException',
      'exception:serviceUnavailableException',
      'exception:throttlingException',
      'exception:validationException',
    ]);
  });
});

describe('what other dialects say', () => {
  it('is shown as far as there is a form for it', () => {
    const parts: readonly Part[] = [
      { type: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'x' } },
      { type: 'extension', dialect: 'gemini', data: { executableCode: {} } },
      { type: 'refusal', text: 'I will not.' },
      { type: 'refusal', text: '' },
    ];
    const answer = { id: '', model: '', choices: [{ index: 0, parts, finishReason: 'stop' as const }] };
    const body = bedrockConverse().response.encode(answer, reply);
    expect(body).toMatchObject({ output: { message: { content: [{ text: 'I will not.' }] } } });
    expect(bedrockConverse().response.encode({ ...answer, choices: [] }, reply)).toMatchObject({
      output: { message: { content: [] } },
      stopReason: 'end_turn',
    });
  });
});

describe('an encoder', () => {
  it('adds no end to a stream it has not begun', () => {
    expect(stream.encoder(reply).encode({ type: 'done' })).toBe('');
  });

  it('says how long the answer took', () => {
    const encoder = stream.encoder({ ...reply, served: { provider: 'p', elapsed: () => 12.6 } });
    encoder.encode({ type: 'start', id: '', model: '' });
    const frames = wireEvents([Buffer.from(encoder.encode({ type: 'done' }))], awsEventStream);
    expect(JSON.parse(frames.at(-1)?.data ?? '')).toMatchObject({ metrics: { latencyMs: 13 } });
  });

  it('shows one choice of several', () => {
    const encoder = stream.encoder(reply);
    expect(encoder.encode({ type: 'text-delta', choice: 1, text: 'other' })).toBe('');
  });

  it('joins redacted reasoning that came in pieces', () => {
    const pieces = ['abcd', 'efg'].map((piece) => ({
      reasoningContent: { redactedContent: Buffer.from(piece).toString('base64') },
    }));
    expect(read(start, ...block(0, undefined, ...pieces))).toContainEqual({
      type: 'reasoning-redacted',
      choice: 0,
      redacted: { dialect: 'bedrock-converse', value: Buffer.from('abcdefg').toString('base64') },
    });
  });
});
