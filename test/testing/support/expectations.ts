import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { asObject } from '../../../src/core/json.ts';
import type { FaultName } from '../../../src/testing/index.ts';
import type { Question, Seen } from './ask.ts';
import { type Read, readStream, readWhole } from './read-answer.ts';

/** How a fault is asked for, and what a client must see of it. */
export interface Expectation {
  /** @default the fault's name */
  readonly expression?: string;
  readonly ask?: Partial<Question>;
  readonly stream: (seen: Seen) => void;
  /** @default the same as for streams */
  readonly whole?: (seen: Seen) => void;
}

/** The Responses API takes no lower one. */
const tokenLimit = 16;

export const expectations: Readonly<Record<FaultName, Expectation>> = {
  e400: error(400),
  e401: { stream: (seen) => expectError(seen, seen.dialect === 'gemini' ? 400 : 401) },
  e402: error(402),
  e403: error(403),
  e404: error(404),
  e408: error(408),
  e409: error(409),
  e413: error(413),
  e422: error(422),
  e429: {
    stream: (seen) => {
      expectError(seen, 429);
      expect(seen.headers['retry-after']).toBeUndefined();
      expect(seen.bytes.toString()).not.toContain('retryDelay');
    },
  },
  e500: error(500),
  e502: error(502),
  e503: error(503),
  e504: error(504),
  e529: error(529),
  quota: {
    stream: (seen) => {
      expectError(seen, ['anthropic-messages', 'bedrock-converse'].includes(seen.dialect) ? 400 : 429);
      expect(seen.bytes.toString()).toMatch(
        /insufficient_quota|credit balance is too low|QuotaFailure|weekly usage limit|service quota|API calls \/ month/,
      );
    },
  },
  context_window: {
    stream: (seen) => {
      expectError(seen, 400);
      expect(seen.bytes.toString()).toMatch(
        /maximum context length|prompt is too long|Input is too long|exceeds the maximum number of tokens|too many tokens/,
      );
    },
  },
  content_filter: {
    stream: (seen) => {
      if (seen.dialect === 'gemini') {
        expect(seen.status).toBe(200);
        expect(seen.bytes.toString()).toContain('"blockReason":"PROHIBITED_CONTENT"');
      } else {
        expectError(seen, 400);
        expect(seen.bytes.toString()).toMatch(/content_filter|content filtering policy/);
      }
    },
  },
  retryafter: {
    expression: 'retryafter(7)',
    stream: (seen) => {
      expectError(seen, 429);
      if (seen.dialect === 'gemini') expect(seen.bytes.toString()).toContain('"retryDelay":"7s"');
      else expect(seen.headers['retry-after']).toBe('7');
    },
  },
  retryafter_date: {
    expression: 'retryafter_date(60)+e503',
    stream: (seen) => {
      expectError(seen, 503);
      const wait = Date.parse(String(seen.headers['retry-after'])) - Date.now();
      expect(wait).toBeGreaterThan(50_000);
      expect(wait).toBeLessThanOrEqual(60_000);
    },
  },
  retryafter_ms: {
    expression: 'retryafter_ms(700)',
    stream: (seen) => {
      expectError(seen, 429);
      expect(seen.headers['retry-after-ms']).toBe('700');
    },
  },
  retryafter_text: {
    expression: 'retryafter_text(9)',
    stream: (seen) => {
      expectError(seen, 429);
      expect(seen.headers['retry-after']).toBeUndefined();
      expect(seen.bytes.toString()).toContain('Please try again in 9s.');
    },
  },
  flaky: {
    expression: 'flaky(100)',
    ask: { patience: 200 },
    stream: (seen) => {
      const failed = seen.end === 'broken' || seen.end === 'silent' || [429, 500, 503].includes(seen.status ?? 0);
      expect(failed).toBe(true);
    },
  },
  nohdr: { ask: { patience: 200 }, stream: (seen) => expect([seen.status, seen.end]).toEqual([undefined, 'silent']) },
  rst_before_headers: {
    stream: (seen) => expect([seen.status, seen.end, seen.code]).toEqual([undefined, 'broken', 'ECONNRESET']),
  },
  html200: {
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'complete']);
      expect(seen.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(seen.bytes.toString()).toContain('<html>');
    },
  },
  empty200: {
    stream: (seen) => {
      expect([seen.status, seen.end, seen.bytes.length]).toEqual([200, 'complete', 0]);
      expect(seen.headers['content-type']).toMatch(
        /text\/event-stream|x-ndjson|vnd\.amazon\.eventstream|application\/json/,
      );
    },
  },
  redirect: {
    expression: 'redirect(http://127.0.0.1:9/elsewhere)',
    stream: (seen) => expect([seen.status, seen.headers.location]).toEqual([307, 'http://127.0.0.1:9/elsewhere']),
  },
  bomb: {
    expression: 'bomb(2)',
    stream: (seen) => expectBomb(seen, 'data: xxx'),
    whole: (seen) => expectBomb(seen, '{"id":"xxx'),
  },
  longline: {
    ask: { stopAfterBytes: 3_000_000 },
    stream: (seen) => expectLongLine(seen, 'data: xxx'),
    whole: (seen) => expectLongLine(seen, '{"id":"xxx'),
  },
  rst_after_headers: {
    stream: (seen) => {
      expect([seen.status, seen.end, seen.code]).toEqual([200, 'broken', 'ECONNRESET']);
      expect(seen.bytes).toHaveLength(0);
    },
  },
  cut: {
    expression: 'cut(2)',
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'broken']);
      expectPartial(seen, 2);
    },
    whole: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'broken']);
      expectHalf(seen);
    },
  },
  clean_eof: {
    expression: 'clean_eof(20)',
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'complete']);
      expectPartial(seen, 20);
    },
    whole: expectCutJson,
  },
  stall: {
    expression: 'stall(3)',
    ask: { patience: 200 },
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'silent']);
      expectPartial(seen, 3);
    },
    whole: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'silent']);
      expectHalf(seen);
    },
  },
  inband_error: {
    expression: 'inband_error(2)',
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'complete']);
      const read = expectPartial(seen, 2);
      expect(read.error).toBeDefined();
      const last = read.events.at(-1);
      expect(last?.error ?? asObject(last?.delta)?.error ?? last?.message).toBeDefined();
    },
    whole: expectErrorIn200,
  },
  error_first: {
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'complete']);
      const read = readStream(seen);
      expect(read.events).toHaveLength(1);
      expect(read.error).toBeDefined();
    },
    whole: expectErrorIn200,
  },
  comments_then_cut: {
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'broken']);
      expect(seen.bytes.toString()).toMatch(
        seen.dialect === 'ollama-chat' ? /^\n\n$/ : /: processing|event: ping|keepAlive/,
      );
      expectPartial(seen, 0);
    },
    whole: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'broken']);
      expect(seen.bytes.toString().trim()).toBe('');
    },
  },
  json_cut: {
    stream: (seen) => {
      expect([seen.status, seen.end]).toEqual([200, 'complete']);
      expect(seen.bytes.toString()).not.toMatch(/\n$/);
      expect(readStream(seen)).toMatchObject({ finish: undefined, done: false });
    },
    whole: expectCutJson,
  },
  no_done: {
    stream: (seen) => {
      const read = expectComplete(seen, readStream(seen));
      expect(read.done).toBe(false);
    },
    whole: (seen) => void expectComplete(seen, readWhole(seen)),
  },
  dupusage: {
    stream: (seen) => {
      const { usages } = expectComplete(seen, readStream(seen));
      expect(usages.at(-1)).toEqual(usages.at(-2));
    },
    whole: expectOneUsage,
  },
  nousage: {
    stream: (seen) => expect(expectComplete(seen, readStream(seen)).usages).toEqual([]),
    whole: (seen) => expect(expectComplete(seen, readWhole(seen)).usages).toEqual([]),
  },
  zerousage: {
    stream: (seen) => expectZeroUsage(expectComplete(seen, readStream(seen))),
    whole: (seen) => expectZeroUsage(expectComplete(seen, readWhole(seen))),
  },
  usage_on_choice: {
    stream: (seen) => {
      const { usages, events } = expectComplete(seen, readStream(seen));
      // Anthropic's stream cannot open without a usage object: it holds zeros.
      expect(usages).toHaveLength(seen.dialect === 'anthropic-messages' ? 2 : 1);
      expect(tokens(usages.at(-1))).toBeGreaterThan(0);
      const carrier = events.findLast(
        (event) =>
          asObject(event.response)?.usage ??
          event.usage ??
          event.usageMetadata ??
          event.eval_count ??
          asObject(event.delta)?.usage,
      );
      expect(JSON.stringify(carrier)).toMatch(
        /"(finish_reason|stop_reason|stopReason|finishReason|done_reason|status)":"/,
      );
    },
    whole: expectOneUsage,
  },
  cumulative: {
    stream: (seen) => {
      const { usages, contentEvents } = expectComplete(seen, readStream(seen));
      expect(usages.length).toBeGreaterThanOrEqual(contentEvents);
      const counts = usages.map(tokens);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(new Set(counts).size).toBeGreaterThanOrEqual(contentEvents);
    },
    whole: expectOneUsage,
  },
  ignore_max_tokens: {
    ask: { text: 'write 20 words', maxTokens: tokenLimit },
    stream: (seen) => expectTooLong(expectComplete(seen, readStream(seen))),
    whole: (seen) => expectTooLong(expectComplete(seen, readWhole(seen))),
  },
  badutf8: {
    stream: (seen) => expectDamaged(seen, readStream(seen)),
    whole: (seen) => expectDamaged(seen, readWhole(seen)),
  },
  deep: {
    stream: (seen) => expectDeep(expectComplete(seen, readStream(seen))),
    whole: (seen) => expectDeep(expectComplete(seen, readWhole(seen))),
  },
  headers_bad: {
    stream: (seen) => {
      expectComplete(seen, readStream(seen));
      expectBadHeaders(seen);
    },
    whole: (seen) => {
      expectComplete(seen, readWhole(seen));
      expectBadHeaders(seen);
    },
  },
  headers_crlf: { stream: (seen) => expect([seen.status, seen.end]).toEqual([undefined, 'broken']) },
  gz: compressed('gzip', gunzipSync),
  br: compressed('br', brotliDecompressSync),
  deflate: compressed('deflate', inflateSync),
  zstd: compressed('zstd', zstdDecompressSync),
  split: {
    expression: 'split(5)',
    stream: (seen) => {
      expectComplete(seen, readStream(seen));
      expect(Math.max(...seen.chunkSizes)).toBeLessThanOrEqual(5);
    },
    whole: (seen) => {
      expectComplete(seen, readWhole(seen));
      expect(seen.chunkSizes.length).toBeGreaterThan(seen.bytes.length / 10);
    },
  },
  trickle: {
    expression: 'trickle(5)',
    ask: { stopAfterBytes: 12 },
    stream: (seen) => {
      expect([seen.status, seen.end, seen.bytes.length]).toEqual([200, 'stopped', 12]);
      expect(seen.endAfter).toBeGreaterThan(50);
    },
  },
  slow: {
    expression: 'slow(80)',
    stream: (seen) => {
      expectComplete(seen, readStream(seen));
      expect(seen.headersAfter).toBeGreaterThan(75);
    },
    whole: (seen) => {
      expectComplete(seen, readWhole(seen));
      expect(seen.headersAfter).toBeGreaterThan(75);
    },
  },
  pace: {
    expression: 'pace(10)',
    stream: (seen) => {
      const { contentEvents } = expectComplete(seen, readStream(seen));
      expect(seen.endAfter).toBeGreaterThan((contentEvents - 1) * 9);
    },
    whole: (seen) => void expectComplete(seen, readWhole(seen)),
  },
};

