import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { awsEventStream } from '../../../src/wire/aws-event-stream-framing.ts';
import { streamProblems } from '../../support/bedrock-stream-grammar.ts';
import { decodeStream, decodeWireEvents, describeCorpus, digestOf, wireEvents } from '../../support/corpus.ts';
import { plainAnswers, replyFor } from '../contract/samples.ts';

const dialect = bedrockConverse();

function encoded(events: readonly ChatEvent[]): Buffer {
  const encoder = dialect.stream.encoder({ model: 'm', fallbackId: 'f', created: 1, includeUsage: true });
  return Buffer.concat(events.map((event) => Buffer.from(encoder.encode(event))));
}

/** What a Bedrock caller is told of a stream: no dialect of it has a word for refusals, nor for counts of reasoning. */
function meaning(events: readonly ChatEvent[]) {
  const { text, refusal, toolCalls, usage, reasoning, finish } = digestOf(collectEvents(events));
  return { said: text + refusal, toolCalls, input: usage?.input ?? 0, output: usage?.output ?? 0, reasoning, finish };
}

const others: readonly (readonly [folder: string, dialect: Dialect])[] = [
  ['openai-chat', openaiChat()],
  ['anthropic-messages', anthropicMessages()],
  ['gemini-generate', gemini()],
];

for (const [folder, other] of others) {
  describeCorpus(`recorded streams of ${folder}`, [folder], (records) => {
    it('reach a Bedrock caller with their meaning, in the grammar of the API', () => {
      let compared = 0;
      for (const record of records.filter(({ stream, status }) => stream && status === 200)) {
        const events = decodeStream(other.stream.decoder(), [record.response.body]);
        if (events.at(-1)?.type !== 'done' || !events.some(({ type }) => type === 'finish')) continue;
        const stream = encoded(events);
        expect({ file: record.file, problems: streamProblems(stream) }).toEqual({ file: record.file, problems: [] });
        const again = decodeWireEvents(dialect.stream.decoder(), wireEvents([stream], awsEventStream));
        const expected = meaning(events);
        // A natural end with calls waits for their results in every dialect but this provider's.
        const finish = expected.finish === 'stop' && expected.toolCalls.length > 0 ? 'tool_calls' : expected.finish;
        expect({ file: record.file, ...meaning(again) }).toEqual({ file: record.file, ...expected, finish });
        compared += 1;
      }
      expect(compared).toBeGreaterThan(20);
    });
  });
}

describe('whole answers of other dialects', () => {
  it('make proper streams', () => {
    for (const answer of plainAnswers) expect(streamProblems(encoded(answerToEvents(answer)))).toEqual([]);
  });

  it('have everything the official client demands', () => {
    for (const answer of plainAnswers) {
      expect(dialect.response.encode(answer, replyFor(answer))).toMatchObject({
        output: { message: { role: 'assistant' } },
        usage: { inputTokens: 12, outputTokens: 7, totalTokens: 19 },
        metrics: { latencyMs: 0 },
      });
    }
  });
});

/*
 * InvokeModel answers in the model's own words, wrapped in `chunk` frames. Chat goes to Converse, which has one form for
 * all models, so those words are not read here; the frames are.
 */
describeCorpus('recorded streams of InvokeModel', ['bedrock-invoke'], (records) => {
  it('are cut into frames with a base64 text in each', () => {
    const streams = records.filter(({ stream, status }) => stream && status === 200);
    expect(streams.length).toBeGreaterThan(5);
    for (const record of streams) {
      const frames = wireEvents([record.response.body], awsEventStream);
      expect(frames.length).toBeGreaterThan(0);
      for (const { event, data } of frames) {
        const native = JSON.parse(Buffer.from(JSON.parse(data).bytes, 'base64').toString('utf8'));
        expect([event, typeof native]).toEqual(['chunk', 'object']);
      }
    }
  });
});
