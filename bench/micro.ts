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
interface Operation {
  readonly name: string;
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

const operations: readonly Operation[] = [
  { name: 'JSON.parse, 2 KB request (for comparison)', run: () => JSON.parse(requestBytes.toString()) },
  { name: 'scanJson, 2 KB request', run: () => scanJson(requestBytes, 100) },
  { name: 'parseRequestBody, 2 KB request', run: () => parseRequestBody(requestBytes) },
  {
    name: 'spliceJson, model and stream_options',
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
  return [
    { name: `${name}: decode request, 2 KB`, run: () => dialect.request.decode(requestBody, origin) },
    { name: `${name}: encode request, 2 KB`, run: () => dialect.request.encode(request, { model }) },
    { name: `${name}: decode answer, 2 KB`, run: () => dialect.response.decode(wholeBody) },
    { name: `${name}: encode answer, 2 KB`, run: () => dialect.response.encode(answer, reply) },
    { name: `${name}: frame a chunk`, run: () => wireEvents(dialect, bytes), count: chunksPerStream },
    { name: `${name}: decode a chunk`, run: () => chatEvents(dialect, wire), count: chunksPerStream },
    { name: `${name}: encode a chunk`, run: () => encodeAll(dialect, events), count: chunksPerStream },
    {
      name: `${name}: translate a chunk to ${foreign.name}`,
      run: () => encodeAll(foreign, chatEvents(dialect, wireEvents(dialect, bytes))),
      count: chunksPerStream,
    },
  ];
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

/** Microseconds per operation: the median of several batches. */
function timeOf({ run, count = 1 }: Operation): number {
  runFor(run, warmUpMs);
  return median(Array.from({ length: batches }, () => runFor(run, batchMs))) / count;
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

const wanted = process.argv.slice(2);
console.log(`node ${process.version}; microseconds of processor time per operation, medians of ${batches} batches`);
for (const operation of operations) {
  if (wanted.length > 0 && !wanted.some((part) => operation.name.includes(part))) continue;
  console.log(`${timeOf(operation).toFixed(2).padStart(9)}  ${operation.name}`);
}
if (sink === undefined) process.exitCode = 1;
