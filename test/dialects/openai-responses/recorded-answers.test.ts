import { expect, it } from '@jest/globals';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
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
import { isAnswer, recordedFaults, recordedFolders } from './recorded.ts';

function chatDigest(record: CorpusRecord): ChatRecordDigest {
  if (record.digest?.kind !== 'chat') throw new Error(`${record.file} has no chat digest`);
  return record.digest;
}

/**
 * Summaries of one item are set apart here; the record joins them without anything between. An answer that is still being
 * made in the background, or says `complete` where others say `completed`, has nothing that stopped it.
 */
function comparable(digest: Digest): Digest {
  return { ...digest, reasoning: digest.reasoning.replaceAll('\n', ''), finish: digest.finish ?? 'stop' };
}

function decodeChunks(chunks: Iterable<Uint8Array>): ChatEvent[] {
  return decodeStream(openaiResponses().stream.decoder(), chunks);
}

function decodeWhole(record: CorpusRecord): ChatAnswer {
  const decoded = openaiResponses().response.decode(JSON.parse(bodyText(record)));
  if ('fault' in decoded) throw new Error(decoded.fault.message);
  return decoded.answer;
}

describeCorpus('recorded answers', recordedFolders, (records) => {
  for (const record of records.filter(isAnswer)) {
    const expected = comparable(recordedDigest(chatDigest(record)));
    if (!record.stream) {
      it(`reads ${record.file}`, () => {
        expect(comparable(digestOf(decodeWhole(record)))).toEqual(expected);
      });
      continue;
    }

    it(`PT-01: reads ${record.file} however it is cut`, () => {
      const events = decodeChunks([record.response.body]);
      const whole = JSON.stringify(events);
      expect(comparable(digestOf(collectEvents(events)))).toEqual(expected);
      for (const { name, chunks } of cutsOf(record)) {
        if (JSON.stringify(decodeChunks(chunks)) !== whole) throw new Error(`differs when cut ${name}`);
      }
    });

    const { body } = record.response;
    if (body.length <= everyByteLimit) {
      it(`PT-01: reads ${record.file} cut in two at every byte`, () => {
        const whole = JSON.stringify(decodeChunks([body]));
        for (const { name, chunks } of everyByteCuts(body)) {
          if (JSON.stringify(decodeChunks(chunks)) !== whole) throw new Error(`differs when cut ${name}`);
        }
      });
    }

    it(`PT-06: never takes ${record.file} for complete before its end`, () => {
      const frames = bodyText(record).split('\n\n');
      const last = frames.findIndex((frame) => /"type": ?"response\.(?:completed|incomplete)"/.test(frame));
      const step = Math.ceil(frames.length / 40);
      for (let kept = 0; kept <= last; kept += step) {
        const events = decodeChunks([Buffer.from(frames.slice(0, kept).join('\n\n'))]);
        if (events.some((event) => event.type === 'done')) throw new Error(`taken for complete at frame ${kept}`);
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
      const events = decodeChunks([record.response.body]);
      expect(events.at(-1)).toMatchObject({ type: 'error', fault: { kind } });
      expect(digestOfEvents(events).text).toBe(recordedDigest(chatDigest(record)).text);
    });
  }
});
