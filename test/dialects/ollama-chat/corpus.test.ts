import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatAnswer, ChatEvent } from '../../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { ollamaChat } from '../../../src/dialects/ollama-chat/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { newlineDelimitedJson } from '../../../src/wire/ndjson-framing.ts';
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
import { lineProblems } from '../../support/ollama-stream-grammar.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { replyFor } from '../contract/samples.ts';
import { equivalentAnswer, equivalentRequest } from './equivalent.ts';

/*
 * The folder `ollama-generate` is left out on purpose: `POST /api/generate` completes a bare prompt, which is no chat, and
 * is not spoken here.
 */
const folders = ['ollama-chat'];
const ollama = ollamaChat();

/** Where our reading is another one than the record's, and why. */
const otherReadings: Readonly<Record<string, (expected: Digest) => Digest>> = {
  // A fixture with a made-up reason (`custom`), for which the record has no word: unknown ones are natural ends.
  'ollama-chat/266a7d5d02-json-text.json': (expected) => ({ ...expected, finish: 'stop' }),
  // A fixture whose last line has no counts at all: there is no usage to report.
  'ollama-chat/2152b4d97b-stream-reasoning-text.json': (expected) => ({ ...expected, usage: null }),
};

type ChatRecord = CorpusRecord & { readonly digest: ChatRecordDigest };

function isChat(record: CorpusRecord): record is ChatRecord {
  return record.status === 200 && record.digest?.kind === 'chat';
}

/** Records of whole answers, or of streams that were not cut. */
function isComplete(record: CorpusRecord): record is ChatRecord {
  return isChat(record) && record.digest.finish_raw != null;
}

function expectedOf(record: ChatRecord): Digest {
  const expected = recordedDigest(record.digest);
  return otherReadings[record.file]?.(expected) ?? expected;
}

function eventsOf(chunks: Iterable<Uint8Array>): ChatEvent[] {
  return decodeStream(ollama.stream.decoder(), chunks, newlineDelimitedJson);
}

function answerOf(record: CorpusRecord, dialect: Dialect = ollama): ChatAnswer {
  if (record.stream) {
    return collectEvents(decodeStream(dialect.stream.decoder(), [record.response.body], dialect.stream.framing));
  }
  const decoded = dialect.response.decode(deepFreeze(JSON.parse(bodyText(record))));
  if ('fault' in decoded) throw new Error(`${record.file} was read as a fault`);
  return deepFreeze(decoded.answer);
}

describeCorpus('recorded answers', folders, (records) => {
  const chats = records.filter(isChat);

  for (const record of chats.filter(({ stream }) => !stream)) {
    it(`mean what ${record.file} says`, () => {
      expect(digestOf(answerOf(record))).toEqual(expectedOf(record));
    });
  }

  for (const record of chats.filter(({ stream }) => stream)) {
    it(`mean what ${record.file} says, however they were cut`, () => {
      const expected = expectedOf(record);
      for (const cut of [...cutsOf(record), ...everyByteCuts(record.response.body)]) {
        const found = digestOfEvents(eventsOf(cut.chunks));
        if (!isDeepStrictEqual(found, expected)) {
          expect({ cut: cut.name, ...found }).toEqual({ cut: cut.name, ...expected });
        }
      }
    });
  }

  it('come out as they came in, when they are whole', () => {
    for (const record of chats.filter(({ stream, finishRaw }) => !stream && !finishRaw.includes('custom'))) {
      const answer = answerOf(record);
      const body: JsonObject = JSON.parse(bodyText(record));
      expect(equivalentAnswer(ollama.response.encode(answer, replyFor(answer)))).toEqual(equivalentAnswer(body));
    }
  });

  it('come out as streams that mean the same, in proper lines', () => {
    const complete = records.filter(isComplete);
    expect(complete.length).toBeGreaterThan(30);
    for (const record of complete) {
      const answer = answerOf(record);
      const text = encoded(record.stream ? eventsOf([record.response.body]) : answerToEvents(answer), answer);
      expect([record.file, lineProblems(text)]).toEqual([record.file, []]);
      expect(digestOf(collectEvents(eventsOf([Buffer.from(text)])))).toEqual(digestOf(answer));
    }
  });
});

