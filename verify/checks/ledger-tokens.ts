import { dialectOf } from '../../src/dialects/index.ts';
import { type FakeProvider, type ScriptedAnswer, startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { eventually, pause } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import type { LedgerRow } from '../harness/ledger-audit.ts';
import { ledgerConfig, openLedgerSite } from '../harness/ledger-site.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';
import { recordStream } from '../harness/provider-streams.ts';
import { modelAt, playedDialects } from '../harness/providers.ts';
import { seededRandom } from '../harness/runtimes.ts';

export interface LedgerTokensPlan {
  /** Answers in each dialect that end in each way. */
  readonly answers: number;
  readonly seed: number;
}

const endings = ['whole', 'streamed', 'cut by the provider', 'abandoned by the caller'] as const;
type Ending = (typeof endings)[number];

/** What the provider says of one answer. */
interface Told {
  readonly input: number;
  readonly output: number;
}

/**
 * Answers of every provider that end in every way: the ledger has the provider's own counts. Where a stream breaks off,
 * these are the last ones it had sent, with all that it had delivered before them.
 */
export async function ledgerTokens({ answers, seed }: LedgerTokensPlan): Promise<readonly Measure[]> {
  const random = seededRandom(seed);
  const site = await openLedgerSite('SQLite');
  const wall = await startFakeProvider({ seed });
  const gateway = await startGatewayChild(ledgerConfig(site, wall));
  const told = new Map<string, Told & { readonly kind: string }>();
  for (const dialect of playedDialects) {
    for (const ending of endings) {
      for (let round = 0; round < answers; round += 1) {
        const { id, ...counts } = await answerOnce({ url: gateway.url, wall, dialect, ending, random });
        told.set(id, { ...counts, kind: `${dialect} ${ending}` });
      }
    }
  }
  await eventually('the provider is let go', () => wall.stats().open === 0);
  await gateway.terminate();
  const { attempts, measures } = await site.audit();
  await wall.close();
  await site.stop();
  const wrong = attempts.filter((row) => !isAsTold(row, told.get(String(row.request_id))));
  const [first] = wrong;
  return named(`tokens of ${told.size} answers in ${playedDialects.length} dialects`, [
    exactly({ name: 'attempts', value: attempts.length, bound: told.size }),
    exactly({
      name: 'whose counts are not the provider\u2019s own',
      value: wrong.length,
      bound: 0,
      ...(first !== undefined && { detail: difference(first, told.get(String(first.request_id))) }),
    }),
    ...measures,
  ]);
}

function isAsTold(row: LedgerRow, told: Told | undefined): boolean {
  return (
    row.usage_source === 'provider' &&
    Number(row.input_tokens) === told?.input &&
    Number(row.output_tokens) === told.output
  );
}

function difference(row: LedgerRow, told: (Told & { readonly kind: string }) | undefined): string {
  const { usage_source, input_tokens, output_tokens } = row;
  return `${told?.kind}: ${usage_source} ${input_tokens}/${output_tokens}, not ${told?.input}/${told?.output}`;
}

interface Turn {
  readonly url: string;
  readonly wall: FakeProvider;
  readonly dialect: PlayedDialect;
  readonly ending: Ending;
  readonly random: () => number;
}

async function answerOnce(turn: Turn): Promise<Told & { readonly id: string }> {
  const { url, wall, dialect, ending, random } = turn;
  const pieces = 4 + Math.floor(random() * 12);
  const text = Array.from({ length: pieces }, (_, place) => `piece${place}. `);
  const usage = { input: 50 + Math.floor(random() * 5_000), output: 100 + Math.floor(random() * 500), cacheRead: 7 };
  const model = modelAt(dialect);
  if (ending === 'whole' || ending === 'streamed') {
    wall.script({ text, usage });
    const id = await ask({ url, model, stream: ending === 'streamed' });
    return { id, input: usage.input, output: usage.output };
  }
  const { bytes, output, marker } = await brokenStream({ ...turn, answer: { text, usage, fault: 'cumulative' } });
  wall.script({
    headers: { 'content-type': dialectOf(dialect).stream.framing.mediaType },
    body: [bytes, ' '],
    fault: ending === 'cut by the provider' ? 'cut(1)' : 'stall(1)',
  });
  const leaveAt = ending === 'cut by the provider' ? undefined : marker;
  const id = await ask({ url, model, stream: true, ...(leaveAt !== undefined && { leaveAt }) });
  return { id, input: usage.input, output };
}

interface BrokenStream {
  readonly bytes: Buffer;
  /** The last count of the answer's tokens in it. */
  readonly output: number;
  /** The last piece of text in it. */
  readonly marker: string;
}

const countOfOutput = /"(?:completion_tokens|output_tokens|outputTokens|candidatesTokenCount|eval_count)":\s*(\d+)/g;

/** A stream in which the provider counts along, up to the end of a frame with such a count: not the last one. */
async function brokenStream(turn: Turn & { readonly answer: ScriptedAnswer }): Promise<BrokenStream> {
  const { wall, dialect, answer, random } = turn;
  const bytes = await recordStream(wall, dialect, answer);
  const ends = frameEnds(bytes, dialect);
  const counting = ends.filter((end, place) => lastCount(bytes.subarray(ends[place - 1] ?? 0, end)) !== undefined);
  const open = counting.slice(0, -1).filter((end) => (lastCount(bytes.subarray(0, end)) ?? 0) > 0);
  const end = open[Math.floor(random() * open.length)];
  const prefix = bytes.subarray(0, end);
  const marker = prefix
    .toString('latin1')
    .match(/piece\d+\./g)
    ?.at(-1);
  const output = lastCount(prefix);
  if (end === undefined || marker === undefined || output === undefined)
    throw new Error(`${dialect} does not count along.`);
  return { bytes: prefix, output, marker };
}

function lastCount(bytes: Buffer): number | undefined {
  const found = [...bytes.toString('latin1').matchAll(countOfOutput)].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Where each frame of a stream ends. */
function frameEnds(bytes: Buffer, dialect: PlayedDialect): readonly number[] {
  const ends: number[] = [];
  let frames = 0;
  const reader = dialectOf(dialect).stream.framing.reader(() => {
    frames += 1;
  });
  for (let position = 0; position < bytes.length; position += 1) {
    const before = frames;
    reader.push(bytes.subarray(position, position + 1));
    if (frames > before) ends.push(position + 1);
  }
  return ends;
}

interface Question {
  readonly url: string;
  readonly model: string;
  readonly stream: boolean;
  /** Text after which the caller goes. */
  readonly leaveAt?: string;
}

/** Asks and reads, to the end or until it leaves. @returns the request's id */
async function ask({ url, model, stream, leaveAt }: Question): Promise<string> {
  const controller = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Say hello.' }] }),
    signal: controller.signal,
  });
  let text = '';
  try {
    for await (const bytes of response.body ?? []) {
      text += Buffer.from(bytes).toString('latin1');
      if (leaveAt === undefined || !text.includes(leaveAt)) continue;
      // What the provider has sent is with the gateway by now.
      await pause(10);
      controller.abort();
    }
  } catch {
    // It has left, or the stream was broken off.
  }
  return response.headers.get('x-request-id') ?? '';
}
