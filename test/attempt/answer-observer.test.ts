import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { AnswerObserver } from '../../src/attempt/answer-observer.ts';
import type { DialectName } from '../../src/core/dialect-name.ts';
import type { Outcome } from '../../src/core/settlement.ts';
import { dialectOf, dialects } from '../../src/dialects/index.ts';

const sse = { 'content-type': 'text/event-stream; charset=utf-8' };
const json = { 'content-type': 'application/json' };

const answer = Buffer.from(
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'length' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  }),
);

const frames = {
  text: 'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n',
  stop: 'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  usage:
    'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4,"total_tokens":11}}\n\n',
  done: 'data: [DONE]\n\n',
  error: 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n',
};

interface Watched {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks?: readonly (Buffer | string)[];
  readonly ending?: 'end' | 'broken' | 'none';
  readonly dialect?: DialectName;
}

function outcomeOf({
  status = 200,
  headers = json,
  chunks = [],
  ending = 'end',
  dialect = 'openai-chat',
}: Watched): Outcome {
  const observer = new AnswerObserver(dialectOf(dialect));
  observer.onHead(status, (name) => headers[name]);
  for (const chunk of chunks) observer.onData(Buffer.from(chunk));
  if (ending === 'end') observer.onEnd();
  if (ending === 'broken') observer.onBroken();
  return observer.outcome();
}

const provided = {
  status: 'ok',
  usageSource: 'provider',
  usage: { inputTokens: 3, outputTokens: 2 },
  finishReason: 'length',
};

describe('AnswerObserver', () => {
  it.each([
    ['whole', [answer]],
    ['in pieces', [answer.subarray(0, 5), answer.subarray(5, 6), answer.subarray(6)]],
  ])('reads usage and finish reason of an answer that is sent %s', (_how, chunks) => {
    expect(outcomeOf({ chunks })).toMatchObject(provided);
  });

  it.each([
    ['gzip', gzipSync(answer)],
    ['x-gzip', gzipSync(answer)],
    ['br', brotliCompressSync(answer)],
    ['deflate', deflateSync(answer)],
    ['zstd', zstdCompressSync(answer)],
    ['identity', answer],
  ])('reads an answer compressed with %s', (encoding, bytes) => {
    expect(outcomeOf({ headers: { ...json, 'content-encoding': encoding }, chunks: [bytes] })).toMatchObject(provided);
  });

  it.each([
    ['that is no JSON', { chunks: ['hello'] }],
    ['of another kind', { chunks: ['{"data":[]}'] }],
    ['that is damaged', { headers: { ...json, 'content-encoding': 'gzip' }, chunks: [answer] }],
    ['in an unknown encoding', { headers: { ...json, 'content-encoding': 'snappy' }, chunks: [answer] }],
    [
      'that inflates beyond bounds',
      { headers: { ...json, 'content-encoding': 'gzip' }, chunks: [gzipSync(Buffer.alloc(5e6, ' '))] },
    ],
    ['beyond bounds', { chunks: [Buffer.alloc(5e6, ' '), answer] }],
    ['of another media type', { headers: { 'content-type': 'text/html' }, chunks: [answer] }],
    ['without a media type', { headers: {}, chunks: [answer] }],
    [
      'that is a compressed stream',
      { headers: { ...sse, 'content-encoding': 'gzip' }, chunks: [gzipSync(frames.text)] },
    ],
  ])('lets an answer %s be what it is', (_what, watched) => {
    expect(outcomeOf(watched)).toEqual({ status: 'ok', httpStatus: 200, usageSource: 'none' });
  });

  it.each([
    [404, 'rejected'],
    [429, 'rejected'],
    [500, 'upstream_error'],
    [204, 'ok'],
  ])('knows status %d for %s', (status, callStatus) => {
    expect(outcomeOf({ status, chunks: [answer] })).toEqual({
      status: callStatus,
      httpStatus: status,
      usageSource: 'none',
    });
  });

  it('reads a stream, however it is cut', () => {
    const stream = Buffer.from(frames.text + frames.stop + frames.usage + frames.done);
    for (const size of [1, 7, stream.length]) {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, (index + 1) * size),
      );
      expect(outcomeOf({ headers: sse, chunks })).toMatchObject({
        status: 'ok',
        usage: { inputTokens: 7, outputTokens: 4 },
        finishReason: 'stop',
      });
    }
  });

  it.each([
    ['ended without its end marker', { chunks: [frames.text], ending: 'end' }, 'upstream_truncated'],
    ['broken off by the handler', { chunks: [frames.text], ending: 'broken' }, 'upstream_truncated'],
    ['left by its caller', { chunks: [frames.text], ending: 'none' }, 'ok'],
    ['with an error in it', { chunks: [frames.text, frames.error], ending: 'end' }, 'upstream_error'],
    ['with a frame beyond bounds', { chunks: [frames.text, Buffer.alloc(2e6, 'x')], ending: 'end' }, 'ok'],
  ] as const)('takes a stream %s for what it is', (_what, watched, status) => {
    expect(outcomeOf({ headers: sse, ...watched }).status).toBe(status);
  });

  it('takes the end of a stream for its end where the dialect has no end marker', () => {
    const chunk = {
      candidates: [{ content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP', index: 0 }],
    };
    const usageMetadata = { promptTokenCount: 2, candidatesTokenCount: 1, totalTokenCount: 3 };
    const chunks = [`data: ${JSON.stringify({ ...chunk, usageMetadata, modelVersion: 'm' })}\n\n`];
    expect(outcomeOf({ headers: sse, chunks, dialect: 'gemini' })).toMatchObject({
      status: 'ok',
      usage: { inputTokens: 2, outputTokens: 1 },
    });
  });

  it('says 499 of a handler that never answered', () => {
    expect(new AnswerObserver(dialects['openai-chat']).outcome()).toEqual({
      status: 'ok',
      httpStatus: 499,
      usageSource: 'none',
    });
  });

  it('keeps what it read when the handler uses its buffer for something else', () => {
    const observer = new AnswerObserver(dialects['openai-chat']);
    observer.onHead(200, (name) => json[name as 'content-type']);
    const reused = Buffer.from(answer);
    observer.onData(reused);
    reused.fill(0);
    observer.onEnd();
    expect(observer.outcome()).toMatchObject(provided);
  });
});
