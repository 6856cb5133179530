import type { PlayedDialect } from '../../src/testing/personality.ts';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';
import type { StreamFrame } from '../../src/wire/stream-framing.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';
import { type ProviderStream, providerStreams } from '../harness/provider-streams.ts';
import { meaning, readStream, substance } from '../harness/read-stream.ts';
import { relayStream } from '../harness/relay.ts';
import { dialectNames } from './chunkings.ts';

export interface TruncationsPlan {
  /** Bytes between two places where the stream is cut off: 1 for every one. */
  readonly step: number;
  /** Which of the made-up streams. */
  readonly names: readonly string[];
}

/**
 * A provider's stream that stops after each of its bytes, by a clean end of the body and by a reset: the caller must
 * never take half an answer for a whole one.
 */
export async function truncations(plan: TruncationsPlan): Promise<readonly Measure[]> {
  const streams = (await providerStreams()).filter(
    ({ name, origin }) => origin === 'fake' && plan.names.some((wanted) => name.endsWith(` ${wanted}`)),
  );
  const tally: Tally = { runs: 0, falselyComplete: 0, unmarked: 0, badEnds: 0, lostComplete: 0 };
  for (const stream of streams) {
    for (const inbound of dialectNames) await truncate(stream, { inbound, step: plan.step }, tally);
  }
  return named(`${tally.runs} truncations of ${streams.length} streams to 3 dialects`, [
    exactly({ name: 'half answers that end as if they were whole', value: tally.falselyComplete, bound: 0 }),
    exactly({ name: 'broken streams whose last frame is no error', value: tally.unmarked, bound: 0 }),
    exactly({ name: 'streams that end twice, never, or after an end', value: tally.badEnds, bound: 0 }),
    exactly({ name: 'whole answers called broken', value: tally.lostComplete, bound: 0 }),
  ]);
}

interface Tally {
  runs: number;
  falselyComplete: number;
  unmarked: number;
  badEnds: number;
  lostComplete: number;
}

async function truncate(
  { bytes, dialect }: ProviderStream,
  { inbound, step }: { readonly inbound: PlayedDialect; readonly step: number },
  tally: Tally,
): Promise<void> {
  const whole = substance(readStream(bytes, dialect));
  for (let length = 0; length <= bytes.length; length += step) {
    for (const ending of ['end', 'reset'] as const) {
      const result = await relayStream({ inbound, outbound: dialect, pieces: [bytes.subarray(0, length)], ending });
      tally.runs += 1;
      if (result.end === 'complete' && meaning(result.text, inbound) !== whole) tally.falselyComplete += 1;
      if (result.end === 'broken' && !endsInError(result.text, inbound)) tally.unmarked += 1;
      if (result.settlements !== 1 || result.ends !== (result.end === 'hidden' ? 0 : 1)) tally.badEnds += 1;
      if (length === bytes.length && ending === 'end' && result.end !== 'complete') tally.lostComplete += 1;
    }
  }
}

/** The last frame is the dialect's own error, and nothing before it looks like an end. */
function endsInError(text: string, dialect: PlayedDialect): boolean {
  const frames = framesOf(text);
  const last = frames.at(-1);
  const isError =
    dialect === 'anthropic-messages' ? last?.event === 'error' : last?.data?.startsWith('{"error"') === true;
  const sawEnd = frames.some(({ event, data }) => event === 'message_stop' || data === '[DONE]');
  return isError && !sawEnd && meaning(text, dialect) === 'unreadable';
}

function framesOf(text: string): readonly StreamFrame[] {
  const frames: StreamFrame[] = [];
  const decoder = new SseDecoder((frame) => frames.push(frame));
  decoder.push(Buffer.from(text));
  decoder.end();
  return frames;
}
