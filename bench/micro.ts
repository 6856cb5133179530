import type { JsonObject } from '../src/core/json.ts';
import type { ChatAnswer, ChatEvent } from '../src/dialects/canonical.ts';
import type { Dialect, ReplyContext, WireEvent } from '../src/dialects/dialect.ts';
import { dialectOf } from '../src/dialects/index.ts';
import { parseRequestBody } from '../src/wire/parse-request-body.ts';
import { scanJson } from '../src/wire/scan-json.ts';
import { spliceJson } from '../src/wire/splice-json.ts';
import type { Exchange } from './exchange/exchange.ts';
import { exchanges } from './exchange/index.ts';
import { openaiRequest } from './exchange/openai.ts';
import { chunksPerStream } from './exchange/text.ts';
import { median } from './statistics.ts';

/** Something small that happens once per request or per chunk. */
export interface Operation {
  /** Begins with `micro:`, the kind of work and the dialect, as `--only` takes it. */
  readonly name: string;
  readonly title: string;
  /** Part of the quick mode; the others are measured in the full one, or when they are named. */
  readonly quick: boolean;
  readonly run: () => unknown;
  /** How many operations one `run` is; figures are for one. */
  readonly count?: number;
}

const warmUpMs = 200;
const batchMs = 60;
const batches = 7;

const reply: ReplyContext = {
  model: 'gpt-4o',
  fallbackId: 'chatcmpl-bench',
  created: 1_760_000_000,
  includeUsage: false,
};
const requestBytes = Buffer.from(openaiRequest('openai/gpt-4o', true));
const requestMembers = scanJson(requestBytes, 100).members;
/** Keeps results reachable, so that the optimiser cannot leave the work out. */
let sink: unknown;

export const operations: readonly Operation[] = [
  {
    name: 'micro:json-parse',
    title: 'JSON.parse, 2 KB request (for comparison)',
    quick: false,
    run: () => JSON.parse(requestBytes.toString()),
  },
  {
    name: 'micro:scan-json',
    title: 'scanJson, 2 KB request',
    quick: false,
    run: () => scanJson(requestBytes, 100),
  },
  {
    name: 'micro:parse-request-body',
    title: 'parseRequestBody, 2 KB request',
    quick: false,
    run: () => parseRequestBody(requestBytes),
  },
  {
    name: 'micro:splice-json',
    title: 'spliceJson, model and stream_options',
    quick: false,
    run: () =>
      spliceJson(requestBytes, requestMembers, [
        ['model', '"gpt-4o"'],
        ['stream_options', '{"include_usage":true}'],
      ]),
  },
  ...Object.values(exchanges).flatMap(operationsOf),
];

function operationsOf(exchange: Exchange): readonly Operation[] {
  const { dialect: name, model, origin = {} } = exchange;
  const dialect = dialectOf(name);
  const requestBody: JsonObject = JSON.parse(exchange.request(true));
  const request = dialect.request.decode(requestBody, origin);
  const wholeBody: JsonObject = JSON.parse(exchange.whole);
  const answer = answerOf(dialect.response.decode(wholeBody));
  const bytes = exchange.frames.map((frame) => Buffer.from(frame));
  const wire = wireEvents(dialect, bytes);
  const events = chatEvents(dialect, wire);
  const foreign = dialectOf(name === 'openai-chat' ? 'anthropic-messages' : 'openai-chat');
  const timed: readonly (Pick<Operation, 'run' | 'count'> & { readonly kind: string; readonly what: string })[] = [
    { kind: 'decode-request', what: 'decode request, 2 KB', run: () => dialect.request.decode(requestBody, origin) },
    { kind: 'encode-request', what: 'encode request, 2 KB', run: () => dialect.request.encode(request, { model }) },
    { kind: 'decode-answer', what: 'decode answer, 2 KB', run: () => dialect.response.decode(wholeBody) },
    { kind: 'encode-answer', what: 'encode answer, 2 KB', run: () => dialect.response.encode(answer, reply) },
    { kind: 'frame-chunk', what: 'frame a chunk', run: () => wireEvents(dialect, bytes), count: chunksPerStream },
    { kind: 'decode-chunk', what: 'decode a chunk', run: () => chatEvents(dialect, wire), count: chunksPerStream },
    { kind: 'encode-chunk', what: 'encode a chunk', run: () => encodeAll(dialect, events), count: chunksPerStream },
    {
      kind: 'translate-chunk',
      what: `translate a chunk to ${foreign.name}`,
      run: () => encodeAll(foreign, chatEvents(dialect, wireEvents(dialect, bytes))),
      count: chunksPerStream,
    },
  ];
  return timed.map(({ kind, what, ...work }) => ({
    name: `micro:${kind}:${name}`,
    title: `${name}: ${what}`,
    quick: kind === 'translate-chunk',
    ...work,
  }));
}

function answerOf(decoded: ReturnType<Dialect['response']['decode']>): ChatAnswer {
  if ('answer' in decoded) return decoded.answer;
  throw new Error(`The prepared answer was read as a fault: ${decoded.fault.message}`);
}

function wireEvents(dialect: Dialect, chunks: readonly Buffer[]): readonly WireEvent[] {
  const events: WireEvent[] = [];
  const reader = dialect.stream.framing.reader(({ event, data }) => {
    if (data !== undefined) events.push({ event, data });
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

/** @throws Error when the prepared stream is not whole: its figures would be of something else */
function chatEvents(dialect: Dialect, wire: readonly WireEvent[]): readonly ChatEvent[] {
  const decoder = dialect.stream.decoder();
  const events: ChatEvent[] = [];
  for (const event of wire) decoder.push(event, events);
  decoder.end(events);
  if (events.at(-1)?.type !== 'done') throw new Error(`The prepared stream of ${dialect.name} is not whole.`);
  return events;
}

function encodeAll(dialect: Dialect, events: readonly ChatEvent[]): readonly (string | Uint8Array)[] {
  const encoder = dialect.stream.encoder(reply);
  return events.map((event) => encoder.encode(event));
}

/** Microseconds of processor time per operation: the median of several batches. */
export function timeOf({ run, count = 1 }: Operation): number {
  runFor(run, warmUpMs);
  const perRun = median(Array.from({ length: batches }, () => runFor(run, batchMs)));
  if (sink === undefined) throw new Error('An operation gave nothing: its figures would be of nothing.');
  return perRun / count;
}

/** @returns microseconds of processor time per run, garbage collection included: what else the machine does is left out */
function runFor(run: () => unknown, milliseconds: number): number {
  const before = process.cpuUsage();
  let runs = 0;
  let spent = 0;
  do {
    for (let index = 0; index < 16; index += 1) sink = run();
    runs += 16;
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  } while (spent < milliseconds * 1000);
  return spent / runs;
}