function encoded(events: readonly ChatEvent[], answer: ChatAnswer): string {
  const encoder = ollama.stream.encoder(replyFor(answer));
  return events.map((event) => encoder.encode(event)).join('');
}

const others: readonly (readonly [folder: string, dialect: Dialect])[] = [
  ['openai-chat', openaiChat()],
  ['anthropic-messages', anthropicMessages()],
  ['gemini-generate', gemini()],
];

for (const [folder, dialect] of others) {
  describeCorpus(`recorded streams of ${folder}`, [folder], (records) => {
    const streams = records.filter(
      (record) => isChat(record) && record.stream && record.digest.error === undefined && record.digest.finish !== null,
    );

    it('are proper lines to an Ollama caller, with the same text, thinking and calls', () => {
      let told = 0;
      for (const record of streams) {
        const events = decodeStream(dialect.stream.decoder(), [record.response.body], dialect.stream.framing);
        // What broke off has no end that could be told.
        if (events.at(-1)?.type !== 'done') continue;
        told += 1;
        const answer = collectEvents(events);
        const text = encoded(events, answer);
        expect([record.file, lineProblems(text)]).toEqual([record.file, []]);
        const again = digestOf(collectEvents(eventsOf([Buffer.from(text)])));
        const { text: said, reasoning, refusal, toolCalls } = digestOf(answer);
        expect([record.file, again.text, again.reasoning, again.toolCalls]).toEqual([
          record.file,
          said + refusal,
          reasoning,
          toolCalls.map(({ name, args = {} }) => ({ name, args })),
        ]);
      }
      expect(told).toBeGreaterThan(40);
    });
  });
}

/** Where we say more than the caller did, and why. */
const improved: Readonly<Record<string, (expected: JsonObject) => JsonObject>> = {
  // A result without the name of its tool, which the call before it has.
  'ollama-chat/6aeaf57fe3-json-tool-result-multi-turn-text.json': ({ messages, ...rest }) => ({
    ...rest,
    messages: asArray(messages).map((message) =>
      asObject(message)?.role === 'tool' ? { ...asObject(message), tool_name: 'get_current_weather' } : message,
    ),
  }),
};

describeCorpus('recorded requests', folders, (records) => {
  const sent = records.filter(({ request, status }) => request !== undefined && status === 200);

  for (const record of sent) {
    it(`keep their meaning through both codecs: ${record.file}`, () => {
      const body: JsonObject = deepFreeze(JSON.parse(record.request?.body ?? ''));
      const decoded = deepFreeze(ollama.request.decode(body, {}));
      const { body: again, dropped } = ollama.request.encode(decoded, { model: decoded.model });
      expect(dropped).toEqual([]);
      const expected = equivalentRequest(body);
      expect(equivalentRequest(again)).toEqual(improved[record.file]?.(expected) ?? expected);
    });
  }

  it('pass through as they are but for the name of the model, unless the API does not know a member', () => {
    for (const record of sent) {
      const body: JsonObject = JSON.parse(record.request?.body ?? '');
      const splices = ollama.request.passThrough(body, { model: 'other' });
      // Two clients write the temperature beside the options, where the server ignores it.
      expect([record.file, splices]).toEqual([record.file, 'temperature' in body ? undefined : [['model', '"other"']]]);
    }
  });
});

describeCorpus('recorded errors', folders, (records) => {
  for (const record of records.filter(({ status }) => status >= 400)) {
    it(`are read by their status: ${record.file}`, () => {
      if (record.digest?.kind !== 'error') throw new Error('no error');
      const fault = ollama.error.decode(record.status, headerReader(record.response.headers), record.response.body);
      expect([record.status, fault]).toEqual([
        404,
        { kind: 'model_not_found', message: record.digest.message, status: 404 },
      ]);
    });
  }

  for (const record of records.filter(({ features }) => features.has('err.midstream'))) {
    it(`end the stream in which they come: ${record.file}`, () => {
      const message = isChat(record) ? record.digest.error : undefined;
      expect(eventsOf([record.response.body]).at(-1)).toEqual({
        type: 'error',
        fault: { kind: 'server_error', message },
      });
    });
  }
});
