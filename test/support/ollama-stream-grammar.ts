import { asArray, asObject, type JsonObject } from '../../src/core/json.ts';
import { newlineDelimitedJson } from '../../src/wire/ndjson-framing.ts';
import { wireEvents } from './corpus.ts';

/*
 * What a streamed answer of `POST /api/chat` must be like for Ollama's clients.
 * https://docs.ollama.com/api/chat and https://docs.ollama.com/api/streaming
 */

/** Everything in a stream of lines that a client may stumble over; empty when it is right. */
export function lineProblems(stream: string): string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, rule: string): void => {
    if (!holds) problems.push(`does not hold: ${rule}`);
  };
  expect(stream.endsWith('}\n'), 'every line has its end');
  expect(!/\n[ \r\n]/.test(stream), 'no line is blank');
  const lines = wireEvents([Buffer.from(stream)], newlineDelimitedJson).map(({ data }): JsonObject => JSON.parse(data));
  const identities = new Set(lines.map(({ model }) => model));
  expect(identities.size === 1 && typeof [...identities][0] === 'string', 'model stays the same');
  expect(lines.filter(({ done }) => done === true).length === 1, 'one line is done');
  expect(lines.at(-1)?.done === true, 'the last line is done');
  let calls = 0;
  for (const line of lines) {
    expect(typeof line.done === 'boolean', 'done is true or false');
    expect(!Number.isNaN(Date.parse(String(line.created_at))), 'created_at is a time');
    checkEnd(line, expect);
    calls = checkMessage(asObject(line.message) ?? {}, calls, expect);
  }
  return problems;
}

type Expect = (holds: boolean, rule: string) => void;

const counters = ['prompt_eval_count', 'eval_count', 'total_duration', 'load_duration', 'eval_duration'];

function checkEnd(line: JsonObject, expect: Expect): void {
  if (line.done === false) {
    expect(line.done_reason === undefined, 'only the last line has a reason');
    expect(!counters.some((key) => key in line), 'only the last line has counts');
    return;
  }
  expect(typeof line.done_reason === 'string' && line.done_reason !== '', 'the last line has a reason');
  for (const key of counters) {
    expect(line[key] === undefined || Number.isInteger(line[key]), `${key} is a whole number`);
  }
}

/** The number of calls after this message. */
function checkMessage(message: JsonObject, before: number, expect: Expect): number {
  expect(message.role === 'assistant', 'the assistant speaks');
  expect(typeof message.content === 'string', 'content is a string, if an empty one');
  expect(message.thinking === undefined || typeof message.thinking === 'string', 'thinking is a string');
  const calls = asArray(message.tool_calls);
  expect(message.tool_calls === undefined || calls.length > 0, 'a list of calls has some');
  for (const [place, value] of calls.entries()) {
    const call = asObject(value) ?? {};
    const called = asObject(call.function) ?? {};
    expect(typeof called.name === 'string' && called.name !== '', 'a call has a name');
    expect(asObject(called.arguments) !== undefined, 'arguments are an object');
    expect(called.index === before + place, 'calls are numbered from 0');
    expect(call.id === undefined || typeof call.id === 'string', 'an id is a string');
  }
  return before + calls.length;
}