function error(status: number): Expectation {
  return { stream: (seen) => expectError(seen, status) };
}

/** The vendor's own error shape, whole and as JSON, also to a request for a stream. */
function expectError(seen: Seen, status: number): void {
  expect([seen.status, seen.end]).toEqual([status, 'complete']);
  expect(seen.headers['content-type']).toBe('application/json');
  const body: unknown = JSON.parse(seen.bytes.toString());
  const text = expect.stringMatching(/./);
  switch (seen.dialect) {
    case 'openai-chat':
    case 'openai-responses':
      expect(body).toMatchObject({ error: { message: text, type: text } });
      expect(Object.keys(asObject(asObject(body)?.error) ?? {})).toEqual(['message', 'type', 'param', 'code']);
      break;
    case 'anthropic-messages':
      expect(body).toEqual({
        type: 'error',
        error: { type: text, message: text },
        request_id: expect.stringMatching(/^req_/),
      });
      break;
    case 'ollama-chat':
      expect(body).toEqual({ error: text });
      break;
    case 'bedrock-converse':
      expect(body).toEqual({ message: text });
      expect(seen.headers['x-amzn-errortype']).toMatch(/^[A-Z][A-Za-z]+Exception:/);
      break;
    case 'cohere-chat':
      expect(body).toEqual({ id: text, message: text });
      break;
    case 'gemini':
      expect(body).toMatchObject({
        error: { code: status, message: text, status: expect.stringMatching(/^[A-Z_]+$/) },
      });
      break;
  }
}

