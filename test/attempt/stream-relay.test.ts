import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { translatingWriter } from '../../src/attempt/frame-writer.ts';
import { OutputMeter } from '../../src/attempt/output-meter.ts';
import { type RelayListener, StreamRelay } from '../../src/attempt/stream-relay.ts';
import type { StreamSink } from '../../src/core/reply.ts';
import type { ChatEvent } from '../../src/dialects/canonical.ts';
import type { StreamDecoder } from '../../src/dialects/dialect.ts';
import { serverSentEvents } from '../../src/wire/sse-framing.ts';

const fault = { kind: 'server_error', message: '' } as const;

/** Each frame's data is the JSON of the events it means; `boom` is a decoder's own bug. */
const decoder: StreamDecoder = {
  push({ data }, out) {
    if (data === 'boom') throw new RangeError('Maximum call stack size exceeded');
    out.push(...(JSON.parse(data) as ChatEvent[]));
    return false;
  },
  end() {},
};

const text = (value: string): ChatEvent => ({ type: 'text-delta', choice: 0, text: value });
const frame = (...events: readonly ChatEvent[]): Buffer => Buffer.from(`data: ${JSON.stringify(events)}\n\n`);
const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } };
const finish: ChatEvent = { type: 'finish', choice: 0, reason: 'stop' };
const done: ChatEvent = { type: 'done' };
const start: ChatEvent = { type: 'start', id: 'x', model: 'm' };

interface Relayed {
  readonly relay: StreamRelay;
  /** What the listener and the sink heard, in order. */
  readonly heard: string[];
  readonly written: () => string;
  readonly sink: StreamSink;
  /** What `write` answers. */
  ready: boolean;
}

function relayed(own: StreamDecoder = decoder): Relayed {
  const heard: string[] = [];
  let written = '';
  const listener: RelayListener = {
    onCommit: () => heard.push('commit'),
    onComplete: () => heard.push('complete'),
    onFault: (seen) => {
      heard.push(`fault ${seen.code ?? seen.kind}`);
      if (relay.committed) relay.fail('<error>');
      else relay.abandon();
    },
    onInvalidUtf8: () => heard.push('invalid utf8'),
    onBackpressure: () => heard.push('pause'),
    onResume: () => heard.push('resume'),
  };
  const encoder = {
    contentType: 'text/event-stream',
    fail: () => '<error>',
    encode: (event: ChatEvent): string => ('text' in event ? event.text : event.type === 'done' ? '[done]' : ''),
  };
  const relay = new StreamRelay({
    framing: serverSentEvents,
    decoder: own,
    writer: translatingWriter(encoder),
    meter: new OutputMeter('some-model'),
    listener,
  });
  const result: Relayed = {
    relay,
    heard,
    ready: true,
    written: () => written,
    sink: {
      write(piece) {
        written += String(piece);
        return result.ready;
      },
      end: () => heard.push('end'),
      fail(lastFrame) {
        written += lastFrame;
        heard.push('broken');
      },
    },
  };
  return result;
}

