import type { JsonValue } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import type { Usage } from '../core/usage.ts';
import type { ChatAnswer, Choice, UpstreamFault } from '../dialects/canonical.ts';
import { answerToEvents } from '../dialects/collect.ts';
import type { DecodedAnswer, InspectedAnswer } from '../dialects/dialect.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { RawAnswer, WholeAnswer } from './inquiry.ts';
import { OutputMeter } from './output-meter.ts';
import { readyStreamReply } from './stream-reply.ts';

/** Reads a whole chat answer: as it came where it may pass through, in the caller's dialect otherwise. */
export function readChatAnswer({ json, bytes }: RawAnswer, plan: AttemptPlan): WholeAnswer {
  return plan.passThrough && !plan.call.stream ? passOn(json, bytes, plan) : translate(json, plan);
}

function passOn(body: JsonValue, bytes: Buffer, plan: AttemptPlan): WholeAnswer {
  const { response } = plan.outbound;
  const inspected = response.inspect?.(body) ?? inspectDecoded(response.decode(body));
  if ('fault' in inspected) return inspected;
  const reply: Reply = { kind: 'whole', status: 200, headers: jsonHeaders, body: bytes };
  return {
    reply,
    finishReason: inspected.finishReason,
    usage: inspected.usage,
    ...uncounted(plan, inspected.usage, () => partsOf(response.decode(body))),
  };
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
  const finishReason = answer.choices[0]?.finishReason;
  return { reply, finishReason, usage: answer.usage, ...uncounted(plan, answer.usage, () => answer.choices) };
}

/** What was delivered, where the provider did not count it. */
function uncounted(
  { reply: { model } }: AttemptPlan,
  usage: Usage | undefined,
  choices: () => readonly Choice[],
): { readonly meter?: OutputMeter } {
  if (usage !== undefined) return {};
  const meter = new OutputMeter(model);
  for (const { parts } of choices()) for (const part of parts) meter.part(part);
  return { meter };
}

function partsOf(decoded: DecodedAnswer): readonly Choice[] {
  return 'answer' in decoded ? decoded.answer.choices : [];
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
  return readyStreamReply(
    frames.every((frame) => typeof frame === 'string') ? [frames.join('')] : frames,
    encoder.contentType,
  );
}
