import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { ChatAnswer, ChatEvent, Choice } from '../canonical.ts';
import { answerToEvents } from '../collect.ts';
import type { ReplyContext } from '../dialect.ts';
import { ResponsesStreamEncoder } from './encode-stream.ts';

const dialect = 'openai-responses';

/** The whole answer is what a stream of it ends with, so both always agree. */
export function encodeAnswer(answer: ChatAnswer, reply: ReplyContext): JsonObject {
  const encoder = new ResponsesStreamEncoder(reply);
  const choice = answer.choices.find(({ index }) => index === 0);
  for (const event of knownBefore(answer, choice)) encoder.encode(event);
  for (const event of answerToEvents(withoutExtensions(answer, choice))) encoder.encode(event);
  return encoder.response();
}

/** What a stream tells before the parts it belongs to. */
function knownBefore({ extensions }: ChatAnswer, choice: Choice | undefined): ChatEvent[] {
  const own = extensions?.[dialect];
  const ofChoice = choice?.extensions?.[dialect];
  const logprobs = choice?.logprobs;
  return [
    ...(own === undefined ? [] : [{ type: 'extension', dialect, data: own } as const]),
    ...(ofChoice === undefined ? [] : [{ type: 'extension', choice: 0, dialect, data: ofChoice } as const]),
    ...(isJsonObject(logprobs) ? [{ type: 'logprobs', choice: 0, logprobs } as const] : []),
  ];
}

function withoutExtensions(answer: ChatAnswer, choice: Choice | undefined): ChatAnswer {
  const { extensions: _, ...rest } = answer;
  if (choice === undefined) return { ...rest, choices: [] };
  const { extensions: _own, logprobs: _logprobs, ...said } = choice;
  return { ...rest, choices: [said] };
}
