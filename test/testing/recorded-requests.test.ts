import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../src/core/json.ts';
import { anthropicMessages } from '../../src/testing/anthropic-messages/index.ts';
import { bedrockConverse } from '../../src/testing/bedrock-converse/index.ts';
import { cohereChat } from '../../src/testing/cohere-chat/index.ts';
import { gemini } from '../../src/testing/gemini/index.ts';
import { ollamaChat } from '../../src/testing/ollama-chat/index.ts';
import { openaiChat } from '../../src/testing/openai-chat/index.ts';
import { openaiResponses } from '../../src/testing/openai-responses/index.ts';
import type { ChatRoute, Personality, Refusal, WireRequest } from '../../src/testing/personality.ts';
import { type CorpusRecord, describeCorpus } from '../support/corpus.ts';

const vendors: readonly (readonly [folder: string, personality: Personality])[] = [
  ['openai-chat', openaiChat],
  ['openai-responses', openaiResponses],
  ['anthropic-messages', anthropicMessages],
  ['gemini-generate', gemini],
  ['bedrock-converse', bedrockConverse],
  ['ollama-chat', ollamaChat],
  ['cohere-chat-v2', cohereChat],
];

/** Signatures and ids that only the vendor can check: a fake one must refuse what it has not given itself. */
const foreignSignature =
  /Invalid `signature` in `thinking` block|encrypted content .* could not be verified|Item with id/;

for (const [folder, personality] of vendors) {
  describeCorpus(`requests that ${folder} answered`, [folder], (records) => {
    const sent = records.filter((record) => record.request !== undefined);

    it('are all taken by the fake provider, and understood', () => {
      const refused = sent
        .filter((record) => record.status === 200)
        .map((record) => ({ id: record.id, message: judge(personality, record)?.message }))
        .filter(({ message }) => message !== undefined && !foreignSignature.test(message));
      expect(sent.length).toBeGreaterThan(30);
      expect(refused).toEqual([]);
    });
  });
}

function judge(personality: Personality, record: CorpusRecord): Refusal | undefined {
  const json: JsonValue = JSON.parse(record.request?.body ?? '');
  const path = (record.request?.path ?? '').replace(/^.*\/models\//, '/v1beta/models/');
  const request: WireRequest = {
    method: 'POST',
    path: paths[personality.dialect] ?? path,
    query: new URLSearchParams('alt=sse'),
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    json,
  };
  const route = personality.route(request);
  // A chat with a model that answers with a picture.
  if (route?.operation === 'images') return route.refuse(request);
  expect([record.id, route?.operation]).toEqual([record.id, 'chat']);
  const refusal = personality.refuseRequest(request, route as ChatRoute);
  if (refusal === undefined)
    personality.readPrompt(json as Parameters<Personality['readPrompt']>[0], route as ChatRoute);
  return refusal;
}

const paths: Readonly<Record<string, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
  'ollama-chat': '/api/chat',
  'cohere-chat': '/v2/chat',
};
