import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Attempt } from '../../src/attempt/attempt.ts';
import type { AttemptEnd, AttemptResult } from '../../src/attempt/attempt-plan.ts';
import { readChatAnswer } from '../../src/attempt/chat-answer.ts';
import type { Call } from '../../src/core/call.ts';
import type { Reply } from '../../src/core/reply.ts';
import type { AttemptRecord } from '../../src/core/settlement.ts';
import { dialects } from '../../src/dialects/index.ts';
import { faultError } from '../../src/routing/fault-error.ts';
import type { Exchange } from '../../src/upstream/http-client.ts';
import { testCall } from '../core/support.ts';
import type { ManualRuntime } from '../support/manual-runtime.ts';
import { until } from '../support/test-app.ts';

interface Tried {
  readonly attempt: Attempt;
  readonly call: Call;
  readonly runtime: ManualRuntime;
  readonly record: AttemptRecord;
  readonly ends: AttemptEnd[];
  /** What the attempt asked of its exchange. */
  readonly asked: string[];
  readonly result: () => AttemptResult | undefined;
}

interface TriedOptions {
  readonly stream?: boolean;
  readonly passThrough?: boolean;
  readonly sent?: boolean;
  readonly cancelled?: boolean;
}

function tried({ stream = true, passThrough = false, sent = true, cancelled = false }: TriedOptions = {}): Tried {
  const { call, runtime } = testCall();
  call.stream = stream;
  if (cancelled) call.cancellation.cancel('client_gone');
  const record: AttemptRecord = { id: 'a-1', number: 1, provider: 'p', model: 'm', startedAt: runtime.now() };
  const ends: AttemptEnd[] = [];
  const asked: string[] = [];
  const attempt = new Attempt({
    call,
    record,
    inbound: dialects['openai-chat'],
    outbound: dialects['openai-chat'],
    passThrough,
    read: readChatAnswer,
    promptTokens: () => 9,
    reply: { model: 'm', fallbackId: 'id', created: 1, includeUsage: false },
    limits: { firstToken: 1000, idle: 500, total: 5000, deadlineAt: 3000 },
    toError: faultError,
    onEnd: (end) => void ends.push(end),
  });
  const exchange: Exchange = {
    sent,
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
    abort: () => void asked.push('abort'),
  };
  attempt.attach(exchange);
  let settled: AttemptResult | undefined;
  void attempt.result.then((value) => {
    settled = value;
  });
  return { attempt, call, runtime, record, ends, asked, result: () => settled };
}

const sse = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function chunk(delta: object, rest: object = {}): string {
  return `data: ${JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
  })}\n\n`;
}

const hello = chunk({ role: 'assistant', content: 'hello' });
const stop = chunk({}, { finish_reason: 'stop' });
const doneFrame = 'data: [DONE]\n\n';

const answer = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});

function read(reply: Reply): { text: () => string; ending: () => string | undefined } {
  let text = '';
  let ending: string | undefined;
  if (reply.kind === 'whole') return { text: () => String(reply.body), ending: () => 'whole' };
  reply.source.start({
    write: (piece) => {
      text += Buffer.from(piece).toString();
      return true;
    },
    end: () => {
      ending = 'end';
    },
    fail: (frame) => {
      text += frame;
      ending = 'broken';
    },
  });
  return { text: () => text, ending: () => ending };
}

