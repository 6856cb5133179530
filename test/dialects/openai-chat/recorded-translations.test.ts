import { expect, it } from '@jest/globals';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import type { ReplyContext } from '../../../src/dialects/dialect.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { bodyText, type CorpusRecord, decodeStream, describeCorpus, digestOf } from '../../support/corpus.ts';
import { chunkProblems } from '../../support/openai-chunk-grammar.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { recordedFaults, recordedFolders, variantOf } from './recorded.ts';

const caller = openaiChat();

function replyFor(includeUsage: boolean): ReplyContext {
  return { model: 'served-model', fallbackId: 'chatcmpl-fallback', created: 1_750_000_000, includeUsage };
}

function eventsOf(record: CorpusRecord): readonly ChatEvent[] {
  const provider = openaiChat(variantOf(record));
  if (record.stream) return decodeStream(provider.stream.decoder(), [record.response.body]);
  const decoded = provider.response.decode(JSON.parse(bodyText(record)));
  if ('fault' in decoded) throw new Error(decoded.fault.message);
  return answerToEvents(decoded.answer);
}

function encodeStream(events: readonly ChatEvent[], includeUsage: boolean): string {
  const encoder = caller.stream.encoder(replyFor(includeUsage));
  return events.map((event) => encoder.encode(event)).join('');
}

function decodeAgain(stream: string): ChatAnswer {
  return collectEvents(decodeStream(caller.stream.decoder(), [Buffer.from(stream)]));
}

describeCorpus('recorded answers for callers', recordedFolders, (records) => {
  const answered = records.filter((record) => record.digest?.kind === 'chat' && !recordedFaults[record.file]);
  for (const record of answered) {
    it(`streams ${record.file} in the grammar clients rely on, with the same meaning`, () => {
      const events = deepFreeze(eventsOf(record));
      const answer = collectEvents(events);
      const usage = answer.usage !== undefined;

      const asked = encodeStream(events, true);
      expect(chunkProblems(asked, { usage })).toEqual([]);
      expect(digestOf(decodeAgain(asked))).toEqual(digestOf(answer));

      const unasked = encodeStream(events, false);
      expect(chunkProblems(unasked, { usage: false })).toEqual([]);
      expect(digestOf(decodeAgain(unasked))).toEqual({ ...digestOf(answer), usage: null });
    });

    it(`writes ${record.file} whole with the same meaning`, () => {
      const answer = deepFreeze(collectEvents(eventsOf(record)));
      const decoded = caller.response.decode(caller.response.encode(answer, replyFor(true)));
      if ('fault' in decoded) throw new Error(decoded.fault.message);
      expect(digestOf(decoded.answer)).toEqual(digestOf(answer));
    });
  }
});
