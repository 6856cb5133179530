import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { asObject } from '../../../src/core/json.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { streamGrammars } from '../../support/stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, contentOf, expectSameContent, joinedText, wellFormed, wholeStream } from '../contract/any-stream.ts';

const dialect = openaiChat();
const words = fc.oneof(fc.constantFrom('', ' ', '\n', 'Hi', '\u00e9\u4e2d\ud83d\ude00'), fc.string());
const signed = words.map((value): ChatEvent => {
  return { type: 'part-end', choice: 0, signature: { dialect: 'anthropic-messages', value } };
});
const refusal = words.map((text): ChatEvent => ({ type: 'refusal-delta', choice: 0, text }));

describe('any stream', () => {
  it('keeps the grammar of the API and says the same', () => {
    expectSameContent({
      dialect,
      events: anySteps({ words, more: [signed, refusal] }).map((steps) =>
        wholeStream(wellFormed(steps), { usage: { inputTokens: 1, outputTokens: 2 } }),
      ),
      problems: streamGrammars['openai-chat'],
      content: (parts) => ({ ...contentOf(parts), refusal: joinedText(parts, 'refusal') }),
    });
  });
});

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    expectReadOrRefused({
      dialect,
      bodies: (inner, outer) => [
        inner,
        { choices: inner },
        { choices: [{ message: inner, finish_reason: outer }], usage: outer },
      ],
      streams: (inner, outer) => [
        [inner, { choices: inner }, { choices: [{ index: 0, delta: outer }] }, { ...asObject(inner), choices: [] }].map(
          (chunk) => ({ event: undefined, data: JSON.stringify(chunk) }),
        ),
      ],
      eventsUnder: 60,
    });
  });
});
