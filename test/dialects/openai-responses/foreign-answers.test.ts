import { expect, it } from '@jest/globals';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../../src/dialects/collect.ts';
import type { Dialect, ReplyContext } from '../../../src/dialects/dialect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { bodyText, type CorpusRecord, decodeStream, describeCorpus, digestOf } from '../../support/corpus.ts';
import { responseStreamProblems } from '../../support/openai-responses-stream-grammar.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { recordedFaults as chatFaults } from '../openai-chat/recorded.ts';
import { isAnswer } from './recorded.ts';

const caller = openaiResponses();
const reply: ReplyContext = {
  model: 'served-model',
  fallbackId: 'answer-1',
  created: 1_750_000_000,
  includeUsage: true,
};

const providers: Readonly<Record<string, Dialect>> = {
  'openai-chat': openaiChat(),
  'openrouter-chat': openaiChat(),
  'mistral-chat': openaiChat(),
  'groq-chat': openaiChat(),
  'anthropic-messages': anthropicMessages(),
  'gemini-generate': gemini(),
  'openai-responses': caller,
  'xai-responses': caller,
  'other-responses': caller,
};

function eventsOf(record: CorpusRecord): readonly ChatEvent[] | undefined {
  const provider = providers[record.folder] ?? caller;
  if (record.stream) {
    const events = decodeStream(provider.stream.decoder(), [record.response.body]);
    return events.at(-1)?.type === 'done' ? events : undefined;
  }
  const decoded = provider.response.decode(JSON.parse(bodyText(record)));
  // Whole answers of this dialect know ids that a stream would have told before the parts.
  return 'fault' in decoded || provider === caller ? undefined : answerToEvents(decoded.answer);
}

function encodeStream(events: readonly ChatEvent[]): string {
  const encoder = caller.stream.encoder(reply);
  return events.map((event) => encoder.encode(event)).join('');
}

/** A Responses API has one answer, whose calls say how it ended. */
function meaning(events: readonly ChatEvent[]) {
  return digestOf(collectEvents(events));
}

describeCorpus("other providers' recorded answers for callers", Object.keys(providers), (records) => {
  const isOwn = (record: CorpusRecord) => providers[record.folder] === caller;
  const answered = records.filter(
    (record) => record.status === 200 && isAnswer(record) && chatFaults[record.file] === undefined,
  );

  it.each(answered.map((record) => [record.file, record] as const))('%s: streams and whole answers', (_, record) => {
    const events = eventsOf(record);
    if (events === undefined) return;
    deepFreeze(events);
    const text = encodeStream(events);
    const problems = responseStreamProblems(text);
    // What the provider's own items hold beyond the grammar (reasoning in full, ids of other forms) comes back as it was.
    if (!isOwn(record)) expect(problems).toEqual([]);
    const again = decodeStream(caller.stream.decoder(), [Buffer.from(text)]);
    const expected = meaning(events);
    const received = meaning(again);
    expect({ ...received, finish: null, usage: null }).toEqual({ ...expected, finish: null, usage: null });
    expect([received.usage?.input, received.usage?.output]).toEqual([expected.usage?.input, expected.usage?.output]);

    const last = /^event: response\.(?:completed|incomplete)\ndata: (.*)$/m.exec(text)?.[1] ?? '{}';
    const whole = caller.response.encode(collectEvents(events), reply);
    expect(withoutLogprobs(JSON.parse(last).response)).toEqual(withoutLogprobs(whole));
  });
});

/** A stream made of a whole answer tells log probabilities too late. */
function withoutLogprobs(response: unknown): unknown {
  return JSON.parse(JSON.stringify(response), (key, value) => (key === 'logprobs' ? [] : value));
}