describe('Attempt', () => {
  it('answers with a stream once there is output, and settles at its end', async () => {
    const { attempt, runtime, record, ends, result } = tried();
    attempt.onHead(200, sse);
    runtime.advance(100);
    await turn();
    expect(result()).toBeUndefined();
    attempt.onData(Buffer.from(hello));
    await turn();
    const settled = result();
    if (settled?.kind !== 'answered') throw new Error('not answered');
    const reading = read(settled.reply);
    expect(ends).toEqual([]);
    runtime.advance(50);
    attempt.onData(Buffer.from(stop + doneFrame));
    attempt.onEnd();
    expect(reading.ending()).toBe('end');
    expect(ends).toEqual([{ status: 'ok', progress: 'committed', finishReason: 'stop' }]);
    expect(record).toMatchObject({ status: 'ok', httpStatus: 200, firstOutputAt: 100, endedAt: 150 });
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('answers whole, with usage', async () => {
    const { attempt, record, ends, result } = tried({ stream: false });
    attempt.onHead(200, json);
    attempt.onData(Buffer.from(answer.slice(0, 20)));
    attempt.onData(Buffer.from(answer.slice(20)));
    attempt.onEnd();
    await turn();
    expect(result()).toMatchObject({ kind: 'answered', reply: { kind: 'whole', status: 200 } });
    expect(ends).toHaveLength(1);
    expect(record).toMatchObject({ status: 'ok', usage: { inputTokens: 3, outputTokens: 2 }, usageSource: 'provider' });
  });

  it('gives a caller who asked for a stream a stream, when the provider answers whole', async () => {
    const { attempt, result } = tried({ stream: true });
    attempt.onHead(200, json);
    attempt.onData(Buffer.from(answer));
    attempt.onEnd();
    await turn();
    const settled = result();
    if (settled?.kind !== 'answered') throw new Error('not answered');
    const reading = read(settled.reply);
    expect([settled.reply.kind, reading.ending()]).toEqual(['stream', 'end']);
    expect(reading.text()).toContain('"content":"hi"');
    expect(reading.text().endsWith(doneFrame)).toBe(true);
  });

  it('HC-13: a compressed stream stops for a caller that reads nothing, however much it inflates to', async () => {
    const { attempt, asked, result, ends } = tried();
    const text = chunk({ content: 'x'.repeat(1000) }).repeat(4_000);
    attempt.onHead(200, { ...sse, 'content-encoding': 'gzip' });
    attempt.onData(gzipSync(Buffer.from(hello + text + stop + doneFrame)));
    attempt.onEnd();
    await until(() => result() !== undefined);
    const settled = result();
    if (settled?.kind !== 'answered' || settled.reply.kind !== 'stream') throw new Error('not answered');
    const { source } = settled.reply;
    let written = 0;
    let ready = false;
    let over = false;
    source.start({
      write(piece) {
        written += piece.length;
        return ready;
      },
      end: () => {
        over = true;
      },
      fail: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(1024 * 1024);
    expect([asked.at(-1), over]).toEqual(['pause', false]);
    ready = true;
    source.resume();
    await until(() => over);
    expect(written).toBeGreaterThan(text.length);
    expect(ends).toMatchObject([{ status: 'ok' }]);
  });

  it.each([
    ['unsent', false, 'not_sent'],
    ['sent', true, 'client_abort'],
  ] as const)(
    'B10: a caller who leaves while the request is %s ends the attempt as such',
    async (progress, sent, status) => {
      const { call, ends, asked, result, record, runtime } = tried({ sent });
      call.cancellation.cancel('client_gone');
      await turn();
      expect(asked).toEqual(['abort']);
      expect(ends).toEqual([{ status, progress }]);
      expect(result()).toMatchObject({ kind: 'failed', end: { status } });
      expect(record).toMatchObject({ status, usageSource: 'none' });
      expect(runtime.pendingTimers()).toBe(0);
    },
  );

  it('B10: an attempt that begins after its caller has left ends at once and sends nothing', async () => {
    const { ends, asked, result, record, runtime } = tried({ cancelled: true, sent: false });
    await turn();
    expect(ends).toEqual([{ status: 'not_sent', progress: 'unsent' }]);
    expect(asked).toEqual(['abort']);
    expect(result()).toMatchObject({ kind: 'failed' });
    expect(record.endedAt).toBeDefined();
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('LC-02: a drain ends a running stream with its own error', async () => {
    const { attempt, call, ends, result } = tried();
    attempt.onHead(200, sse);
    attempt.onData(Buffer.from(hello));
    await turn();
    const settled = result();
    if (settled?.kind !== 'answered') throw new Error('not answered');
    const reading = read(settled.reply);
    call.cancellation.cancel('shutting_down');
    expect(reading.ending()).toBe('broken');
    expect(reading.text()).toContain('"code":"shutting_down"');
    expect(ends).toMatchObject([{ shown: { code: 'shutting_down' } }]);
  });

  it.each([
    ['first-token', 0, {}],
    ['idle', 1, {}],
  ])('ends with a timeout (%s) and closes the connection', async (code, chunks) => {
    const { attempt, runtime, ends, asked } = tried();
    attempt.onHead(200, sse);
    if (chunks > 0) attempt.onData(Buffer.from(hello));
    runtime.advance(1000);
    expect(asked).toContain('abort');
    expect(ends).toMatchObject([{ status: 'timeout', fault: { kind: 'timeout', code } }]);
  });

  it('a connection that lingers after the end of the answer is closed after a second', () => {
    const { attempt, runtime, asked, ends } = tried();
    attempt.onHead(200, sse);
    attempt.onData(Buffer.from(hello + stop + doneFrame));
    expect(ends).toMatchObject([{ status: 'ok' }]);
    expect(asked).toEqual(['resume']);
    runtime.advance(1000);
    expect(asked).toEqual(['resume', 'abort']);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('a connection that ends in time after the answer is left alone', () => {
    const { attempt, runtime, asked } = tried();
    attempt.onHead(200, sse);
    attempt.onData(Buffer.from(hello + stop + doneFrame));
    attempt.onEnd();
    runtime.advance(5000);
    expect(asked).toEqual(['resume']);
  });

  it.each([
    ['a redirect', 307, json, '', 'redirect'],
    ['an encoding nobody can read', 200, { ...json, 'content-encoding': 'snappy' }, '', 'unknown_encoding'],
    ['an encoding that is not what it says', 200, { ...json, 'content-encoding': 'gzip' }, answer, 'bad_encoding'],
    ['an empty body', 200, json, '', 'empty_answer'],
    ['HTML', 200, { 'content-type': 'text/html' }, '<html>', 'not_json'],
    ['JSON that is no answer', 200, json, '[]', undefined],
  ])('fails on %s', async (_what, status, headers, body, code) => {
    const { attempt, ends, runtime } = tried({ stream: false });
    attempt.onHead(status, headers);
    if (body !== '') attempt.onData(Buffer.from(body));
    attempt.onEnd();
    // Inflating takes place in another thread.
    await until(() => ends.length > 0);
    expect(ends).toHaveLength(1);
    expect(ends[0]?.fault).toMatchObject({ kind: 'invalid_response', ...(code !== undefined && { code }) });
    expect(runtime.pendingTimers()).toBe(0);
  });

  it.each([
    [{ 'content-type': 'Text/Event-Stream; charset=UTF-8' }],
    [{ 'content-type': ['text/event-stream'], 'content-encoding': 'Identity' }],
    [{ ...sse, 'content-encoding': '' }],
  ])('knows a stream by %p', async (headers) => {
    const { attempt, result } = tried();
    attempt.onHead(200, headers);
    attempt.onData(Buffer.from(hello));
    await turn();
    expect(result()).toMatchObject({ kind: 'answered', reply: { kind: 'stream' } });
  });

  it('reads an error answer up to a bound, and no further', () => {
    const { attempt, ends, asked } = tried();
    attempt.onHead(500, json);
    const block = Buffer.alloc(60_000, 'x');
    attempt.onData(block);
    attempt.onData(block);
    expect(ends).toEqual([]);
    attempt.onData(block);
    expect(ends).toMatchObject([{ status: 'upstream_error', fault: { kind: 'server_error', status: 500 } }]);
    expect(asked).toContain('abort');
  });

  it.each([
    ['before anything was sent', { sent: false, answering: false }, 'not_sent', 'unsent'],
    ['before an answer', { sent: true, answering: false }, 'unknown', 'sent'],
  ] as const)('FO-13: a connection lost %s is recorded as such', (_when, phase, status, progress) => {
    const { attempt, ends } = tried({ sent: phase.sent });
    attempt.onFault({ kind: 'connection', code: 'ECONNRESET', ...phase });
    expect(ends).toMatchObject([{ status, progress, fault: { kind: 'connection', code: 'ECONNRESET' } }]);
  });

  it('settles exactly once, whatever comes in whatever order', async () => {
    type Step = (one: Tried) => void;
    const steps: Readonly<Record<string, Step>> = {
      'head 200': ({ attempt }) => attempt.onHead(200, sse),
      'head 500': ({ attempt }) => attempt.onHead(500, json),
      output: ({ attempt }) => attempt.onData(Buffer.from(hello)),
      end_of_answer: ({ attempt }) => attempt.onData(Buffer.from(stop + doneFrame)),
      garbage: ({ attempt }) => attempt.onData(Buffer.from('data: {{{\n\n')),
      end: ({ attempt }) => attempt.onEnd(),
      fault: ({ attempt }) => attempt.onFault({ kind: 'connection', code: 'ECONNRESET', sent: true, answering: true }),
      wait: ({ runtime }) => runtime.advance(400),
      gone: ({ call }) => call.cancellation.cancel('client_gone'),
      drain: ({ call }) => call.cancellation.cancel('shutting_down'),
    };
    const names = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(names, fc.boolean(), fc.boolean(), async (order, stream, passThrough) => {
        const one = tried({ stream, passThrough });
        // undici sends no body without a head, and no second head.
        const sane = order.filter((name, index) => {
          const headsBefore = order.slice(0, index).filter((earlier) => earlier.startsWith('head')).length;
          return name.startsWith('head')
            ? headsBefore === 0
            : headsBefore > 0 || !['output', 'end_of_answer', 'garbage', 'end'].includes(name);
        });
        for (const name of sane) steps[name]?.(one);
        one.runtime.advance(20_000);
        await turn();
        expect(one.ends).toHaveLength(1);
        expect(one.record.status).toBe(one.ends[0]?.status);
        expect(one.record.endedAt).toBeDefined();
        expect(one.result()).toBeDefined();
        expect(one.runtime.pendingTimers()).toBe(0);
      }),
      { seed: 3, numRuns: 400 },
    );
  });
});
