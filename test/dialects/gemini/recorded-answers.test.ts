import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json.ts';
import type { ChatAnswer } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import {
  bodyText,
  type CorpusRecord,
  cutsOf,
  type Digest,
  type DigestUsage,
  decodeStream,
  decodeWireEvents,
  describeCorpus,
  digestOf,
  digestOfEvents,
  everyByteCuts,
  recordedDigest,
  wireEvents,
} from '../../support/corpus.ts';
import { isRun } from '../../support/corpus-coverage.ts';
import { contentStreamProblems } from '../../support/gemini-stream-grammar.ts';
import { replyFor } from '../contract/samples.ts';

const dialect = gemini();

/** Holds nothing but a malformed call: read as a fault. */
const malformed = 'gemini-generate/3f6fd5f299-json-misc.json';

/** What answers mean that were recorded without a digest, most of them for their finish reason: the number 1. */
const undigested: Readonly<Record<string, Partial<Digest>>> = {
  'gemini-generate/0ff4b04738': {
    text: 'The current temperature in New Delhi is 35\u00b0C, and in San Francisco, it is 25\u00b0C.',
    finish: 'stop',
    usage: usage(128, 26, 692),
  },
  'gemini-generate/1521db11e3': { text: '1, 2, 3, 4, 5\n', finish: 'stop', usage: usage(7, 14) },
  'gemini-generate/600c230a8f': {
    text: '',
    toolCalls: [
      { name: 'get_current_weather', args: { location: 'New Delhi' } },
      { name: 'get_current_weather', args: { location: 'San Francisco' } },
    ],
    finish: 'tool_calls',
    usage: usage(74, 16, 200),
  },
  // Arguments in pieces with a path each.
  'gemini-generate/9f46962694': {
    text: '',
    toolCalls: [{ name: 'customDivide', args: { denominator: 2, numerator: 100 } }],
    finish: 'tool_calls',
    usage: usage(21, 13, 44),
  },
  'gemini-generate/bc1d0e2847': {
    text: '',
    toolCalls: [{ name: 'getWeather', args: { location: 'New York' } }],
    finish: 'tool_calls',
    usage: usage(27, 5),
  },
  'gemini-generate/dd812d38d0': { text: '["red", "green", "blue"]', finish: 'stop', usage: usage(7, 9) },
  'gemini-generate/e10fc65d19': {
    text: '',
    toolCalls: [
      { name: 'read_theme', args: {} },
      { name: 'read_screen', args: { id: 'A' } },
      { name: 'read_screen', args: { id: 'B' } },
      { name: 'read_screen', args: { id: 'C' } },
    ],
    finish: 'tool_calls',
    usage: usage(249, 58, 183),
  },
};

/** Gemini counts thoughts apart; here output is all that was generated. */
function usage(input: number, candidates: number, thoughts?: number): DigestUsage {
  const output = candidates + (thoughts ?? 0);
  return { input, output, cacheRead: null, cacheWrite: null, reasoning: thoughts ?? null };
}

