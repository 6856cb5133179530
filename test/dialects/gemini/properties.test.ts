import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent, Part } from '../../../src/dialects/canonical.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { contentArrayProblems } from '../../support/gemini-stream-grammar.ts';
import { streamGrammars } from '../../support/stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, expectSameContent, joinedText, wellFormed, wholeStream } from '../contract/any-stream.ts';

const dialect = gemini();
const words = fc.oneof(fc.constantFrom('', ' ', '\n', 'Hi', '\u00e9\u4e2d\ud83d\ude00'), fc.string());
const signed = fc.tuple(words, fc.constantFrom('gemini', 'anthropic-messages')).map(([value, origin]): ChatEvent => {
  return { type: 'part-end', choice: 0, signature: { dialect: origin as 'gemini', value: `sig ${value}` } };
});
const usage = { inputTokens: 3, outputTokens: 7, reasoningTokens: 2 };

const events = anySteps({ words, more: [signed] }).map((steps) => wholeStream(closed(wellFormed(steps)), { usage }));

/** Every call that began is ended: what never ended is not written. */
function closed(given: readonly ChatEvent[]): ChatEvent[] {
  const open = new Set<number>();
  for (const event of given) {
    if (event.type === 'tool-call-start') open.add(event.index);
    if (event.type === 'tool-call-end') open.delete(event.index);
  }
  return [...given, ...[...open].map((index): ChatEvent => ({ type: 'tool-call-end', choice: 0, index }))];
}

/** Arguments that are no JSON object cannot be written; calls come when they have ended. */
function content(parts: readonly Part[]): unknown {
  return {
    text: joinedText(parts, 'text', 'refusal'),
    reasoning: joinedText(parts, 'reasoning'),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])).length,
  };
}

describe('any stream', () => {
  it('keeps the grammar of the API and says the same', () => {
    expectSameContent({ dialect, events, problems: streamGrammars.gemini, content });
  });

  it('is one JSON array where the caller wants that', () => {
    fc.assert(
      fc.property(events, (given) => {
        const origin = { framing: 'json-array' } as const;
        const encoder = dialect.stream.encoder({ model: 'm', fallbackId: 'f', created: 1, includeUsage: true, origin });
        const stream = given.map((event) => String(encoder.encode(event))).join('');
        expect(contentArrayProblems(stream)).toEqual([]);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    expectReadOrRefused({
      dialect,
      bodies: (inner, outer) => [
        inner,
        { candidates: inner },
        { candidates: [{ content: { parts: [inner] }, finishReason: outer }], usageMetadata: outer },
      ],
      streams: (inner, outer) => [
        [inner, { candidates: inner }, { candidates: [{ content: { parts: [outer] } }], usageMetadata: inner }].map(
          (chunk) => ({ event: undefined, data: JSON.stringify(chunk) }),
        ),
      ],
      eventsUnder: 60,
    });
  });
});
