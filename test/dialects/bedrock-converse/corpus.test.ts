import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { asArray, asObject, isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { ChatAnswer, ChatRequest, FaultKind } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { awsEventStream } from '../../../src/wire/aws-event-stream-framing.ts';
import { streamProblems } from '../../support/bedrock-stream-grammar.ts';
import {
  bodyText,
  type ChatRecordDigest,
  type CorpusRecord,
  cutsOf,
  type Digest,
  decodeWireEvents,
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

const folders = ['bedrock-converse'];
const dialect = bedrockConverse();

/** Not frames but the events of a stream, as lines of JSON. */
const asLines = 'bedrock-converse/e3702356e0-stream-tool-call-text.json';
/** Damaged on purpose. */
const damaged = 'bedrock-converse/8b04644715-stream-misc.json';

const demanded = { metrics: { latencyMs: 0 }, usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 } };

/** Where our reading is another one than the record's, and why. */
const otherReadings: Readonly<Record<string, (expected: Digest) => Digest>> = {
  // The record lists tools the provider runs among those of the caller.
  'bedrock-converse/32cbabf189-json-tool-call-citations-text.json': withoutProviderTools,
  'bedrock-converse/d041542300-json-tool-result-tool-calls-parallel-tool-call.json': withoutProviderTools,
  'bedrock-converse/7dfb0893ac-stream-tool-calls-parallel-tool-call-system.json': withoutProviderTools,
};

function withoutProviderTools(expected: Digest): Digest {
  return { ...expected, toolCalls: expected.toolCalls.filter(({ name }) => !name.startsWith('nova_')) };
}

type ChatRecord = CorpusRecord & { readonly digest: ChatRecordDigest };

function isChat(record: CorpusRecord): record is ChatRecord {
  return record.status === 200 && record.digest?.kind === 'chat';
}

function eventsOf(record: CorpusRecord, chunks: Iterable<Uint8Array> = [record.response.body]) {
  const events = record.file === asLines ? lineEvents(record) : wireEvents(chunks, awsEventStream);
  return decodeWireEvents(dialect.stream.decoder(), events);
}

function lineEvents(record: CorpusRecord) {
  return bodyText(record)
    .trim()
    .split('\n')
    .map((line) => {
      const [event = '', data] = Object.entries(JSON.parse(line))[0] ?? [];
      return { event, data: JSON.stringify(data) };
    });
}

function answerOf(record: CorpusRecord): ChatAnswer {
  if (record.stream) return deepFreeze(collectEvents(eventsOf(record)));
  const decoded = dialect.response.decode(deepFreeze(JSON.parse(bodyText(record))));
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
      const cuts = record.file === asLines ? [] : [...cutsOf(record), ...everyByteCuts(record.response.body)];
      for (const cut of [{ name: 'whole', chunks: [record.response.body] }, ...cuts]) {
        const found = digestOfEvents(eventsOf(record, cut.chunks));
        if (!isDeepStrictEqual(found, expected)) {
          expect({ cut: cut.name, ...found }).toEqual({ cut: cut.name, ...expected });
        }
      }
    });
  }

  it('are refused where a frame is damaged', () => {
    const record = records.find(({ file }) => file === damaged);
    expect(() => wireEvents([record?.response.body ?? new Uint8Array()], awsEventStream)).toThrow(
      expect.objectContaining({ name: 'EventStreamError' }),
    );
  });

  it('end with an exception where the provider broke off', () => {
    const broken = chats.filter(({ digest }) => digest.error !== undefined);
    expect(broken.map((record) => eventsOf(record).at(-1))).toEqual([
      {
        type: 'error',
        fault: {
          kind: 'rate_limit',
          code: 'throttlingException',
          message: 'Too many requests, please wait before trying again.',
        },
      },
    ]);
  });

  it('come out as they came in, when they are whole', () => {
    for (const record of chats.filter(({ stream }) => !stream)) {
      const body: JsonObject = JSON.parse(bodyText(record));
      const answer = answerOf(record);
      expect({ file: record.file, body: equivalentAnswer(dialect.response.encode(answer, replyFor(answer))) }).toEqual({
        file: record.file,
        // Two made-up answers lack what clients demand.
        body: equivalentAnswer({ ...demanded, ...body }),
      });
    }
  });

  it('come out as streams that mean the same, in proper frames', () => {
    for (const record of chats.filter(({ stream, digest }) => stream && digest.finish !== null)) {
      const answer = answerOf(record);
      const encoder = dialect.stream.encoder(replyFor(answer));
      const bytes = Buffer.concat(eventsOf(record).map((event) => Buffer.from(encoder.encode(event))));
      expect({ file: record.file, problems: streamProblems(bytes) }).toEqual({ file: record.file, problems: [] });
      const again = decodeWireEvents(dialect.stream.decoder(), wireEvents([bytes], awsEventStream));
      expect(collectEvents(again)).toEqual(answer);
    }
  });
});

/** A made-up request: this model has no structured outputs, so its schema goes out as a tool that has to be called. */
const rewritten = 'bedrock-converse/ee7daa0420-json-json-schema-text.json';