describeCorpus('recorded Gemini answers', ['gemini-generate'], (records) => {
  const answers = records.filter(
    (record) => record.status === 200 && isRun(record, 'answer') && record.file !== malformed,
  );
  const streams = answers.filter((record) => record.stream);
  const wholes = answers.filter((record) => !record.stream);

  it('are there in numbers', () => {
    expect(streams.length).toBeGreaterThan(50);
    expect(wholes.length).toBeGreaterThan(90);
  });

  describe('whole', () => {
    it.each(wholes.map(named))('%s means what its digest says', (_, record) => {
      const digest = digestOf(decodedWhole(record));
      expect(digest).toEqual(expectedDigest(record, digest));
    });

    it.each(wholes.map(named))('%s comes out the same for a Gemini caller', (_, record) => {
      const answer = decodedWhole(record);
      const encoded = dialect.response.encode(answer, replyFor(answer));
      expect(comparable(decodedAnswer(encoded))).toEqual(comparable(answer));
    });
  });

  describe('streamed', () => {
    it.each(streams.map(named))('%s means what its digest says, however it is cut', (_, record) => {
      for (const { name, chunks } of cutsOf(record)) {
        const digest = digestOfEvents(decodeStream(dialect.stream.decoder(), chunks));
        expect({ name, ...digest }).toEqual({ name, ...expectedDigest(record, digest) });
      }
    });

    it.each(streams.filter(isComplete).map(named))('%s comes out the same for a Gemini caller', (_, record) => {
      const events = decodeStream(dialect.stream.decoder(), [record.response.body]);
      const answer = collectEvents(events);
      const encoder = dialect.stream.encoder(replyFor(answer));
      const text = events.map((event) => encoder.encode(event)).join('');
      // Google's mocks name no model and have words of their own.
      if (answer.model !== '') expect(contentStreamProblems(text)).toEqual([]);
      const again = collectEvents(decodeStream(dialect.stream.decoder(), [Buffer.from(text)]));
      // When it was made stands in the last chunk only, and is read from the first.
      const { created: _created, ...expected } = comparable(answer);
      expect(comparable(again)).toEqual(expected);
    });

    it('means the same when it is cut at any byte', () => {
      const shortest = streams.toSorted((a, b) => a.response.body.length - b.response.body.length).slice(0, 6);
      for (const record of shortest) {
        const whole = decodeStream(dialect.stream.decoder(), [record.response.body]);
        for (const { chunks } of everyByteCuts(record.response.body)) {
          const events = wireEvents(chunks);
          expect(decodeWireEvents(dialect.stream.decoder(), events)).toEqual(whole);
        }
      }
    });

    it.each(streams.filter(isComplete).map(named))('%s is not done when its last events are missing', (_, record) => {
      const events = wireEvents([record.response.body]);
      for (let length = 0; length < events.length; length += 1) {
        const kept = events.slice(0, length);
        const finished = kept.some(({ data }) => /"(?:finishReason|blockReason)"/.test(data));
        const done = decodeWireEvents(dialect.stream.decoder(), kept).some(({ type }) => type === 'done');
        expect({ length, done }).toEqual({ length, done: finished });
      }
    });
  });

  it('reads an answer that is nothing but a malformed call as a fault', () => {
    const record = records.find(({ file }) => file === malformed);
    expect(record && dialect.response.decode(JSON.parse(bodyText(record)))).toEqual({
      fault: {
        kind: 'invalid_response',
        code: 'MALFORMED_FUNCTION_CALL',
        message: 'Malformed function call: print(default_',
      },
    });
  });

  it('reports usage and the failure of a stream that ends in an error', () => {
    const record = records.find(({ features }) => features.has('err.midstream'));
    const events = record && decodeStream(dialect.stream.decoder(), [record.response.body]);
    expect(events?.slice(-2)).toEqual([
      { type: 'usage', usage: { inputTokens: 5, outputTokens: 0 } },
      { type: 'error', fault: expect.objectContaining({ kind: 'server_error', status: 503, code: 'UNAVAILABLE' }) },
    ]);
  });
});

function isComplete({ features }: CorpusRecord): boolean {
  return !features.has('err.midstream');
}

function named(record: CorpusRecord): [string, CorpusRecord] {
  return [record.file, record];
}

function decodedWhole(record: CorpusRecord): ChatAnswer {
  return decodedAnswer(JSON.parse(bodyText(record)));
}

function decodedAnswer(body: JsonValue): ChatAnswer {
  const decoded = dialect.response.decode(body);
  if (!('answer' in decoded)) throw new Error(`read as a fault: ${decoded.fault.message}`);
  return decoded.answer;
}

/** The digest says nothing of finish reasons nobody knows, and leaves tokens of Google's own tools out of the input. */
function expectedDigest(record: CorpusRecord, read: Digest): Digest {
  const { digest } = record;
  if (digest?.kind !== 'chat') {
    const known = undigested[record.id];
    if (known === undefined) throw new Error(`nothing says what ${record.file} means`);
    return { ...read, ...known };
  }
  const expected = recordedDigest(digest);
  const toolUse = digest.usage?.tool_use_prompt ?? 0;
  const isOpen = expected.finish === null && !record.features.has('err.midstream');
  return {
    ...expected,
    finish: isOpen ? 'stop' : expected.finish,
    usage: expected.usage && { ...expected.usage, input: (expected.usage.input ?? 0) + toolUse },
  };
}

/** The answer without what depends on its id where it had none, and with the finish reason that one recording lacks. */
function comparable(answer: ChatAnswer): ChatAnswer {
  const choices = answer.choices.map((choice) => ({
    ...choice,
    rawFinishReason: choice.rawFinishReason ?? 'STOP',
    parts: choice.parts.map((part) =>
      part.type === 'tool-call' ? { ...part, id: part.id.replace(/^gemini_call_\S*_/, '') } : part,
    ),
  }));
  return { ...answer, id: answer.id.replace('fallback-id', ''), choices };
}
