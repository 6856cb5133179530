import type { JsonValue } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import type { Usage } from '../core/usage.ts';
import type { ChatAnswer, FinishReason, UpstreamFault } from '../dialects/canonical.ts';
import { answerToEvents } from '../dialects/collect.ts';
import type { InspectedAnswer } from '../dialects/dialect.ts';
import { isDeeperThan } from '../wire/json-depth.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { readyStreamReply } from './stream-reply.ts';

/** A whole answer, ready for the caller, or why it is none. */
export type WholeAnswer =
  | { readonly reply: Reply; readonly finishReason: FinishReason | undefined; readonly usage?: Usage | undefined }
  | { readonly fault: UpstreamFault };

/** No answer needs more; far below what overflows the stack of who walks it, here or at the caller. */
const maxAnswerDepth = 500;

/** Reads a whole answer. HTML, nothing, cut-off JSON: all of it is a fault, none of it an exception. */
export function readWholeAnswer(bytes: Buffer, plan: AttemptPlan): WholeAnswer {
  let body: JsonValue;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    return unreadable(bytes.length === 0 ? 'empty_answer' : 'not_json');
  }
  // Each level takes two bytes at least: what is short is not walked.
  if (bytes.length > 2 * maxAnswerDepth && isDeeperThan(body, maxAnswerDepth)) return unreadable('too_deep');
  try {
    return plan.passThrough && !plan.call.stream ? passOn(body, bytes, plan) : translate(body, plan);
  } catch {
    // No answer of this dialect.
    return unreadable('no_answer');
  }
}

function unreadable(code: string): WholeAnswer {
  return { fault: { kind: 'invalid_response', message: '', code } };
}

function passOn(body: JsonValue, bytes: Buffer, plan: AttemptPlan): WholeAnswer {
  const { response } = plan.outbound;
  const inspected = response.inspect?.(body) ?? inspectDecoded(response.decode(body));
  if ('fault' in inspected) return inspected;
  const reply: Reply = { kind: 'whole', status: 200, headers: jsonHeaders, body: bytes };
  return { reply, finishReason: inspected.finishReason, usage: inspected.usage };
}

function inspectDecoded(decoded: { readonly answer: ChatAnswer } | { readonly fault: UpstreamFault }): InspectedAnswer {
  if ('fault' in decoded) return decoded;
  const { choices, usage } = decoded.answer;
  return { finishReason: choices[0]?.finishReason ?? 'stop', usage };
}

function translate(body: JsonValue, plan: AttemptPlan): WholeAnswer {
  const decoded = plan.outbound.response.decode(body);
  if ('fault' in decoded) return decoded;
  const { answer } = decoded;
  const reply = plan.call.stream ? streamOf(answer, plan) : wholeOf(answer, plan);
  return { reply, finishReason: answer.choices[0]?.finishReason, usage: answer.usage };
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' } as const;

function wholeOf(answer: ChatAnswer, { inbound, reply }: AttemptPlan): Reply {
  return {
    kind: 'whole',
    status: 200,
    headers: jsonHeaders,
    body: JSON.stringify(inbound.response.encode(answer, reply)),
  };
}

/** A provider that answers whole where a stream was asked still gives the caller its stream. */
function streamOf(answer: ChatAnswer, { inbound, reply }: AttemptPlan): Reply {
  const encoder = inbound.stream.encoder(reply);
  const frames = answerToEvents(answer).map((event) => encoder.encode(event));
  return readyStreamReply(frames.join(''));
}
