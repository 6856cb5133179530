import { asArray, type JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer } from '../speech/prompt.ts';
import { choiceOf, countsOf, ending, lineHead, loadedAnswer, toolCall } from './answer.ts';

/** The last line is the finish and the end marker in one. https://docs.ollama.com/api/streaming */
export function streamEvents(answer: Answer, body: JsonObject): readonly StreamEvent[] {
  if (asArray(body.messages).length === 0) return [{ kind: 'finish', data: loadedAnswer(answer, body) }];
  const { reasoning, text, toolCalls } = choiceOf(answer);
  const messages: readonly JsonObject[] = [
    ...reasoning.map((thinking) => ({ content: '', thinking })),
    ...text.map((content) => ({ content })),
    ...toolCalls.map((call, index) => ({ content: '', tool_calls: [toolCall(call, index)] })),
  ];
  const lines = messages.map(
    (message, index): StreamEvent => ({
      kind: 'content',
      data: {
        ...lineHead(answer),
        message: { role: 'assistant', ...message },
        done: false,
        ...earlyCounts(answer, index, messages.length),
      },
    }),
  );
  const message = { role: 'assistant', content: '' };
  return [...lines, { kind: 'finish', data: { ...lineHead(answer), message, ...ending(answer) } }];
}

/** Counts before the last line, which only a fault sends. */
function earlyCounts({ usage, usageMode }: Answer, index: number, length: number): JsonObject {
  if (usageMode === 'cumulative') return countsOf({ ...usage, output: Math.min(index + 1, usage.output) });
  return usageMode === 'dupusage' && index === length - 1 ? countsOf(usage) : {};
}
