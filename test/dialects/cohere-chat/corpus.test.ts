import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { asObject, asString, type JsonObject } from '../../../src/core/json.ts';
import type { ChatAnswer, FaultKind } from '../../../src/dialects/canonical.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import { dialects } from '../../../src/dialects/index.ts';
import { cohereStreamProblems } from '../../support/cohere-stream-grammar.ts';
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
  headerReader,
  recordedDigest,
} from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { replyFor } from '../contract/samples.ts';
import { equivalentRequest } from './equivalent.ts';

const folders = ['cohere-chat-v2'];
const cohere = cohereChat();

type ChatRecord = CorpusRecord & { readonly digest: ChatRecordDigest };

function isChat(record: CorpusRecord): record is ChatRecord {
  return record.status === 200 && record.digest?.kind === 'chat';
}

/** Records of whole answers, or of streams that did not fail. */
function isComplete(record: CorpusRecord): record is ChatRecord {
  return isChat(record) && record.digest.finish !== null;
}

/** The digest of a record. It has the plan apart, which to us is reasoning: what the model writes for itself. */
function expectedDigest({ digest }: ChatRecord): Digest {
  const recorded = recordedDigest(digest);
  const plan = 'tool_plan' in digest ? asString(digest.tool_plan) : undefined;
  return { ...recorded, reasoning: recorded.reasoning + (plan ?? '') };
}

function answerOf(record: CorpusRecord): ChatAnswer {
  if (record.stream) return collectEvents(decodeStream(cohere.stream.decoder(), [record.response.body]));
  const decoded = cohere.response.decode(deepFreeze(JSON.parse(bodyText(record))));
  if ('fault' in decoded) throw new Error(`${record.file} was read as a fault`);
  return deepFreeze(decoded.answer);
}

describeCorpus('recorded answers', folders, (records) => {
  const chats = records.filter(isChat);

  for (const record of chats.filter(({ stream }) => !stream)) {
    it(`mean what ${record.file} says`, () => {
      expect(digestOf(answerOf(record))).toEqual(expectedDigest(record));
    });
  }

  for (const record of chats.filter(({ stream }) => stream)) {
    it(`mean what ${record.file} says, however they were cut`, () => {
      const expected = expectedDigest(record);
      for (const cut of [...cutsOf(record), ...everyByteCuts(record.response.body)]) {
        const found = digestOfEvents(decodeStream(cohere.stream.decoder(), cut.chunks));
        if (!isDeepStrictEqual(found, expected)) {
          expect({ cut: cut.name, ...found }).toEqual({ cut: cut.name, ...expected });
        }
      }
    });
  }

  it('that failed in the middle are failures, with their reason', () => {
    const [failed, ...others] = chats.filter(({ digest }) => digest.finish === null);
    const events = decodeStream(cohere.stream.decoder(), [failed?.response.body ?? new Uint8Array()]);
    expect(others).toEqual([]);
    expect(events.at(-1)).toEqual({
      type: 'error',
      fault: { kind: 'server_error', message: failed?.digest.error, code: 'INVALID_TOOL_GENERATION' },
    });
  });

  it('come out as they came in, when they are whole', () => {
    for (const record of chats.filter(({ stream }) => !stream)) {
      const body: JsonObject = JSON.parse(bodyText(record));
      const answer = answerOf(record);
      expect({ file: record.file, ...cohere.response.encode(answer, replyFor(answer)) }).toEqual({
        file: record.file,
        ...body,
      });
    }
  });

  it('come out as streams that mean the same, in proper events', () => {
    for (const record of chats.filter(isComplete)) {
      const answer = answerOf(record);
      const events = record.stream
        ? decodeStream(cohere.stream.decoder(), [record.response.body])
        : answerToEvents({ ...answer, choices: answer.choices.map(({ extensions: _, ...choice }) => choice) });
      const encoder = cohere.stream.encoder(replyFor(answer));
      const text = events.map((event) => encoder.encode(event)).join('');
      expect({ file: record.file, problems: cohereStreamProblems(text) }).toEqual({ file: record.file, problems: [] });
      const again = collectEvents(decodeStream(cohere.stream.decoder(), [Buffer.from(text)]));
      expect(again).toEqual(collectEvents(events));
    }
  });

  it('keep billed units for Cohere callers, and count tokens for everybody', () => {
    const record = chats.find(({ file }) => file.includes('2ec491c4ed'));
    if (record === undefined) return;
    const answer = answerOf(record);
    expect(answer.usage).toEqual({ inputTokens: 500, outputTokens: 4, cacheReadTokens: 464 });
    expect(answer.extensions).toEqual({
      'cohere-chat': { usage: { billed_units: { input_tokens: 5, output_tokens: 2 } } },
    });
  });
});

