import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from '@jest/globals';
import type { ChatAnswer, ChatEvent, Choice } from '../../src/dialects/canonical.ts';
import { collectEvents } from '../../src/dialects/collect.ts';
import type { HeaderReader, StreamDecoder, WireEvent } from '../../src/dialects/dialect.ts';
import { serverSentEvents } from '../../src/wire/sse-framing.ts';
import type { StreamFraming } from '../../src/wire/stream-framing.ts';
import { seededRandom } from './manual-runtime.ts';

/*
 * Recorded exchanges with real providers. They are not part of the project: tests that use them are reported as not run
 * where the folder is missing, and always run where it is there.
 */

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../shared/corpus');

/** Whether the recordings are on this machine. */
export const corpusPresent = existsSync(path.join(root, 'INDEX.json'));

/** One recorded exchange. */
export interface CorpusRecord {
  /** `folder/file name`. */
  readonly file: string;
  readonly id: string;
  readonly folder: string;
  readonly provider: string;
  readonly model: string | null;
  /** Whether the response body is a stream. */
  readonly stream: boolean;
  readonly status: number;
  readonly features: ReadonlySet<string>;
  /** Finish reasons as the provider spelt them. */
  readonly finishRaw: readonly string[];
  readonly provenance: string;
  readonly endpoint: string;
  readonly request:
    | {
        readonly method: string;
        readonly path: string;
        readonly query: unknown;
        readonly headers: Readonly<Record<string, string>>;
        /** The JSON text that was sent. */
        readonly body: string;
      }
    | undefined;
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly contentType: string | null;
    readonly body: Uint8Array;
    /** Byte lengths of the chunks as they came off the socket, where the recorder kept them. */
    readonly wireChunks: readonly number[] | undefined;
  };
  readonly digest: RecordDigest | null;
}

/** What a recorded answer means, as the corpus read it. */
export type RecordDigest = ChatRecordDigest | ErrorRecordDigest | EmbeddingRecordDigest;

export interface EmbeddingRecordDigest {
  readonly kind: 'embedding';
  readonly vectors: number;
  readonly dims: number;
  /** The first numbers of the first vector, as 32-bit floats. */
  readonly first4: readonly number[];
  readonly usage: { readonly input: number | null; readonly total: number | null };
}

export interface ChatRecordDigest {
  readonly kind: 'chat';
  readonly text: string;
  readonly reasoning?: string;
  readonly refusal?: string;
  readonly tool_calls: readonly {
    readonly name: string;
    readonly args?: unknown;
    readonly args_raw_invalid_json?: string;
    readonly args_was_empty?: boolean;
  }[];
  readonly finish_raw?: string | null;
  readonly finish: string | null;
  readonly usage?: {
    readonly input: number | null;
    readonly output: number | null;
    readonly total: number | null;
    readonly cache_read: number | null;
    readonly cache_write: number | null;
    readonly reasoning: number | null;
    readonly tool_use_prompt?: number | null;
  };
  readonly n_choices?: number;
  /** How many signatures the answer carries. */
  readonly signatures?: number;
  readonly error?: unknown;
}

export interface ErrorRecordDigest {
  readonly kind: 'error';
  readonly message: string | null;
  readonly type?: string | null;
  readonly code: string | number | null;
  readonly status?: string | number | null;
  readonly param?: string | null;
}

/**
 * `describe` over the records of the named folders. Without the recordings one skipped test says so.
 * @throws Error when a named folder is not in the corpus
 */
export function describeCorpus(
  name: string,
  folders: readonly string[],
  body: (records: readonly CorpusRecord[]) => void,
): void {
  if (corpusPresent) describe(name, () => body(corpusRecords(folders)));
  else describe.skip(name, () => it('is not run: the recorded exchanges are not on this machine', () => {}));
}

/** The folders of recordings there are, none where they are not on this machine. */
export function corpusFolders(): readonly string[] {
  if (!corpusPresent) return [];
  const entries = readdirSync(root, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** The records of the named folders, in order of folder and file name. */
export function corpusRecords(folders: readonly string[]): readonly CorpusRecord[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => readRecord(`${folder}/${file}`)),
  );
}

function readRecord(file: string): CorpusRecord {
  const raw = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  return {
    file,
    id: raw.id,
    folder: raw.dialect,
    provider: raw.provider,
    model: raw.model,
    stream: raw.stream,
    status: raw.status,
    features: new Set(raw.features),
    finishRaw: raw.finish_raw,
    provenance: raw.provenance,
    endpoint: raw.endpoint,
    request: raw.request ?? undefined,
    response: {
      status: raw.response.status,
      headers: raw.response.headers,
      contentType: raw.response.content_type,
      body: Buffer.from(raw.response.body, raw.response.body_encoding),
      wireChunks: raw.response.wire_chunks,
    },
    digest: raw.digest,
  };
}

/** The response body as text. */
export function bodyText(record: CorpusRecord): string {
  return Buffer.from(record.response.body).toString('utf8');
}

/** Case-insensitive access to recorded or made-up headers. */
export function headerReader(headers: Readonly<Record<string, string>>): HeaderReader {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => byName.get(name.toLowerCase());
}

// ---- Cuts ----

