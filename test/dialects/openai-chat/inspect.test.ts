import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { bodyText, describeCorpus } from '../../support/corpus.ts';

const dialect = openaiChat();

/** The verdict either way, or that there is none. */
function verdict(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return 'no answer';
  }
}

const folders = ['openai-chat', 'mistral-chat', 'other-chat', 'selfhosted-chat', 'groq-chat'];

describeCorpus('inspecting an answer', folders, (records) => {
  it('finds the same fault, finish reason and usage as decoding it', () => {
    const bodies = records.flatMap((record): JsonValue[] => {
      try {
        return [JSON.parse(bodyText(record))];
      } catch {
        return [];
      }
    });
    expect(bodies.length).toBeGreaterThan(150);
    for (const body of bodies) {
      const decoded = verdict(() => {
        const result = dialect.response.decode(body);
        if ('fault' in result) return result;
        return { finishReason: result.answer.choices[0]?.finishReason, usage: result.answer.usage };
      });
      expect(verdict(() => dialect.response.inspect?.(body))).toEqual(decoded);
    }
  });
});
