import { gzipSync } from 'node:zlib';
import { dialectOf } from '../../src/dialects/index.ts';
import { startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { Caller } from '../harness/caller.ts';
import { startGateway } from '../harness/gateway.ts';
import { closedLoop } from '../harness/load.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';
import { type ProviderStream, providerStreams } from '../harness/provider-streams.ts';
import { modelAt, playedDialects, providersByDialect, question } from '../harness/providers.ts';
import { meaning, readStream, substance } from '../harness/read-stream.ts';
import { type RelayedStream, relayStream } from '../harness/relay.ts';
import { seededRandom } from '../harness/runtimes.ts';

export interface ChunkingsPlan {
  /** Streams cut at random borders and taken through an attempt without a network. */
  readonly inProcess: number;
  /** The same over sockets, through the whole gateway. */
  readonly overSockets: number;
  readonly seed: number;
}

/** Wherever the network cuts a provider's stream, the caller gets the same answer. */
export async function chunkings(plan: ChunkingsPlan): Promise<readonly Measure[]> {
  const streams = await providerStreams();
  return [...(await inProcess(streams, plan)), ...(await overSockets(streams, plan))];
}

interface Uncut {
  readonly stream: ProviderStream;
  readonly inbound: PlayedDialect;
  readonly result: RelayedStream;
}

async function inProcess(streams: readonly ProviderStream[], plan: ChunkingsPlan): Promise<readonly Measure[]> {
  const random = seededRandom(plan.seed);
  const uncut: Uncut[] = [];
  let unlike = 0;
  for (const stream of streams) {
    for (const inbound of playedDialects) {
      const result = await relayStream({ inbound, outbound: stream.dialect, pieces: [stream.bytes] });
      uncut.push({ stream, inbound, result });
      if (result.end !== 'complete') unlike += 1;
      // A dialect may have no word for what a fixture holds (a second choice): only the made-up streams are for all.
      const comparable = stream.origin === 'fake' || inbound === stream.dialect;
      if (comparable && substance(readStream(result.bytes, inbound)) !== substanceOf(stream)) unlike += 1;
    }
  }
  let different = 0;
  let crashed = 0;
  for (let run = 0; run < plan.inProcess; run += 1) {
    const { stream, inbound, result } = pick(uncut, random);
    const compressed = random() < 0.1;
    const pieces = cut(compressed ? gzipSync(stream.bytes) : stream.bytes, random);
    const options = { inbound, outbound: stream.dialect, pieces, random };
    try {
      const again = await relayStream(compressed ? { ...options, contentEncoding: 'gzip' } : options);
      if (!sameStream(again, result)) different += 1;
    } catch {
      crashed += 1;
    }
  }
  return named(`${plan.inProcess} chunkings of ${streams.length} streams to ${playedDialects.length} dialects`, [
    exactly({ name: 'uncut streams that say something else than the provider', value: unlike, bound: 0 }),
    exactly({ name: 'cut streams that differ from the uncut one', value: different, bound: 0 }),
    exactly({ name: 'crashes', value: crashed, bound: 0 }),
  ]);
}

function substanceOf({ bytes, dialect }: ProviderStream): string {
  return substance(readStream(bytes, dialect));
}

function sameStream(a: RelayedStream, b: RelayedStream): boolean {
  return (
    a.bytes.equals(b.bytes) &&
    a.end === b.end &&
    a.settlements === 1 &&
    a.ends === 1 &&
    JSON.stringify(a.usage) === JSON.stringify(b.usage)
  );
}

async function overSockets(streams: readonly ProviderStream[], plan: ChunkingsPlan): Promise<readonly Measure[]> {
  const random = seededRandom(plan.seed + 1);
  const wall = await startFakeProvider();
  const gateway = await startGateway({ providers: providersByDialect(wall) });
  const caller = new Caller(gateway.url, 1);
  let different = 0;
  let example: string | undefined;
  // One at a time: a script answers whoever comes next.
  await closedLoop({ requests: plan.overSockets, concurrency: 1 }, async () => {
    const stream = pick(streams, random);
    const { mediaType } = dialectOf(stream.dialect).stream.framing;
    wall.script({ headers: { 'content-type': mediaType }, body: cut(stream.bytes, random, 40) });
    const model = modelAt(stream.dialect);
    const answer = await caller.ask({ model, stream: true, stream_options: { include_usage: true }, ...question });
    if (answer.broken || meaning(answer.text, 'openai-chat') !== substanceOf(stream)) {
      different += 1;
      example ??= `${stream.name}: ${answer.status} ${answer.text.slice(-200)}`;
    }
    if (wall.calls.length > 500) wall.reset();
  });
  await gateway.settled();
  caller.close();
  await gateway.close();
  await wall.close();
  return named(`${plan.overSockets} chunkings over sockets`, [
    exactly({
      name: 'answers that differ from what the provider sent',
      value: different,
      bound: 0,
      ...(example !== undefined && { detail: example }),
    }),
    ...gateway.books.invariants(),
  ]);
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
}

/** Cuts at random borders: now and then into single bytes, mostly into a few pieces. */
function cut(bytes: Buffer, random: () => number, mostPieces = bytes.length): Buffer[] {
  if (random() < 0.05 && bytes.length <= mostPieces) return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const count = Math.floor(random() ** 2 * Math.min(mostPieces, bytes.length / 8)) + 1;
  const borders = Array.from({ length: count }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
  return [0, ...borders].map((start, index) => bytes.subarray(start, borders[index] ?? bytes.length));
}