/** A way the network could have split a body. */
export interface Cut {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** Bodies up to this size are also cut in two at every byte. */
export const everyByteLimit = 4096;

/** The body whole, byte by byte, as recorded off the socket, and in chunks of random size. */
export function cutsOf(record: CorpusRecord, seed = 1): readonly Cut[] {
  const { body, wireChunks } = record.response;
  return [
    { name: 'whole', chunks: [body] },
    { name: 'byte by byte', chunks: cutAt(body, 1) },
    ...(wireChunks === undefined ? [] : [{ name: 'as recorded', chunks: cutInto(body, wireChunks) }]),
    { name: `random (seed ${seed})`, chunks: cutRandomly(body, seed) },
  ];
}

/** The body cut in two, once at every byte; nothing for bodies over `everyByteLimit`. */
export function* everyByteCuts(body: Uint8Array): Generator<Cut> {
  if (body.length > everyByteLimit) return;
  for (let at = 1; at < body.length; at += 1) {
    yield { name: `at byte ${at}`, chunks: [body.subarray(0, at), body.subarray(at)] };
  }
}

function cutAt(body: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += size) chunks.push(body.subarray(start, start + size));
  return chunks;
}

function cutInto(body: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return body.subarray(start - length, start);
  });
}

function cutRandomly(body: Uint8Array, seed: number): Uint8Array[] {
  const random = seededRandom(seed);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < body.length; ) {
    const length = 1 + Math.floor(random() * 97);
    chunks.push(body.subarray(start, start + length));
    start += length;
  }
  return chunks;
}

// ---- Bytes to events ----

/** The frames of a stream that carry data. */
export function wireEvents(chunks: Iterable<Uint8Array>, framing: StreamFraming = serverSentEvents): WireEvent[] {
  const events: WireEvent[] = [];
  const reader = framing.reader(({ event, data }) => {
    if (data !== undefined) events.push({ event, data });
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

/** What a stream decoder makes of wire events. Like the real reader it stops listening after `error` and `done`. */
export function decodeWireEvents(decoder: StreamDecoder, events: Iterable<WireEvent>): ChatEvent[] {
  const out: ChatEvent[] = [];
  for (const event of events) {
    decoder.push(event, out);
    if (isOver(out)) return out;
  }
  decoder.end(out);
  return out;
}

function isOver(events: readonly ChatEvent[]): boolean {
  const last = events.at(-1)?.type;
  return last === 'error' || last === 'done';
}

/** Bytes through the reader of their framing and a stream decoder. */
export function decodeStream(
  decoder: StreamDecoder,
  chunks: Iterable<Uint8Array>,
  framing: StreamFraming = serverSentEvents,
): ChatEvent[] {
  return decodeWireEvents(decoder, wireEvents(chunks, framing));
}

// ---- Digests ----

/** What an answer means, comparable between a record and our reading of it. */
export interface Digest {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly toolCalls: readonly { readonly name: string; readonly args?: unknown; readonly invalidJson?: string }[];
  /** Null when the stream broke off. */
  readonly finish: string | null;
  readonly usage: DigestUsage | null;
}

export interface DigestUsage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly reasoning: number | null;
}

/** The digest of the first choice of an answer. */
export function digestOf(answer: ChatAnswer): Digest {
  const choice = answer.choices.find(({ index }) => index === 0);
  const usage = answer.usage;
  return {
    text: joined(choice, 'text'),
    reasoning: joined(choice, 'reasoning'),
    refusal: joined(choice, 'refusal'),
    toolCalls: (choice?.parts ?? []).flatMap((part) =>
      part.type === 'tool-call' ? [{ name: part.name, ...parsedArguments(part.arguments) }] : [],
    ),
    finish: choice?.finishReason ?? null,
    usage:
      usage === undefined
        ? null
        : {
            input: usage.inputTokens,
            output: usage.outputTokens,
            cacheRead: usage.cacheReadTokens ?? null,
            cacheWrite: usage.cacheWriteTokens ?? null,
            reasoning: usage.reasoningTokens ?? null,
          },
  };
}

/** The digest of a stream, also of one that broke off or ended in an error. */
export function digestOfEvents(events: readonly ChatEvent[]): Digest {
  const last = events.at(-1)?.type;
  if (last === 'done') return digestOf(collectEvents(events));
  const received = last === 'error' ? events.slice(0, -1) : events;
  const finished = new Set(received.flatMap((event) => (event.type === 'finish' ? [event.choice] : [])));
  const open = new Set(received.flatMap((event) => ('choice' in event ? [event.choice ?? 0] : [])));
  const closing = [...open]
    .filter((choice) => !finished.has(choice))
    .map((choice): ChatEvent => ({ type: 'finish', choice, reason: 'stop' }));
  const digest = digestOf(collectEvents([...received, ...closing, { type: 'done' }]));
  return finished.has(0) ? digest : { ...digest, finish: null };
}

/** What the record says, in the same shape. */
export function recordedDigest(digest: ChatRecordDigest): Digest {
  const usage = digest.usage;
  return {
    text: digest.text,
    reasoning: digest.reasoning ?? '',
    refusal: digest.refusal ?? '',
    toolCalls: digest.tool_calls.map((call) => ({
      name: call.name,
      ...(call.args_raw_invalid_json !== undefined ? { invalidJson: call.args_raw_invalid_json } : { args: call.args }),
    })),
    finish: digest.finish,
    usage:
      usage === undefined
        ? null
        : {
            input: usage.input,
            output: usage.output,
            cacheRead: usage.cache_read,
            cacheWrite: usage.cache_write,
            reasoning: usage.reasoning,
          },
  };
}

function joined(choice: Choice | undefined, type: 'text' | 'reasoning' | 'refusal'): string {
  return (choice?.parts ?? []).map((part) => (part.type === type ? part.text : '')).join('');
}

function parsedArguments(text: string): { args: unknown } | { invalidJson: string } {
  try {
    return { args: JSON.parse(text) };
  } catch {
    return { invalidJson: text };
  }
}