describe('StreamRelay', () => {
  it('holds everything back until the first real output', () => {
    const { relay, heard } = relayed();
    relay.push(Buffer.from(': ping\n\n'));
    relay.push(frame(start));
    relay.push(frame(text('')));
    relay.push(frame(usage));
    expect([relay.committed, heard]).toEqual([false, []]);
    relay.push(frame(text('a')));
    expect([relay.committed, heard]).toEqual([true, ['commit']]);
  });

  it.each<[string, ChatEvent]>([
    ['text', text('a')],
    ['reasoning', { type: 'reasoning-delta', choice: 0, text: 'a' }],
    ['a refusal', { type: 'refusal-delta', choice: 0, text: 'a' }],
    ['a tool call', { type: 'tool-call-start', choice: 0, index: 0, id: 'i', name: 'n' }],
    ['redacted reasoning', { type: 'reasoning-redacted', choice: 0, redacted: { dialect: 'gemini', value: 'x' } }],
    [
      'an extension part',
      { type: 'extension-part', choice: 0, part: { type: 'extension', dialect: 'gemini', data: {} } },
    ],
  ])('takes %s for output', (_what, event) => {
    const { relay } = relayed();
    relay.push(frame(event));
    expect(relay.committed).toBe(true);
  });

  it('delivers in order what came before anybody read, and what comes after', () => {
    const { relay, heard, written, sink } = relayed();
    relay.push(frame(text('a')));
    relay.push(frame(text('b')));
    relay.start(sink);
    expect(written()).toBe('ab');
    relay.push(frame(text('c'), usage, finish, done));
    expect(written()).toBe('abc[done]');
    expect(heard).toEqual(['commit', 'resume', 'complete', 'end']);
    expect(relay).toMatchObject({ usage: { inputTokens: 1 }, finishReason: 'stop' });
  });

  it('CG-24: tells that the answer is whole before its last bytes leave', () => {
    const { relay, heard, sink } = relayed();
    const completeAt: boolean[] = [];
    relay.push(frame(text('a')));
    relay.start({
      ...sink,
      write(piece) {
        completeAt.push(heard.includes('complete'));
        return sink.write(piece);
      },
    });
    relay.push(frame(text('b'), finish, done));
    expect(completeAt).toEqual([false, true]);
  });

  it.each([
    ['complete', [frame(text('a'), finish, done)], 'a[done]', ['commit', 'complete', 'end']],
    [
      'broken',
      [frame(text('a')), frame({ type: 'error', fault })],
      'a<error>',
      ['commit', 'fault server_error', 'broken'],
    ],
  ])('a stream that is %s before anybody reads ends so when somebody does', (_how, chunks, expected, order) => {
    const { relay, heard, written, sink } = relayed();
    for (const chunk of chunks) relay.push(chunk);
    relay.start(sink);
    expect(written()).toBe(expected);
    expect(heard).toEqual(order);
  });

  it('shows an answer without any output once it is known to be whole', () => {
    const { relay, heard, written, sink } = relayed();
    relay.push(frame(start, finish, done));
    expect(heard).toEqual(['commit', 'complete']);
    relay.start(sink);
    expect([written(), heard.at(-1)]).toEqual(['[done]', 'end']);
  });

  it('never shows what the frame of a fault held, nor anything after it', () => {
    const { relay, written, sink } = relayed();
    relay.push(frame(text('a')));
    relay.start(sink);
    relay.push(frame(text('lost'), { type: 'error', fault }));
    relay.push(frame(text('late'), done));
    expect(relay.end()).toBe(true);
    expect(written()).toBe('a<error>');
  });

  it('a fault before output stays invisible', () => {
    const { relay, heard } = relayed();
    relay.push(frame(start));
    relay.push(frame({ type: 'error', fault }));
    expect([relay.committed, heard]).toEqual([false, ['fault server_error']]);
  });

  it('is not complete without the end marker', () => {
    const { relay, sink, heard } = relayed();
    relay.push(frame(text('a'), finish));
    relay.start(sink);
    expect(relay.end()).toBe(false);
    expect(heard).not.toContain('complete');
  });

  it('takes the end marker that the decoder itself supplies at the end', () => {
    const { relay, written, sink } = relayed({ ...decoder, end: (out) => void out.push(text('tail'), done) });
    relay.push(frame(text('a')));
    relay.start(sink);
    expect(relay.end()).toBe(true);
    expect(written()).toBe('atail[done]');
  });

  it('ignores what follows the end marker', () => {
    const { relay, written, sink, heard } = relayed();
    relay.push(Buffer.concat([frame(text('a'), done), frame(text('b'), done)]));
    relay.start(sink);
    relay.push(frame(text('c')));
    expect(written()).toBe('a[done]');
    expect(heard.filter((one) => one === 'complete')).toHaveLength(1);
  });

  it('pauses the provider while the caller cannot take more', () => {
    const one = relayed();
    one.relay.push(frame(text('a')));
    one.relay.start(one.sink);
    one.ready = false;
    one.relay.push(frame(text('b')));
    expect(one.heard).toEqual(['commit', 'resume', 'pause']);
    one.relay.resume();
    expect(one.heard.at(-1)).toBe('resume');
    one.relay.push(frame(done));
    one.relay.resume();
    expect(one.heard.filter((heard) => heard === 'resume')).toHaveLength(2);
  });

  it('pauses the provider when nobody has begun to read a committed stream', () => {
    const { relay, heard, sink } = relayed();
    relay.push(frame(text('a')));
    relay.push(frame(text('x'.repeat(70_000))));
    expect(heard).toEqual(['commit', 'pause']);
    relay.start(sink);
    expect(heard).toEqual(['commit', 'pause', 'resume']);
  });

  it('gives up a stream that has no output for a megabyte', () => {
    const { relay, heard } = relayed();
    // The encoder writes the text of any event that has one; only some of them are output.
    const padding = { type: 'part-end', choice: 0, text: 'x'.repeat(100_000) } as ChatEvent;
    for (let index = 0; index < 10; index += 1) relay.push(frame(padding));
    expect(heard).toEqual([]);
    relay.push(frame(padding));
    expect(heard).toEqual(['fault no_output']);
  });

  it('PT-14: a frame beyond a megabyte is a fault', () => {
    const { relay, heard, sink, written } = relayed();
    relay.push(frame(text('a')));
    relay.start(sink);
    relay.push(Buffer.from('data: '));
    const block = Buffer.alloc(64 * 1024, 'x');
    for (let index = 0; index < 17; index += 1) relay.push(block);
    expect(heard).toContain('fault frame_too_large');
    expect(written()).toBe('a<error>');
  });

  it('PT-24: what the decoder or encoder cannot walk is a fault, no exception', () => {
    const { relay, heard, written, sink } = relayed();
    relay.push(frame(text('a')));
    relay.start(sink);
    relay.push(Buffer.from('data: boom\n\n'));
    expect(heard).toContain('fault unreadable_frame');
    expect(written()).toBe('a<error>');

    const atEnd = relayed({
      ...decoder,
      end: () => {
        throw new RangeError('deep');
      },
    });
    atEnd.relay.push(frame(text('a')));
    atEnd.relay.start(atEnd.sink);
    expect(atEnd.relay.end()).toBe(true);
    expect(atEnd.written()).toBe('a<error>');
  });

  it('says nothing more once it is abandoned', () => {
    const { relay, heard, written, sink } = relayed();
    relay.push(frame(text('a')));
    relay.start(sink);
    relay.abandon();
    relay.push(frame(text('b'), done));
    expect(relay.end()).toBe(true);
    expect([written(), heard]).toEqual(['a', ['commit', 'resume']]);
  });

  it('reports bytes that are no UTF-8 and goes on', () => {
    const { relay, heard } = relayed();
    relay.push(
      Buffer.concat([
        Buffer.from('data: [{"type":"text-delta","choice":0,"text":"'),
        Buffer.from([0xff]),
        Buffer.from('"}]\n\n'),
      ]),
    );
    expect(heard).toEqual(['invalid utf8', 'commit']);
  });

  it('ends in exactly one way, however the stream is cut into chunks and whenever reading begins', () => {
    const ending = fc.constantFrom<'done' | 'error' | 'cut'>('done', 'error', 'cut');
    const texts = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(texts, ending, fc.array(fc.nat(200)), fc.nat(12), (words, how, cuts, startsAfter) => {
        const last = how === 'done' ? [frame(finish, done)] : how === 'error' ? [frame({ type: 'error', fault })] : [];
        const stream = Buffer.concat([...words.map((word) => frame(text(word))), ...last]);
        const borders = [...new Set([0, ...cuts.filter((cut) => cut < stream.length), stream.length])].sort(
          (a, b) => a - b,
        );
        const one = relayed();
        const { relay, sink } = one;
        let started = false;
        for (let index = 1; index < borders.length; index += 1) {
          relay.push(stream.subarray(borders[index - 1], borders[index]));
          if (!started && relay.committed && index > startsAfter) {
            started = true;
            relay.start(sink);
          }
        }
        const complete = relay.end();
        if (!complete) relay.fail('<error>');
        if (!started) relay.start(sink);
        expect(one.written()).toBe(words.join('') + (how === 'done' ? '[done]' : '<error>'));
        expect(one.heard.filter((heard) => heard === 'end' || heard === 'broken')).toEqual([
          how === 'done' ? 'end' : 'broken',
        ]);
        expect(one.heard.filter((heard) => heard === 'commit')).toHaveLength(1);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
