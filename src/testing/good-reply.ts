import type { JsonObject } from '../core/json.ts';
import type { FaultName } from './faults/fault-table.ts';
import type { FaultSet } from './faults/parse-faults.ts';
import type { ChatRoute, Personality } from './personality.ts';
import { composeAnswer } from './speech/compose-answer.ts';
import type { Answer, Prompt, UsageMode } from './speech/prompt.ts';
import { isScriptedBytes, type ScriptedAnswer, type ScriptedBytes, type ScriptedReply } from './speech/script.ts';
import { type Frame, jsonReply, type WireReply } from './wire-reply.ts';

export interface GoodReply {
  readonly personality: Personality;
  readonly route: ChatRoute;
  readonly body: JsonObject;
  readonly faults: FaultSet;
  readonly script: ScriptedReply | undefined;
  readonly speak: (prompt: Prompt) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly newId: () => string;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** What a healthy provider answers to a chat call. */
export function goodReply(call: GoodReply): WireReply {
  const { personality, route, script, body, headers } = call;
  if (script !== undefined && isScriptedBytes(script)) return scriptedReply(script);
  const answer = answerFor(call, script);
  if (!route.stream) return jsonReply(200, headers, personality.whole(answer, body));
  const framing = personality.framing(route);
  return {
    status: 200,
    headers: { ...headers, 'content-type': framing.contentType, 'cache-control': 'no-cache' },
    body: { kind: 'stream', frames: framing.frames(personality.stream(answer, body)) },
  };
}

/** The bytes of a script as an answer. */
export function scriptedReply({ status = 200, headers, body }: ScriptedBytes): WireReply {
  const base = { status, headers: headers ?? { 'content-type': 'application/json' } };
  if (typeof body === 'string' || body instanceof Uint8Array) return { ...base, body: { kind: 'whole', data: body } };
  const frames = body.map((data): Frame => ({ kind: 'content', data }));
  return { ...base, body: { kind: 'stream', frames } };
}

function answerFor(call: GoodReply, script: ScriptedAnswer | undefined): Answer {
  const { personality, route, body, faults, speak, newId, wallTime } = call;
  return composeAnswer({
    prompt: personality.readPrompt(body, route),
    script,
    speak,
    minimumWords: minimumWords(faults),
    limit: faults.has('ignore_max_tokens') ? 'ignored' : 'obeyed',
    usageMode: usageMode(faults.inGroup('usage')),
    text: faults.has('badutf8') ? 'invalid-utf8' : 'valid',
    newId,
    wallTime,
  });
}

/** Enough for the stream to go on after the chunk at which it breaks. */
function minimumWords(faults: FaultSet): number {
  const ending = faults.inGroup('ending');
  const chunks = ending === undefined ? undefined : faults.amount(ending);
  return chunks === undefined ? 0 : chunks + 3;
}

function usageMode(fault: FaultName | undefined): UsageMode {
  switch (fault) {
    case 'dupusage':
    case 'nousage':
    case 'zerousage':
    case 'usage_on_choice':
    case 'cumulative':
      return fault;
    default:
      return 'normal';
  }
}