describeCorpus('recorded requests', folders, (records) => {
  const sent = records.filter(({ request, status }) => request !== undefined && status === 200);
  for (const record of sent.filter(({ file }) => file !== rewritten)) {
    it(`keep their meaning through both codecs: ${record.file}`, () => {
      const body: JsonObject = deepFreeze(JSON.parse(record.request?.body ?? ''));
      const model = modelOf(record);
      const decoded = deepFreeze(dialect.request.decode(body, { model, stream: record.stream }));
      const encoded = dialect.request.encode(decoded, { model });
      expect({ dropped: encoded.dropped, body: equivalentRequest(encoded.body) }).toEqual({
        dropped: [],
        body: equivalentRequest(body),
      });
      expect(decoded.stream).toBe(record.stream);
    });
  }

  it('ask for a schema by a tool where the model has nothing else', () => {
    const record = records.find(({ file }) => file === rewritten);
    const model = 'anthropic.claude-3-sonnet-20240229-v1:0';
    const decoded = dialect.request.decode(JSON.parse(record?.request?.body ?? ''), { model });
    const { body, dropped } = dialect.request.encode(decoded, { model });
    expect({ dropped, outputConfig: body.outputConfig }).toEqual({ dropped: [], outputConfig: undefined });
    expect(body.toolConfig).toMatchObject({
      tools: [{ toolSpec: { inputSchema: { json: { properties: { score_eval: { type: 'number' } } } } } }],
      toolChoice: { tool: { name: 'gateway__give_the_answer_as_json' } },
    });
  });

  it('pass through as they are, unless they have fields of one family of models', () => {
    const passed = sent.filter((record) => {
      const body: JsonObject = JSON.parse(record.request?.body ?? '');
      return dialect.request.passThrough(body, { model: modelOf(record) }) !== undefined;
    });
    expect(passed.length).toBeGreaterThan(sent.length / 2);
  });
});

function modelOf(record: CorpusRecord): string {
  return decodeURIComponent(/\/model\/([^/]+)\//.exec(record.request?.path ?? '')?.[1] ?? '');
}

const kinds: Readonly<Record<number, FaultKind>> = {
  400: 'invalid_request',
  403: 'auth',
  404: 'model_not_found',
  503: 'server_error',
};

describeCorpus('recorded errors', folders, (records) => {
  for (const record of records.filter(({ status }) => status >= 400)) {
    it(`are read by status and type: ${record.file}`, () => {
      const headers = headerReader(record.response.headers);
      const fault = dialect.error.decode(record.status, headers, record.response.body);
      const message: string = JSON.parse(bodyText(record)).message;
      const noModel = /model identifier is invalid|on-demand throughput/.test(message);
      expect(fault).toMatchObject({
        kind: noModel ? 'model_not_found' : kinds[record.status],
        status: record.status,
        message,
      });
      expect(fault.code).toBe(record.response.headers['x-amzn-errortype']?.split(':')[0]);
    });
  }
});

describeCorpus('recorded reasoning', folders, (records) => {
  const signed = records.filter(isChat).filter((record) => reasoningOf(record).length > 0);

  it('is there', () => expect(signed.length).toBeGreaterThan(8));

  for (const record of signed) {
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
      const { body, dropped } = dialect.request.encode(request, { model: 'anthropic.claude-sonnet-4-5-20250929-v1:0' });
      const content = asArray(asObject(asArray(body.messages)[1])?.content);
      const sent = content.map((block) => asObject(block)?.reasoningContent).filter((given) => given !== undefined);
      expect(sent).toEqual(reasoningOf(record));
      expect(dropped).toEqual([]);
    });
  }
});

/** The signed or redacted reasoning of a record, put together without the codec. */
function reasoningOf(record: CorpusRecord): readonly JsonObject[] {
  const contents = record.stream ? streamedReasoning(record) : wholeReasoning(record);
  return contents.filter((content) => {
    return content.redactedContent !== undefined || asObject(content.reasoningText)?.signature !== undefined;
  });
}

function wholeReasoning(record: CorpusRecord): readonly JsonObject[] {
  const blocks = JSON.parse(bodyText(record)).output?.message?.content;
  return asArray(blocks).flatMap((block) => {
    const content = asObject(asObject(block)?.reasoningContent);
    return content === undefined ? [] : [content];
  });
}

function streamedReasoning(record: CorpusRecord): readonly JsonObject[] {
  if (record.file === asLines) return [];
  const blocks: { text: string; signature: string; redacted: string }[] = [];
  for (const { event, data } of wireEvents([record.response.body], awsEventStream)) {
    if (event !== 'contentBlockDelta') continue;
    const { contentBlockIndex: index, delta } = JSON.parse(data);
    const content = delta.reasoningContent;
    if (!isJsonObject(content)) continue;
    blocks[index] ??= { text: '', signature: '', redacted: '' };
    blocks[index].text += content.text ?? '';
    blocks[index].signature += content.signature ?? '';
    blocks[index].redacted += content.redactedContent ?? '';
  }
  return blocks.flatMap(({ text, signature, redacted }): JsonObject[] => {
    if (redacted !== '') return [{ redactedContent: redacted }];
    return [{ reasoningText: { text, ...(signature !== '' && { signature }) } }];
  });
}
