import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { asArray, asObject, asString, isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatAnswer, ChatRequest, FaultKind } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { messageStreamProblems } from '../../support/anthropic-stream-grammar.ts';
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
  wireEvents,
} from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { replyFor } from '../contract/samples.ts';
import { equivalentAnswer, equivalentRequest } from './equivalent.ts';

const folders = ['anthropic-messages', 'vertex-anthropic'];
const direct = anthropicMessages();
const onVertex = anthropicMessages({ bodyVersion: 'vertex-2023-10-16' });

/** Where our reading is another one than the record's, and why. */
const otherReadings: Readonly<Record<string, (expected: Digest) => Digest>> = {
  // The record leaves the explanation of a refusal out of the texts.
  'anthropic-messages/94e731bae7-stream-refusal.json': withRefusal,
  'anthropic-messages/f928dc3ea5-json-refusal.json': withRefusal,
  // Streams that broke off: the record counts what `message_start` announced, whose output is a placeholder.
  'anthropic-messages/d72a181bff-stream-stream-error-inside-tool-json.json': withoutUsage,
  'anthropic-messages/f998e4b105-stream-stream-truncated-no-message-stop.json': withoutUsage,
};

/** Three answers in one file, of which the record describes the last: a stream ends with its `message_stop`. */
const severalAnswers = 'anthropic-messages/ea798d68de-stream-tool-calls-parallel-tool-call-text.json';

function withRefusal(expected: Digest): Digest {
  const refusal =
    "This request triggered restrictions on violative cyber content and was blocked under Anthropic's Usage Policy.";
  return { ...expected, refusal };
}

function withoutUsage(expected: Digest): Digest {
  return { ...expected, usage: null };
}

type ChatRecord = CorpusRecord & { readonly digest: ChatRecordDigest };

function isChat(record: CorpusRecord): record is ChatRecord {
  return record.status === 200 && record.digest?.kind === 'chat' && record.file !== severalAnswers;
}

/** Records of whole answers, or of streams that were not cut. */
function isComplete(record: CorpusRecord): record is ChatRecord {
  return isChat(record) && record.digest.finish !== null;
}

function answerOf(record: CorpusRecord): ChatAnswer {
  if (record.stream) return collectEvents(decodeStream(direct.stream.decoder(), [record.response.body]));
  const decoded = direct.response.decode(deepFreeze(JSON.parse(bodyText(record))));
  if ('fault' in decoded) throw new Error(`${record.file} was read as a fault`);
  return deepFreeze(decoded.answer);
}

describeCorpus('recorded answers', folders, (records) => {
  const chats = records.filter(isChat);

  for (const record of chats.filter(({ stream }) => !stream)) {
    it(`mean what ${record.file} says`, () => {
      const expected = recordedDigest(record.digest);
      expect(digestOf(answerOf(record))).toEqual(otherReadings[record.file]?.(expected) ?? expected);
    });
  }

  for (const record of chats.filter(({ stream }) => stream)) {
    it(`mean what ${record.file} says, however they were cut`, () => {
      const recorded = recordedDigest(record.digest);
      const expected = otherReadings[record.file]?.(recorded) ?? recorded;
      for (const cut of [...cutsOf(record), ...everyByteCuts(record.response.body)]) {
        const found = digestOfEvents(decodeStream(direct.stream.decoder(), cut.chunks));
        if (!isDeepStrictEqual(found, expected)) {
          expect({ cut: cut.name, ...found }).toEqual({ cut: cut.name, ...expected });
        }
      }
    });
  }

  it('end with their first message_stop', () => {
    const record = records.find(({ file }) => file === severalAnswers);
    if (record !== undefined) expect(digestOf(answerOf(record))).toMatchObject({ finish: 'tool_calls' });
  });

  it('come out as they came in, when they are whole', () => {
    for (const record of chats.filter(({ stream }) => !stream)) {
      const body: JsonObject = JSON.parse(bodyText(record));
      const answer = answerOf(record);
      expect(equivalentAnswer(direct.response.encode(answer, replyFor(answer)))).toEqual(equivalentAnswer(body));
    }
  });

  it('come out as streams that mean the same, in proper frames', () => {
    for (const record of records.filter(isComplete)) {
      const answer = answerOf(record);
      const events = record.stream ? decodeStream(direct.stream.decoder(), [record.response.body]) : [];
      const encoder = direct.stream.encoder(replyFor(answer));
      const text = events.map((event) => encoder.encode(event)).join('');
      if (record.stream) {
        expect({ file: record.file, problems: messageStreamProblems(text) }).toEqual({
          file: record.file,
          problems: [],
        });
        expect(collectEvents(decodeStream(direct.stream.decoder(), [Buffer.from(text)]))).toEqual(answer);
      }
    }
  });
});

