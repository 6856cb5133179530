import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { fanOut, type RequestPart } from '../../src/attempt/fan-out.ts';
import type { Exchange, ExchangeListener } from '../../src/upstream/http-client.ts';

/** A request the test answers. */
interface Opened {
  readonly part: RequestPart;
  readonly listener: ExchangeListener;
  sent: boolean;
  aborted: boolean;
  paused: boolean;
}

/** What a listener heard, one line for each thing. */
function createWitness() {
  const heard: string[] = [];
  const listener: ExchangeListener = {
    onHead: (status, headers) => void heard.push(`head ${status} ${String(headers['retry-after'] ?? '')}`.trim()),
    onData: (chunk) => void heard.push(`data ${chunk.toString()}`),
    onEnd: () => void heard.push('end'),
    onFault: ({ kind, code, sent }) => void heard.push(`fault ${kind} ${code} ${sent ? 'sent' : 'unsent'}`),
  };
  return { heard, listener };
}

function start(count: number, maxBytes = 1_000_000) {
  const opened: Opened[] = [];
  const { heard, listener } = createWitness();
  const parts = Array.from({ length: count }, (_, index) => ({ path: `/${index}`, body: `body ${index}` }));
  const open = (part: RequestPart, partListener: ExchangeListener): Exchange => {
    const one: Opened = { part, listener: partListener, sent: true, aborted: false, paused: false };
    opened.push(one);
    return {
      pause: () => {
        one.paused = true;
      },
      resume: () => {
        one.paused = false;
      },
      abort: () => {
        one.aborted = true;
      },
      get sent() {
        return one.sent;
      },
    };
  };
  const exchange = fanOut({ parts, open, listener, maxBytes });
  return { exchange, opened, heard, at: (index: number) => opened[index] ?? fail(index) };
}

function fail(index: number): never {
  throw new Error(`Request ${index} was not sent.`);
}

function answer({ listener }: Opened, json: unknown, headers = {}): void {
  listener.onHead(200, headers);
  const text = JSON.stringify(json);
  listener.onData(Buffer.from(text.slice(0, 1)));
  listener.onData(Buffer.from(text.slice(1)));
  listener.onEnd();
}

