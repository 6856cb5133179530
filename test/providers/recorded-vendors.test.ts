import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { openaiChat } from '../../src/dialects/openai-chat/index.ts';
import { findProvider } from '../../src/providers/registry.ts';
import { recordedFaults } from '../dialects/openai-chat/recorded.ts';
import {
  bodyText,
  type ChatRecordDigest,
  type CorpusRecord,
  cutsOf,
  type Digest,
  decodeStream,
  describeCorpus,
  digestOf,
  digestOfEvents,
  headerReader,
  recordedDigest,
} from '../support/corpus.ts';

/** Recordings of vendors with an API like OpenAI's, by the provider that reads them. */
const vendors: readonly (readonly [provider: string, folder: string, recordedAs: string])[] = [
  ['xai', 'xai-chat', 'xai'],
  ['openrouter', 'openrouter-chat', 'openrouter'],
  ['perplexity', 'perplexity-chat', 'perplexity'],
  ['cerebras', 'other-chat', 'cerebras'],
  ['zai', 'other-chat', 'zai'],
  // Hosts without a provider of their own are reached as servers of one's own.
  ...['venice', 'alibaba', 'doubleword', 'avian', 'vercel-gateway', 'snowflake', 'databricks', 'moonshot'].map(
    (host) => ['openai-compatible', 'other-chat', host] as const,
  ),
];

function dialectOf(provider: string) {
  const found = findProvider(provider);
  if (found === undefined) throw new Error(provider);
  return found.dialect;
}

type ChatRecord = CorpusRecord & { readonly digest: ChatRecordDigest };

function isAnswer(record: CorpusRecord): record is ChatRecord {
  return record.status === 200 && record.digest?.kind === 'chat' && recordedFaults[record.file] === undefined;
}

function expectedDigest({ folder, digest, finishRaw }: ChatRecord): Digest {
  const expected = recordedDigest(digest);
  // An empty finish reason (Snowflake) is none, and none an end by itself.
  const finish = finishRaw.includes('') || expected.finish === null ? 'stop' : expected.finish;
  if (folder !== 'xai-chat' || expected.usage === null) return { ...expected, finish };
  // xAI leaves reasoning out of `completion_tokens`; here output is all that was generated.
  const { output, reasoning } = expected.usage;
  return { ...expected, usage: { ...expected.usage, output: (output ?? 0) + (reasoning ?? 0) } };
}

/** What a recorded request would be without, were it sent by this provider. */
function droppedFrom(record: CorpusRecord, provider: string): readonly string[] {
  const body: JsonObject = JSON.parse(record.request?.body ?? '');
  const request = openaiChat().request.decode(body, { model: record.model ?? 'm' });
  return dialectOf(provider).request.encode(request, { model: request.model }).dropped;
}

for (const [provider, folder, recordedAs] of vendors) {
  describeCorpus(`what ${recordedAs} answered, read as ${provider}`, [folder], (records) => {
    const own = records.filter((record) => record.provider === recordedAs);

    it('means what the recordings say, however they are cut', () => {
      const answers = own.filter(isAnswer);
      expect(answers.length).toBeGreaterThan(0);
      for (const record of answers) {
        const { file } = record;
        const expected = expectedDigest(record);
        const dialect = dialectOf(provider);
        if (!record.stream) {
          const decoded = dialect.response.decode(JSON.parse(bodyText(record)));
          expect({ file, ...('answer' in decoded && digestOf(decoded.answer)) }).toEqual({ file, ...expected });
          continue;
        }
        for (const { name, chunks } of cutsOf(record)) {
          const events = decodeStream(dialect.stream.decoder(), chunks);
          const found = digestOfEvents(events);
          if (events.at(-1)?.type !== 'done' || !isDeepStrictEqual(found, expected)) {
            expect({ file, name, end: events.at(-1)?.type, ...found }).toEqual({
              file,
              name,
              end: 'done',
              ...expected,
            });
          }
        }
      }
    });

    it('is an error where it was one, with its text', () => {
      for (const record of own.filter(({ status }) => status >= 400)) {
        const { status, headers, body } = record.response;
        const fault = dialectOf(provider).error.decode(status, headerReader(headers), body);
        const text = record.digest?.kind === 'error' ? (record.digest.message ?? '') : '';
        expect({ file: record.file, status: fault.status }).toEqual({ file: record.file, status });
        expect(fault.message).toContain(text.slice(0, 20));
      }
    });
  });
}

for (const [provider, folder] of vendors.slice(0, 3)) {
  describeCorpus(`what ${provider} was asked`, [folder], (records) => {
    it('loses nothing on its way there that the vendor has taken', () => {
      const sent = records.filter(({ request, status }) => request !== undefined && status === 200);
      expect(sent.length).toBeGreaterThan(5);
      for (const record of sent) {
        const { file } = record;
        expect({ file, dropped: droppedFrom(record, provider) }).toEqual({ file, dropped: [] });
      }
    });
  });
}
