import type { JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';

const maxStopSequences = 5;

/** A range the API answers 400 outside of, and how OpenAI's callers name the parameter. */
interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** https://docs.cohere.com/reference/chat, and for the temperature https://docs.cohere.com/reference/errors */
const ranges = {
  temperature: { name: 'temperature', from: 0, to: 1 },
  p: { name: 'top_p', from: 0.01, to: 0.99 },
  k: { name: 'top_k', from: 0, to: 500 },
  frequency: { name: 'frequency_penalty', from: 0, to: 1 },
  presence: { name: 'presence_penalty', from: 0, to: 1 },
} as const satisfies Readonly<Record<string, Range>>;

/** Values outside their range are brought into it and reported; a `top_p` of 1, everybody's default, is no loss. */
export function encodeSampling(request: ChatRequest, dropped: Set<string>): JsonObject {
  const temperature = within(request.temperature, ranges.temperature, dropped);
  const p = request.topP === 1 ? ranges.p.to : within(request.topP, ranges.p, dropped);
  const k = within(request.topK, ranges.k, dropped);
  const frequencyPenalty = within(request.frequencyPenalty, ranges.frequency, dropped);
  const presencePenalty = within(request.presencePenalty, ranges.presence, dropped);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(p !== undefined && { p }),
    ...(k !== undefined && { k }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...encodeSeed(request, dropped),
    ...encodeStop(request, dropped),
  };
}

function within(value: number | undefined, { name, from, to }: Range, dropped: Set<string>): number | undefined {
  if (value === undefined) return undefined;
  const nearest = Math.min(to, Math.max(from, value));
  if (nearest !== value) dropped.add(name);
  return nearest;
}

/** Unsigned whole numbers alone. */
function encodeSeed({ seed }: ChatRequest, dropped: Set<string>): JsonObject {
  if (seed === undefined) return {};
  if (Number.isInteger(seed) && seed >= 0) return { seed };
  dropped.add('seed');
  return {};
}

function encodeStop({ stop = [] }: ChatRequest, dropped: Set<string>): JsonObject {
  if (stop.length > maxStopSequences) dropped.add('stop');
  return stop.length === 0 ? {} : { stop_sequences: stop.slice(0, maxStopSequences) };
}
