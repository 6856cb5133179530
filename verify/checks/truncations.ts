import type { WireEvent } from '../../src/dialects/dialect.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';
import { type ProviderStream, providerStreams } from '../harness/provider-streams.ts';
import { playedDialects } from '../harness/providers.ts';
import { meaning, readStream, substance, wireEvents } from '../harness/read-stream.ts';
import { relayStream } from '../harness/relay.ts';

export interface TruncationsPlan {
  /** Bytes between two places where the stream is cut off: 1 for every one. */
  readonly step: number;
  /** Which of the made-up streams. */
  readonly names: readonly string[];
  /** Whether each caller reads each truncation, or they take turns. @default 'in-turn' */
  readonly callers?: 'each' | 'in-turn';
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
    await truncate(stream, plan, tally);
  }
  return named(`${tally.runs} truncations of ${streams.length} streams to ${playedDialects.length} dialects`, [
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

async function truncate(stream: ProviderStream, plan: TruncationsPlan, tally: Tally): Promise<void> {
  const whole = substance(readStream(stream.bytes, stream.dialect));
  for (let length = 0; length <= stream.bytes.length; length += plan.step) {
    const callers = plan.callers === 'each' || length === stream.bytes.length ? playedDialects : callerInTurn(length);
    for (const inbound of callers) await cutAt({ stream, whole, length, inbound }, tally);
  }
}

function callerInTurn(turn: number): readonly PlayedDialect[] {
  return playedDialects.slice(turn % playedDialects.length).slice(0, 1);
}

interface Cut {
  readonly stream: ProviderStream;
  /** What the uncut stream says. */
  readonly whole: string;
  readonly length: number;
  readonly inbound: PlayedDialect;
}

async function cutAt({ stream, whole, length, inbound }: Cut, tally: Tally): Promise<void> {
  const { bytes, dialect } = stream;
  for (const ending of ['end', 'reset'] as const) {
    const result = await relayStream({ inbound, outbound: dialect, pieces: [bytes.subarray(0, length)], ending });
    tally.runs += 1;
    if (result.end === 'complete' && meaning(result.bytes, inbound) !== whole) tally.falselyComplete += 1;
    if (result.end === 'broken' && !endsInError(result.bytes, inbound)) tally.unmarked += 1;
    if (result.settlements !== 1 || result.ends !== (result.end === 'hidden' ? 0 : 1)) tally.badEnds += 1;
    if (length === bytes.length && ending === 'end' && result.end !== 'complete') tally.lostComplete += 1;
  }
}

/** The last frame is the dialect's own error, and nothing before it looks like an end. */
function endsInError(bytes: Buffer, dialect: PlayedDialect): boolean {
  const events = wireEvents(bytes, dialect);
  const last = events.at(-1);
  const { isError, isEnd } = marks[dialect];
  return last !== undefined && isError(last) && !events.some(isEnd) && meaning(bytes, dialect) === 'unreadable';
}

interface Marks {
  isError(event: WireEvent): boolean;
  /** After which a client takes the answer for whole. */
  isEnd(event: WireEvent): boolean;
}

const errorObject = ({ data }: WireEvent): boolean => data.startsWith('{"error"');
const never = (): boolean => false;

const marks: Readonly<Record<PlayedDialect, Marks>> = {
  'openai-chat': { isError: errorObject, isEnd: ({ data }) => data === '[DONE]' },
  'openai-responses': {
    isError: ({ event }) => event === 'response.failed',
    isEnd: ({ event }) => event === 'response.completed' || event === 'response.incomplete',
  },
  'anthropic-messages': {
    isError: ({ event }) => event === 'error',
    isEnd: ({ event }) => event === 'message_stop',
  },
  // Ends with its connection alone.
  gemini: { isError: errorObject, isEnd: never },
  'bedrock-converse': {
    isError: ({ event = '' }) => event.startsWith('exception:'),
    isEnd: ({ event }) => event === 'metadata',
  },
  'ollama-chat': { isError: errorObject, isEnd: ({ data }) => data.includes('"done":true') },
  'cohere-chat': {
    isError: ({ data }) => data.includes('"finish_reason":"ERROR"'),
    // A reset may come between `message-end` and this: the whole answer is then called broken, which is no lie.
    isEnd: ({ data }) => data === '[DONE]',
  },
};
