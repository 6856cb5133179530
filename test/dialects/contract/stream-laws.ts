import { expect, it } from '@jest/globals';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import type { Dialect, WireEvent } from '../../../src/dialects/dialect.ts';
import { decodeWireEvents, digestOf, wireEvents } from '../../support/corpus.ts';
import { decodedAnswer } from './answer-laws.ts';
import { deepFreeze } from './deep-freeze.ts';
import { type DialectSamples, plainAnswers, replyFor } from './samples.ts';

export function streamLaws(makeDialect: () => Dialect, samples: DialectSamples): void {
  const decode = (events: readonly WireEvent[]): ChatEvent[] =>
    deepFreeze(decodeWireEvents(makeDialect().stream.decoder(), deepFreeze(events)));
  const encode = (events: readonly ChatEvent[], answer: ChatAnswer): WireEvent[] => {
    const { stream } = makeDialect();
    const encoder = stream.encoder(replyFor(answer));
    // Frames are text or bytes.
    return wireEvents([Buffer.concat(events.map((event) => Buffer.from(encoder.encode(event))))], stream.framing);
  };

  for (const sample of [...samples.streams, samples.unknownFinish]) {
    it(`reads ${sample.name} as the whole answer`, () => {
      expect(collectEvents(decode(sample.events))).toEqual(decodedAnswer(makeDialect(), sample.whole));
    });

    it(`reads ${sample.name} with one start, one finish per choice, usage at most once, and done last`, () => {
      expectGrammar(decode(sample.events));
    });

    it(`ignores an unknown event anywhere in ${sample.name}`, () => {
      const expected = collectEvents(decode(sample.events));
      for (let at = 0; at < sample.events.length; at += 1) {
        expect(collectEvents(decode(sample.events.toSpliced(at, 0, samples.unknownEvent)))).toEqual(expected);
      }
    });

    it(`never calls ${sample.name} done when it was cut before its finish`, () => {
      for (let length = 0; length < sample.events.length; length += 1) {
        const events = decode(sample.events.slice(0, length));
        const finished = events.some((event) => event.type === 'finish');
        const done = events.some((event) => event.type === 'done');
        expect({ length, done: done && !finished }).toEqual({ length, done: false });
      }
    });

    it(`encodes ${sample.name} into frames that decode to the same answer`, () => {
      const events = decode(sample.events);
      const answer = collectEvents(events);
      const again = decode(encode(events, answer));
      expectGrammar(again);
      // A word nobody knows is not passed on to callers.
      const strange = sample === samples.unknownFinish;
      expect(collectEvents(again)).toEqual(strange ? withoutRawReason(answer) : answer);
    });
  }

  for (const answer of plainAnswers) {
    const [choice] = answer.choices;
    it(`encodes a stream of another dialect that ends with ${choice?.finishReason} and ${choice?.parts.length} parts`, () => {
      const again = decode(encode(deepFreeze(answerToEvents(answer)), answer));
      expectGrammar(again);
      const { usage: _, ...meaning } = digestOf(collectEvents(again));
      expect(digestOf(answer)).toMatchObject(meaning);
      expect(collectEvents(again).usage).toMatchObject({ inputTokens: 12, outputTokens: 7 });
    });
  }

  it('reads a malformed event as an error', () => {
    for (const { events } of samples.streams) {
      const last = decode([...events.slice(0, 1), samples.malformedEvent]).at(-1);
      expect(last).toMatchObject({ type: 'error', fault: { kind: 'invalid_response' } });
    }
  });

  it('reads a failure inside the stream as an error, after which nothing follows', () => {
    for (const { events } of samples.streams) {
      const last = decode([...events.slice(0, 2), samples.errorEvent.event]).at(-1);
      expect(last).toMatchObject({ type: 'error', fault: samples.errorEvent.fault });
    }
  });

  it('does not encode errors: the host writes the last frame of a broken stream', () => {
    const [answer] = plainAnswers;
    if (answer === undefined) throw new Error('no answer');
    const error: ChatEvent = { type: 'error', fault: { kind: 'server_error', message: 'broken' } };
    expect(encode([{ type: 'start', id: 'a', model: 'm' }], answer)).toEqual(
      encode([{ type: 'start', id: 'a', model: 'm' }, error], answer),
    );
  });

  it('reads an empty stream as cut', () => {
    expect(decode([]).some((event) => event.type === 'done')).toBe(false);
  });
}

function withoutRawReason(answer: ChatAnswer): unknown {
  return { ...answer, choices: answer.choices.map((choice) => ({ ...choice, rawFinishReason: expect.any(String) })) };
}

function expectGrammar(events: readonly ChatEvent[]): void {
  const ofType = (type: ChatEvent['type']) => events.filter((event) => event.type === type);
  const finished = events.flatMap((event) => (event.type === 'finish' ? [event.choice] : []));
  expect(events[0]?.type).toBe('start');
  expect(ofType('start')).toHaveLength(1);
  expect(ofType('usage').length).toBeLessThanOrEqual(1);
  expect(ofType('done')).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('done');
  expect(new Set(finished).size).toBe(finished.length);
  expect(toolCallIndices(events)).toEqual(toolCallIndices(events).map((_, place) => place));
}

/** Indices of choice 0's tool calls in the order they began. */
function toolCallIndices(events: readonly ChatEvent[]): readonly number[] {
  return events.flatMap((event) => (event.type === 'tool-call-start' && event.choice === 0 ? [event.index] : []));
}