function expectComplete(seen: Seen, read: Read): Read {
  expect([seen.status, seen.end]).toEqual([200, 'complete']);
  expect(read.finish).toMatch(/^(stop|end_turn|STOP|COMPLETE|completed)$/);
  expect(read.text).toMatch(/hello there|word20/);
  expect(read.error).toBeUndefined();
  return read;
}

/** So many content events and no end. */
function expectPartial(seen: Seen, contentEvents: number): Read {
  const read = readStream(seen);
  expect(read).toMatchObject({ contentEvents, finish: undefined, done: false });
  return read;
}

function expectHalf(seen: Seen): void {
  const declared = Number(seen.headers['content-length']);
  expect(seen.bytes.length).toBe(Math.ceil(declared / 2));
}

function expectCutJson(seen: Seen): void {
  expect([seen.status, seen.end]).toEqual([200, 'complete']);
  expect(Number(seen.headers['content-length'])).toBe(seen.bytes.length);
  expect(() => JSON.parse(seen.bytes.toString())).toThrow(SyntaxError);
}

function expectErrorIn200(seen: Seen): void {
  expect([seen.status, seen.end]).toEqual([200, 'complete']);
  expect(readWhole(seen).error).toMatchObject({ message: expect.stringMatching(/./) });
}

function expectBomb(seen: Seen, start: string): void {
  expect([seen.status, seen.end, seen.headers['content-encoding']]).toEqual([200, 'complete', 'gzip']);
  expect(seen.bytes.length).toBeLessThan(20_000);
  const inflated = gunzipSync(seen.bytes);
  expect(inflated.length).toBeGreaterThanOrEqual(2 * 1024 * 1024);
  expect(inflated.subarray(0, start.length).toString()).toBe(start);
}

