import { expect, it } from '@jest/globals';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
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
  everyByteCuts,
  everyByteLimit,
  recordedDigest,
} from '../../support/corpus.ts';
import { recordedFaults, recordedFolders, variantOf } from './recorded.ts';

/** Where an answer is read differently from the record on purpose. */
type Change = (digest: Digest, record: CorpusRecord) => Digest;

const namedToolChoice: Change = (digest) => ({ ...digest, finish: 'tool_calls' });
const numCachedTokens = (cacheRead: number): Change => {
  return (digest) => ({ ...digest, usage: digest.usage && { ...digest.usage, cacheRead } });
};
const inferredStop: Change = (digest) => ({ ...digest, finish: 'stop' });
const legacyCall =
  (name: string, args: unknown): Change =>
  (digest) => ({ ...digest, finish: 'tool_calls', toolCalls: [{ name, args }] });

const changes: Readonly<Record<string, Change>> = {
  // A call that was made is `tool_calls`, though OpenAI says `stop` after a named tool choice.
  'openai-chat/555cdd6680-json-tool-call-system-multi-turn.json': namedToolChoice,
  'openai-chat/97a7398920-json-tool-call-system.json': namedToolChoice,
  'openai-chat/b14ac5fe24-stream-tool-call.json': namedToolChoice,
  'openai-chat/c6a037535c-json-tool-call.json': namedToolChoice,
  'azure-chat/406f704356-stream-tool-call.json': namedToolChoice,
  'azure-chat/5726d82e5a-stream-tool-call.json': namedToolChoice,
  'azure-chat/81c311b305-json-tool-call.json': namedToolChoice,
  // The form before tools is a call as well.
  'openai-chat/4084873906-json-misc.json': legacyCall('get_weather', { location: 'Boston' }),
  'openai-chat/a3b6afe8ac-json-misc.json': legacyCall('get_weather', { city: 'New York City' }),
  // OpenAI's audio models send no finish reason in streams.
  'openai-chat/880bf0ba50-stream-misc.json': inferredStop,
  'openai-chat/9046bbec65-stream-multi-turn.json': inferredStop,
  // Snowflake neither.
  'other-chat/fa31031be6-stream-logprobs-text.json': inferredStop,
  // Mistral's `num_cached_tokens` counts what the cache served.
  'mistral-chat/039d8cec59-json-tool-result-file-multi-turn.json': numCachedTokens(0),
  'mistral-chat/59aad1baa0-json-tool-result-image-base64-image-url.json': numCachedTokens(0),
  'mistral-chat/8daf9a00a2-json-tool-result-image-url-cache-read.json': numCachedTokens(48),
  'mistral-chat/cbeefeeff9-json-tool-result-image-base64-cache-read.json': numCachedTokens(48),
};

function expectedDigest(record: CorpusRecord, digest: ChatRecordDigest): Digest {
  const change = changes[record.file];
  const expected = recordedDigest(digest);
  if (change !== undefined) return change(expected, record);
  // Snowflake's empty finish reason is none: it ended by itself.
  if (record.finishRaw.includes('')) return inferredStop(expected, record);
  if (record.folder !== 'xai-chat' || expected.usage === null) return expected;
  // xAI leaves reasoning out of `completion_tokens`; here output is all that was generated.
  const { output, reasoning } = expected.usage;
  return { ...expected, usage: { ...expected.usage, output: (output ?? 0) + (reasoning ?? 0) } };
}

function isAnswer(record: CorpusRecord): boolean {
  return record.digest?.kind === 'chat' && recordedFaults[record.file] === undefined;
}

function chatDigest(record: CorpusRecord): ChatRecordDigest {
  if (record.digest?.kind !== 'chat') throw new Error(`${record.file} has no chat digest`);
  return record.digest;
}

function decodeChunks(record: CorpusRecord, chunks: Iterable<Uint8Array>): ChatEvent[] {
  return decodeStream(openaiChat(variantOf(record)).stream.decoder(), chunks);
}

function decodeWhole(record: CorpusRecord): ChatAnswer {
  const decoded = openaiChat(variantOf(record)).response.decode(JSON.parse(bodyText(record)));
  if ('fault' in decoded) throw new Error(decoded.fault.message);
  return decoded.answer;
}

describeCorpus('recorded answers', recordedFolders, (records) => {
  for (const record of records.filter(isAnswer)) {
    const expected = expectedDigest(record, chatDigest(record));
    if (!record.stream) {
      it(`reads ${record.file}`, () => {
        expect(digestOf(decodeWhole(record))).toEqual(expected);
      });
      continue;
    }

    it(`PT-01: reads ${record.file} however it is cut`, () => {
      const whole = decodeChunks(record, [record.response.body]);
      expect(digestOf(collectEvents(whole))).toEqual(expected);
      for (const { name, chunks } of cutsOf(record)) {
        expect({ name, events: decodeChunks(record, chunks) }).toEqual({ name, events: whole });
      }
    });

    const { body } = record.response;
    if (body.length <= everyByteLimit) {
      it(`PT-01: reads ${record.file} cut in two at every byte`, () => {
        const whole = JSON.stringify(decodeChunks(record, [body]));
        for (const { name, chunks } of everyByteCuts(body)) {
          if (JSON.stringify(decodeChunks(record, chunks)) !== whole) throw new Error(`differs when cut ${name}`);
        }
      });
    }

    it(`PT-06: never takes ${record.file} for complete before its end`, () => {
      const frames = bodyText(record).split('\n\n');
      const step = Math.ceil(frames.length / 50);
      for (let kept = 0; kept < frames.length; kept += step) {
        const events = decodeChunks(record, [Buffer.from(frames.slice(0, kept).join('\n\n'))]);
        const done = events.some((event) => event.type === 'done');
        if (done) expect(digestOf(collectEvents(events)).text).toBe(expected.text);
      }
    });
  }

  for (const [file, kind] of Object.entries(recordedFaults)) {
    it(`reads ${file} as a failure`, () => {
      const record = records.find((candidate) => candidate.file === file);
      if (record === undefined) throw new Error('not in the corpus');
      if (!record.stream) {
        expect(() => decodeWhole(record)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
        return;
      }
      const events = decodeChunks(record, [record.response.body]);
      expect(events.at(-1)).toMatchObject({ type: 'error', fault: { kind } });
      const expected = recordedDigest(chatDigest(record));
      expect(digestOfEvents(events)).toMatchObject({ text: expected.text, reasoning: expected.reasoning });
    });
  }
});