const otherFolders = [
  'openai-chat',
  'groq-chat',
  'deepseek-chat',
  'mistral-chat',
  'anthropic-messages',
  'gemini-generate',
];
const readerOf: Readonly<Record<string, keyof typeof dialects>> = {
  'anthropic-messages': 'anthropic-messages',
  'gemini-generate': 'gemini',
};

describeCorpus('recorded streams of other providers', otherFolders, (records) => {
  it('reach a Cohere caller in proper events, with the same meaning', () => {
    let compared = 0;
    for (const record of records.filter((candidate) => candidate.stream && isComplete(candidate))) {
      const reader = dialects[readerOf[record.folder] ?? 'openai-chat'];
      const events = decodeStream(reader.stream.decoder(), [record.response.body]);
      if (events.at(-1)?.type !== 'done') continue;
      const encoder = cohere.stream.encoder(replyFor(collectEvents(events)));
      const text = events.map((event) => encoder.encode(event)).join('');
      const { file } = record;
      expect({ file, problems: cohereStreamProblems(text) }).toEqual({ file, problems: [] });
      const { text: said, toolCalls, finish, refusal } = digestOf(collectEvents(events));
      const again = digestOf(collectEvents(decodeStream(cohere.stream.decoder(), [Buffer.from(text)])));
      expect({ file, ...again }).toMatchObject({ file, text: said + refusal, toolCalls, finish });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(100);
  });
});

describeCorpus('recorded requests', folders, (records) => {
  for (const record of records.filter(({ request, status }) => request !== undefined && status === 200)) {
    it(`keep their meaning through both codecs: ${record.file}`, () => {
      const body: JsonObject = deepFreeze(JSON.parse(record.request?.body ?? ''));
      const model = asString(body.model) ?? '';
      const decoded = deepFreeze(cohere.request.decode(body, {}));
      const encoded = cohere.request.encode(decoded, { model });
      expect(encoded.dropped).toEqual([]);
      expect(equivalentRequest(encoded.body)).toEqual(equivalentRequest(body));
    });

    it(`pass through as they are to the model they name: ${record.file}`, () => {
      const body: JsonObject = JSON.parse(record.request?.body ?? '');
      const model = asString(body.model) ?? '';
      expect(cohere.request.passThrough(body, { model })).toEqual([]);
      const like = `${model}-eu`;
      expect(cohere.request.passThrough(body, { model: like })).toEqual([['model', JSON.stringify(like)]]);
    });
  }
});

const kinds: Readonly<Record<number, FaultKind>> = {
  400: 'invalid_request',
  401: 'auth',
  404: 'model_not_found',
  429: 'rate_limit',
};

describeCorpus('recorded errors', folders, (records) => {
  for (const record of records.filter(({ status }) => status >= 400)) {
    it(`are read by their status: ${record.file}`, () => {
      if (record.digest?.kind !== 'error') throw new Error('no error');
      const headers = headerReader(record.response.headers);
      expect(cohere.error.decode(record.status, headers, record.response.body)).toEqual({
        kind: kinds[record.status],
        status: record.status,
        // What stands for a key in the recording is masked like one.
        message: record.digest.message?.replace(/\*{4,}\S*/, '***'),
      });
    });
  }
});

describeCorpus('recordings of the first version of the API', ['cohere-chat-v1'], (records) => {
  it('are not spoken: requests are refused and answers are no answers', () => {
    const chats = records.filter(({ request, status }) => request !== undefined && status === 200);
    expect(chats.length).toBeGreaterThan(5);
    for (const record of chats) {
      const body: JsonObject = JSON.parse(record.request?.body ?? '');
      expect(() => cohere.request.decode({ ...body, model: 'm' }, {})).toThrow(
        expect.objectContaining({ code: 'invalid_request', param: 'messages' }),
      );
      if (record.stream) continue;
      const answer = asObject(JSON.parse(bodyText(record))) ?? {};
      expect(() => cohere.response.decode(answer)).toThrow(
        expect.objectContaining({ code: 'upstream_invalid_response' }),
      );
    }
  });
});