describe('several requests as one exchange', () => {
  it('joins the answers in the order of the parts, whatever the order they come in', () => {
    const { opened, heard, at } = start(3);
    expect(opened.map(({ part }) => part.path)).toEqual(['/0', '/1', '/2']);
    answer(at(2), { c: 3 });
    answer(at(0), { a: 1 });
    expect(heard).toEqual([]);
    answer(at(1), { b: 2 });
    expect(heard).toEqual(['head 200', 'data [{"a":1},{"b":2},{"c":3}]', 'end']);
  });

  it('has no more than eight requests under way, and sends the next one as soon as one is answered', () => {
    const { opened, at, heard } = start(20);
    expect(opened).toHaveLength(8);
    answer(at(5), 5);
    expect(opened).toHaveLength(9);
    for (let index = 0; index < 20; index += 1) if (index !== 5) answer(at(index), index);
    expect(opened).toHaveLength(20);
    expect(heard[1]).toBe(`data ${JSON.stringify(Array.from({ length: 20 }, (_, index) => index))}`);
  });

  it("ends the others at the first refusal, whose answer is the whole's, with its waiting time", () => {
    const { opened, heard, at } = start(20);
    answer(at(0), 0);
    at(1).listener.onHead(429, { 'retry-after': '7' });
    at(1).listener.onData(Buffer.from('{"error":1}'));
    at(1).listener.onEnd();
    expect(heard).toEqual(['head 429 7', 'data {"error":1}', 'end']);
    expect(opened).toHaveLength(9);
    expect(opened.map(({ aborted }) => aborted)).toEqual([false, false, true, true, true, true, true, true, true]);
  });

  it('takes a redirect for a refusal', () => {
    const { heard, at } = start(2);
    at(0).listener.onHead(307, {});
    expect(heard).toEqual(['head 307']);
    expect(at(1).aborted).toBe(true);
  });

  it('passes on that a refused answer breaks off', () => {
    const { heard, at } = start(2);
    at(0).listener.onHead(500, {});
    at(0).listener.onFault({ kind: 'connection', code: 'ECONNRESET', sent: true, answering: true });
    expect(heard).toEqual(['head 500', 'fault connection ECONNRESET sent']);
  });

  it('ends the others at the first fault', () => {
    const { opened, heard, at } = start(3);
    at(2).listener.onFault({ kind: 'connection', code: 'ECONNREFUSED', sent: false, answering: false });
    expect(heard).toEqual(['fault connection ECONNREFUSED sent']);
    expect(opened.map(({ aborted }) => aborted).slice(0, 2)).toEqual([true, true]);
  });

  it('says that nothing was sent when no part was', () => {
    const { exchange, heard, opened, at } = start(2);
    for (const one of opened) one.sent = false;
    expect(exchange.sent).toBe(false);
    at(0).listener.onFault({ kind: 'connection', code: 'CONNECT_TIMEOUT', sent: false, answering: false });
    expect(heard).toEqual(['fault connection CONNECT_TIMEOUT unsent']);
  });

  it('ends all of them when the caller goes, and sends no more', () => {
    const { exchange, opened, heard, at } = start(20);
    answer(at(0), 0);
    exchange.abort();
    exchange.abort();
    expect(opened).toHaveLength(9);
    expect(opened.slice(1).every(({ aborted }) => aborted)).toBe(true);
    expect(heard).toEqual([]);
    expect(exchange.sent).toBe(true);
  });

  it('waits for a part that stalls, and ends it when it is told to', () => {
    const { exchange, heard, at } = start(2);
    answer(at(0), 0);
    at(1).listener.onHead(200, {});
    at(1).listener.onData(Buffer.from('{"half":'));
    expect(heard).toEqual([]);
    exchange.abort();
    expect(at(1).aborted).toBe(true);
  });

  it('counts the bytes of all answers together', () => {
    const { opened, heard, at } = start(2, 30);
    answer(at(0), 'x'.repeat(20));
    at(1).listener.onHead(200, {});
    at(1).listener.onData(Buffer.from('x'.repeat(20)));
    expect(heard).toEqual(['fault invalid_response answer_too_large sent']);
    expect(opened[1]?.aborted).toBe(true);
    at(1).listener.onData(Buffer.from('more'));
    at(1).listener.onEnd();
    expect(heard).toHaveLength(1);
  });

  it('inflates what nobody asked to be compressed, within the same limit', () => {
    const small = start(2, 1000);
    small.at(0).listener.onHead(200, { 'content-encoding': 'gzip' });
    small.at(0).listener.onData(gzipSync('[1]'));
    small.at(0).listener.onEnd();
    answer(small.at(1), 2);
    expect(small.heard[1]).toBe('data [[1],2]');

    const bomb = start(2, 1000);
    bomb.at(0).listener.onHead(200, { 'content-encoding': 'gzip' });
    bomb.at(0).listener.onData(gzipSync('x'.repeat(100_000)));
    bomb.at(0).listener.onEnd();
    expect(bomb.heard).toEqual(['fault invalid_response bad_encoding sent']);
    expect(bomb.at(1).aborted).toBe(true);
  });

  it('pauses and resumes what is under way', () => {
    const { exchange, opened } = start(2);
    exchange.pause();
    expect(opened.map(({ paused }) => paused)).toEqual([true, true]);
    exchange.resume();
    expect(opened.map(({ paused }) => paused)).toEqual([false, false]);
  });

  it('stops at a part that fails while it is being sent', () => {
    const { heard, listener } = createWitness();
    let opened = 0;
    fanOut({
      parts: [1, 2, 3].map((number) => ({ path: `/${number}`, body: '' })),
      open(_part, partListener) {
        opened += 1;
        partListener.onFault({ kind: 'connection', code: 'CLOSED', sent: false, answering: false });
        return { pause() {}, resume() {}, abort() {}, sent: false };
      },
      listener,
      maxBytes: 1,
    });
    expect(opened).toBe(1);
    expect(heard).toEqual(['fault connection CLOSED unsent']);
  });
});