describeCorpus('recorded requests', folders, (records) => {
  for (const record of records.filter(({ request, status }) => request !== undefined && status === 200)) {
    it(`keep their meaning through both codecs: ${record.file}`, () => {
      const body: JsonObject = deepFreeze(JSON.parse(record.request?.body ?? ''));
      const dialect = body.model === undefined ? onVertex : direct;
      const model = modelOf(record, body);
      const decoded = deepFreeze(dialect.request.decode(body, { model }));
      const encoded = dialect.request.encode(decoded, { model });
      expect(encoded.dropped).toEqual([]);
      expect(equivalentRequest(encoded.body)).toEqual(equivalentRequest(body));
    });
  }

  it('pass through as they are to the model they name, and with another name to one like it', () => {
    for (const record of records.filter(({ request, status }) => request !== undefined && status === 200)) {
      const body: JsonObject = JSON.parse(record.request?.body ?? '');
      const model = modelOf(record, body);
      const splices = (name: string) => direct.request.passThrough(body, { model: name });
      // Structured outputs of the beta are rewritten; a body without a model belongs to Vertex AI.
      const fits = body.model !== undefined && !('output_format' in body);
      expect({ file: record.file, splices: splices(model) }).toEqual({
        file: record.file,
        splices: fits ? [] : undefined,
      });
      expect({ file: record.file, splices: splices(`eu.${model}`) }).toEqual({
        file: record.file,
        splices: fits ? [['model', JSON.stringify(`eu.${model}`)]] : undefined,
      });
    }
  });
});

function modelOf(record: CorpusRecord, body: JsonObject): string {
  return asString(body.model) ?? /models\/([^:]+):/.exec(record.request?.path ?? '')?.[1] ?? '';
}

const kinds: Readonly<Record<number, FaultKind>> = {
  400: 'invalid_request',
  401: 'auth',
  403: 'auth',
  404: 'model_not_found',
  413: 'invalid_request',
  429: 'rate_limit',
  504: 'timeout',
  529: 'server_error',
};

describeCorpus('recorded errors', folders, (records) => {
  for (const record of records.filter(({ status }) => status >= 400)) {
    it(`are read by status and type: ${record.file}`, () => {
      if (record.digest?.kind !== 'error') throw new Error('no error');
      const headers = headerReader(record.response.headers);
      const fault = direct.error.decode(record.status, headers, record.response.body);
      const isOverflow = bodyText(record).includes('prompt is too long');
      expect(fault).toMatchObject({
        kind: isOverflow ? 'context_window' : kinds[record.status],
        status: record.status,
        code: record.digest.type,
        message: record.digest.message,
      });
      const wait = record.response.headers['retry-after'];
      expect(fault.retryAfterMs).toBe(wait === undefined ? undefined : Number(wait) * 1000);
    });
  }
});

describeCorpus('recorded thinking', folders, (records) => {
  const signed = records.filter(
    ({ features }) => features.has('out.signature') || features.has('out.redacted_thinking'),
  );
  for (const record of signed.filter(isComplete)) {
    it(`goes back byte for byte: ${record.file}`, () => {
      const request: ChatRequest = {
        model: 'claude-sonnet-4-5',
        messages: [
          { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
          { role: 'assistant', parts: answerOf(record).choices[0]?.parts ?? [] },
          { role: 'user', parts: [{ type: 'text', text: 'Go on.' }] },
        ],
        reasoning: { enabled: true, budgetTokens: 1024 },
        maxOutputTokens: 4000,
        stream: false,
        includeUsage: false,
      };
      const { body, dropped } = direct.request.encode(request, { model: 'claude-sonnet-4-5' });
      const sent = asArray(asObject(asArray(body.messages)[1])?.content).filter(isThinking);
      expect(sent).toEqual(thinkingBlocks(record));
      expect(sent.length).toBeGreaterThan(0);
      expect(dropped).toEqual([]);
    });
  }
});

function isThinking(block: unknown): boolean {
  return isJsonObject(block) && (block.type === 'thinking' || block.type === 'redacted_thinking');
}

/** The thinking of a record, put together without the codec. */
function thinkingBlocks(record: CorpusRecord): readonly JsonObject[] {
  if (!record.stream) return JSON.parse(bodyText(record)).content.filter(isThinking);
  const blocks: Record<string, string>[] = [];
  for (const { data } of wireEvents([record.response.body])) {
    const { type, index, delta, content_block: block } = JSON.parse(data);
    if (type === 'content_block_start') blocks[index] = block;
    if (type !== 'content_block_delta') continue;
    const open = blocks[index] ?? {};
    if (delta.type === 'thinking_delta') open.thinking = `${open.thinking}${delta.thinking}`;
    if (delta.type === 'signature_delta') open.signature = delta.signature;
  }
  return blocks.filter(isThinking);
}
