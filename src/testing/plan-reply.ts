import { badHeaderLines } from './faults/bad-headers.ts';
import { breakReply } from './faults/break-reply.ts';
import { bomb, longLine } from './faults/endless-body.ts';
import type { FaultSet } from './faults/parse-faults.ts';
import type { Personality, Refusal, RefusalFault, StreamFraming } from './personality.ts';
import { type Delivery, jsonReply, type WireReply } from './wire-reply.ts';

/** What a reply to a request that is in order depends on. */
export interface ReplyPlan {
  readonly personality: Personality;
  readonly form: 'stream' | 'whole';
  readonly framing: StreamFraming;
  readonly faults: FaultSet;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
  /** The answer when no fault stands in its place. */
  readonly good: () => WireReply;
}

/** No HTTP answer at all. */
export interface Silence {
  readonly silence: 'hang' | 'reset';
}

/** What goes over the wire for a request that is in order. */
export async function planReply(plan: ReplyPlan): Promise<Delivery | Silence> {
  const { personality, faults, framing } = plan;
  if (faults.has('nohdr')) return { silence: 'hang' };
  if (faults.has('rst_before_headers')) return { silence: 'reset' };
  const endless = endlessDelivery(plan);
  if (endless !== undefined) return endless;
  const reply = errorReply(plan) ?? strangeReply(plan) ?? plan.good();
  const error = personality.inbandError();
  const delivery = await breakReply(reply, faults, {
    comment: framing.comment,
    errorFrames: framing.frames([error]),
    errorBody: JSON.stringify(error.data),
  });
  return { ...delivery, rawHeaders: badHeaderLines(faults) };
}

/** An error answer in the vendor's shape. */
export function refusalReply(personality: Personality, refusal: Refusal, requestId: string): WireReply {
  const headers = { ...personality.headers(requestId), ...refusal.headers };
  return jsonReply(refusal.status, headers, personality.errorBody(refusal, requestId));
}

// ---- Error answers ----

function errorReply(plan: ReplyPlan): WireReply | undefined {
  const { personality, form, framing, requestId } = plan;
  const fault = refusalFault(plan.faults);
  if (fault === undefined) return undefined;
  const refusal = withHint(personality.refusal(fault), plan);
  if (refusal.status !== 200 || form === 'whole') return refusalReply(personality, refusal, requestId);
  const data = personality.errorBody(refusal, requestId);
  return {
    status: 200,
    headers: { ...personality.headers(requestId), 'content-type': framing.contentType },
    body: { kind: 'stream', frames: framing.frames([{ kind: 'finish', data }]) },
  };
}

function refusalFault(faults: FaultSet): RefusalFault | undefined {
  const answer = faults.inGroup('answer');
  if (answer === 'quota' || answer === 'context_window' || answer === 'content_filter') return answer;
  const status = /^e(\d{3})$/.exec(answer ?? '')?.[1];
  if (status !== undefined) return { status: Number(status) };
  return faults.inGroup('hint') === undefined ? undefined : { status: 429 };
}

function withHint(refusal: Refusal, { personality, faults, wallTime }: ReplyPlan): Refusal {
  const hint = faults.inGroup('hint');
  const amount = hint === undefined ? 0 : (faults.amount(hint) ?? 0);
  switch (hint) {
    case 'retryafter':
      return personality.retryHint(refusal, amount);
    case 'retryafter_date':
      return withHeader(refusal, 'retry-after', new Date(wallTime + amount * 1000).toUTCString());
    case 'retryafter_ms':
      return withHeader(refusal, 'retry-after-ms', String(amount));
    case 'retryafter_text':
      return { ...refusal, message: `${refusal.message} Please try again in ${amount}s.` };
    default:
      return refusal;
  }
}

function withHeader(refusal: Refusal, name: string, value: string): Refusal {
  return { ...refusal, headers: { ...refusal.headers, [name]: value } };
}

// ---- Answers that are no answers ----

const page = '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n';

function strangeReply(plan: ReplyPlan): WireReply | undefined {
  switch (plan.faults.inGroup('answer')) {
    case 'html200':
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: { kind: 'whole', data: page },
      };
    case 'empty200':
      return { status: 200, headers: answerHeaders(plan), body: { kind: 'whole', data: '' } };
    case 'redirect':
      return {
        status: 307,
        headers: { location: plan.faults.url('redirect') ?? '' },
        body: { kind: 'whole', data: '' },
      };
    default:
      return undefined;
  }
}

const endlessMegabytes = 256;

function endlessDelivery(plan: ReplyPlan): Delivery | undefined {
  const { faults, form } = plan;
  const headers = answerHeaders(plan);
  const base = { status: 200, rawHeaders: [], ending: 'end' } as const;
  if (faults.has('longline')) return { ...base, headers, pieces: longLine(form, endlessMegabytes) };
  if (!faults.has('bomb')) return undefined;
  const pieces = bomb(form, faults.amount('bomb') ?? endlessMegabytes);
  return { ...base, headers: { ...headers, 'content-encoding': 'gzip' }, pieces };
}

function answerHeaders({ personality, form, framing, requestId }: ReplyPlan): Readonly<Record<string, string>> {
  const contentType = form === 'stream' ? framing.contentType : 'application/json';
  return { ...personality.headers(requestId), 'content-type': contentType };
}
