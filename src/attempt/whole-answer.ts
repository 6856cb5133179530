import type { JsonValue } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import type { ChatAnswer } from '../dialects/canonical.ts';
import { answerToEvents } from '../dialects/collect.ts';
import type { DecodedAnswer, Dialect } from '../dialects/dialect.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { readyStreamReply } from './stream-reply.ts';

/** Reads a whole answer. HTML, nothing, cut-off JSON: all of it is a fault, none of it an exception. */
export function decodeWholeAnswer(bytes: Buffer, dialect: Dialect): DecodedAnswer {
  let body: JsonValue;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { fault: { kind: 'invalid_response', message: '', code: bytes.length === 0 ? 'empty_answer' : 'not_json' } };
  }
  try {
    return dialect.response.decode(body);
  } catch {
    return { fault: { kind: 'invalid_response', message: '', code: 'no_answer' } };
  }
}

/** The answer as the caller gets it; `undefined` when it cannot be written (nested beyond what the serialiser can walk). */
export function encodeWholeAnswer(answer: ChatAnswer, bytes: Buffer, plan: AttemptPlan): Reply | undefined {
  try {
    if (plan.call.stream) return streamOf(answer, plan);
    const body = plan.passThrough ? bytes : JSON.stringify(plan.inbound.response.encode(answer, plan.reply));
    return { kind: 'whole', status: 200, headers: jsonHeaders, body };
  } catch {
    return undefined;
  }
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' } as const;

/** A provider that answers whole where a stream was asked still gives the caller its stream. */
function streamOf(answer: ChatAnswer, plan: AttemptPlan): Reply {
  const encoder = plan.inbound.stream.encoder(plan.reply);
  const text = answerToEvents(answer)
    .map((event) => encoder.encode(event))
    .join('');
  return readyStreamReply(text);
}
