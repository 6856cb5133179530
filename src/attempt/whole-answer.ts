import type { JsonValue } from '../core/json.ts';
import { isDeeperThan } from '../wire/json-depth.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { WholeAnswer } from './inquiry.ts';
import { unreadable } from './unreadable.ts';

/** No answer needs more; far below what overflows the stack of who walks it, here or at the caller. */
const maxAnswerDepth = 500;

/** Reads a whole answer. HTML, nothing, cut-off JSON: all of it is a fault, none of it an exception. */
export function readWholeAnswer(bytes: Buffer, plan: AttemptPlan): WholeAnswer {
  let json: JsonValue;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { fault: unreadable(bytes.length === 0 ? 'empty_answer' : 'not_json') };
  }
  // Each level takes two bytes at least: what is short is not walked.
  if (bytes.length > 2 * maxAnswerDepth && isDeeperThan(json, maxAnswerDepth)) return { fault: unreadable('too_deep') };
  try {
    return plan.read({ json, bytes }, plan);
  } catch {
    // No answer of this dialect.
    return { fault: unreadable('no_answer') };
  }
}