function expectLongLine(seen: Seen, start: string): void {
  expect([seen.status, seen.end]).toEqual([200, 'stopped']);
  expect(seen.bytes.subarray(0, start.length).toString()).toBe(start);
  expect(seen.bytes.includes('\n')).toBe(false);
}

function expectOneUsage(seen: Seen): void {
  expect(expectComplete(seen, readWhole(seen)).usages).toHaveLength(1);
}

function expectZeroUsage({ usages }: Read): void {
  expect(usages.length).toBeGreaterThan(0);
  expect(usages.map(tokens)).toEqual(usages.map(() => 0));
}

/** All tokens of a usage object, whichever dialect it is in. */
function tokens(usage: Read['usages'][number] | undefined): number {
  const { total_tokens: openai, totalTokenCount: gemini, totalTokens: bedrock } = usage ?? {};
  const counts = asObject(usage?.tokens) ?? usage;
  const input = counts?.input_tokens ?? counts?.prompt_eval_count;
  const output = counts?.output_tokens ?? counts?.eval_count;
  return Number(openai ?? gemini ?? bedrock ?? Number(input) + Number(output));
}

function expectTooLong(read: Read): void {
  expect(read.text.split(' ').length).toBeGreaterThanOrEqual(tokenLimit + 50);
}

function expectDamaged(seen: Seen, read: Read): void {
  expectComplete(seen, read);
  expect(seen.bytes.includes(Buffer.from([0xff, 0xfe, 0xfd]))).toBe(true);
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(seen.bytes)).toThrow('not valid');
  expect(read.text).toMatch(/^You\ufffd+ said/);
}

function expectDeep({ events }: Read): void {
  let depth = 0;
  let value: unknown = events.find((event) => event.x_nested !== undefined)?.x_nested;
  for (; Array.isArray(value); depth += 1) value = value[0];
  expect(depth).toBe(10_000);
}

function expectBadHeaders({ headers }: Seen): void {
  expect(headers['set-cookie']).toHaveLength(2);
  expect(headers['access-control-allow-origin']).toBe('*');
  expect(headers.server).toBe('demo/1.0');
  expect(headers.connection).toBe('close, x-demo-hop');
  expect(Object.values(headers).some((value) => /[^\x20-\x7e\t]/.test(String(value)))).toBe(true);
}

function compressed(name: string, decompress: (bytes: Buffer) => Buffer): Expectation {
  const check = (seen: Seen, read: typeof readWhole): void => {
    expect(seen.headers['content-encoding']).toBe(name);
    expectComplete(seen, read(seen, decompress(seen.bytes)));
  };
  return { stream: (seen) => check(seen, readStream), whole: (seen) => check(seen, readWhole) };
}
