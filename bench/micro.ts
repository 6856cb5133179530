import type { DialectName } from '../src/core/dialect-name.ts';
import type { JsonObject } from '../src/core/json.ts';
import type { ChatAnswer, ChatEvent } from '../src/dialects/canonical.ts';
import type { Dialect, ReplyContext, WireEvent } from '../src/dialects/dialect.ts';
import { dialectOf } from '../src/dialects/index.ts';
import { parseRequestBody } from '../src/wire/parse-request-body.ts';
import { scanJson } from '../src/wire/scan-json.ts';
import { spliceJson } from '../src/wire/splice-json.ts';
import { SseDecoder } from '../src/wire/sse-decoder.ts';
import { upstreams } from './exchange/check-answer.ts';
import { openaiRequest } from './exchange/openai.ts';
import { chunksPerStream } from './exchange/text.ts';
import type { Upstream } from './exchange/upstream.ts';
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
const dialectNames: Readonly<Record<Upstream['name'], DialectName>> = {
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
};

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
  ...Object.values(upstreams).flatMap(operationsOf),
];

function operationsOf(upstream: Upstream): readonly Operation[] {
  const name = dialectNames[upstream.name];
  const dialect = dialectOf(name);
  const requestBody: JsonObject = JSON.parse(upstream.request(true));
  const request = dialect.request.decode(requestBody, { model: upstream.model, stream: true });
  const wholeBody: JsonObject = JSON.parse(upstream.whole);
  const answer = answerOf(dialect.response.decode(wholeBody));
  const bytes = upstream.frames.map((frame) => Buffer.from(frame));
  const wire = wireEvents(bytes);
  const events = chatEvents(name, wire);
  return [
    {
      name: `${name}: decode request, 2 KB`,
      run: () => dialect.request.decode(requestBody, { model: upstream.model }),
    },
    { name: `${name}: encode request, 2 KB`, run: () => dialect.request.encode(request, { model: upstream.model }) },
    { name: `${name}: decode answer, 2 KB`, run: () => dialect.response.decode(wholeBody) },
    { name: `${name}: encode answer, 2 KB`, run: () => dialect.response.encode(answer, reply) },
    { name: `${name}: frame a chunk (SseDecoder)`, run: () => wireEvents(bytes), count: chunksPerStream },
    { name: `${name}: decode a chunk`, run: () => chatEvents(name, wire), count: chunksPerStream },
    { name: `${name}: encode a chunk`, run: () => encodeAll(name, events), count: chunksPerStream },
  ];
}

function answerOf(decoded: ReturnType<Dialect['response']['decode']>): ChatAnswer {
  if ('answer' in decoded) return decoded.answer;
  throw new Error(`The prepared answer was read as a fault: ${decoded.fault.message}`);
}

function wireEvents(chunks: readonly Buffer[]): readonly WireEvent[] {
  const events: WireEvent[] = [];
  const decoder = new SseDecoder(({ event, data }) => {
    if (data !== undefined) events.push({ event, data });
  });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return events;
}

function chatEvents(name: DialectName, wire: readonly WireEvent[]): readonly ChatEvent[] {
  const decoder = dialectOf(name).stream.decoder();
  const events: ChatEvent[] = [];
  for (const event of wire) decoder.push(event, events);
  decoder.end(events);
  return events;
}

function encodeAll(name: DialectName, events: readonly ChatEvent[]): string {
  const encoder = dialectOf(name).stream.encoder(reply);
  let text = '';
  for (const event of events) text += encoder.encode(event);
  return text;
}

/** Microseconds per operation: the median of several batches. */
function timeOf({ run, count = 1 }: Operation): number {
  runFor(run, warmUpMs);
  return median(Array.from({ length: batches }, () => runFor(run, batchMs))) / count;
}

/** @returns microseconds per run */
function runFor(run: () => unknown, milliseconds: number): number {
  const startedAt = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    for (let index = 0; index < 16; index += 1) sink = run();
    runs += 16;
    elapsed = performance.now() - startedAt;
  } while (elapsed < milliseconds);
  return (elapsed * 1000) / runs;
}

const wanted = process.argv.slice(2);
console.log(`node ${process.version}; microseconds per operation, medians of ${batches} batches`);
for (const operation of operations) {
  if (wanted.length > 0 && !wanted.some((part) => operation.name.includes(part))) continue;
  console.log(`${timeOf(operation).toFixed(2).padStart(9)}  ${operation.name}`);
}
if (sink === undefined) process.exitCode = 1;
